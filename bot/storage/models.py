"""The tables. Nothing here holds a person's words, name or channel id (DESIGN, decision 7)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, LargeBinary, String
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


class CatalogueRow(Base):
    """One version of the catalogue, never changed once it is there; the highest number serves.

    `records` are all procedures as gzipped JSON lines, `digest` their SHA-256; `imported` the codes that the
    operator's own sources gave; `base` the digest of the shipped facts that it was built on.
    """

    __tablename__ = "catalogue_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    base: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(200))
    procedures: Mapped[int]
    imported: Mapped[list[str]] = mapped_column(JSON)
    records: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class WordingRow(Base):
    """The portal's own sentences about one procedure; `id` is a digest of them."""

    __tablename__ = "official_wording"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), index=True)
    taken: Mapped[date] = mapped_column(Date)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
