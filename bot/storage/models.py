"""The tables. A conversation is a keyed hash everywhere (DESIGN, decision 7).

Words of a person stand, masked, only in rows that are still to be worked or sent; the channel's own id only
sealed in `delivery_address`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, DateTime, Index, LargeBinary, String, UniqueConstraint
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


class InboxRow(Base):
    """One message that came in, unique by channel and the vendor's update id. `body` goes once worked."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "update_id"),
        Index("ix_inbox_status_conversation", "status", "conversation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    channel: Mapped[str] = mapped_column(String(20))
    update_id: Mapped[str] = mapped_column(String(160))
    conversation: Mapped[str] = mapped_column(String(KEY_LENGTH))
    happened: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str] = mapped_column(String(10))  # new, done, ignored
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class LeaseRow(Base):
    """Who works a conversation, until when; `number` grows with every claim."""

    __tablename__ = "lease"

    conversation: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    number: Mapped[int]
    owner: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OutboxRow(Base):
    """One part to send. `body` goes once it is sent; `resent` counts sends after one that was not marked."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("inbox_id", "place"),
        Index("ix_outbox_status_next_at", "status", "next_at"),
        Index("ix_outbox_conversation_status", "conversation", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    inbox_id: Mapped[int]
    place: Mapped[int]
    conversation: Mapped[str] = mapped_column(String(KEY_LENGTH))
    channel: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    status: Mapped[str] = mapped_column(String(10))  # waiting, sending, sent, dead
    erases: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    resent: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    owner: Mapped[str] = mapped_column(String(40), default="")
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AddressRow(Base):
    """Where a conversation's answers go: the only place with the channel's own ids, sealed.

    `free_used` counts the replies since the person's last message (`wrote_at`); `gone`: cannot be reached.
    """

    __tablename__ = "delivery_address"

    conversation: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    gone: Mapped[bool] = mapped_column(default=False)
    free_used: Mapped[int] = mapped_column(default=0)
    wrote_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class TokenRow(Base):
    """A channel's OAuth pair, sealed; `failure` says why it could not be renewed, "" where it could."""

    __tablename__ = "channel_token"

    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    failure: Mapped[str] = mapped_column(String(200), default="")
