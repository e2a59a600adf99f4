"""The tables. Nothing here holds a person's words, name or channel id (DESIGN, decision 7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY_LENGTH = 64


class Base(DeclarativeBase):
    """Base of all tables."""


class ConversationRow(Base):
    """One conversation: `id` is a keyed hash of channel and sender, `version` counts its turns."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
