"""Short ways to fill inbox and outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from bot.dialogue.state import ConversationState
from bot.messages import Message
from bot.storage.inbox import Answer, Claimed, Incoming, SqlInbox
from bot.storage.models import Base
from bot.storage.outbox import SqlOutbox
from bot.storage.sealing import Seal

SEAL = Seal(b"k" * 32, "tests")
BEGUN = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def inbox(
    engine: Engine, *, most_waiting: int = 100, most_each: int = 10, most_a_minute: int = 60
) -> SqlInbox:
    return SqlInbox(engine, SEAL, most_waiting=most_waiting, most_each=most_each, most_a_minute=most_a_minute)


def outbox(engine: Engine) -> SqlOutbox:
    return SqlOutbox(engine, SEAL)


def incoming(id_: str, who: str = "an", at_s: float = 0.0, **other: Any) -> Incoming:
    values = {
        "update_id": id_,
        "conversation": f"hash-of-{who}",
        "happened": "message",
        "sender": who,
        "chat": f"chat-of-{who}",
        "message": Message(f"words of {id_}"),
        "quote": None,
        "sent_at": BEGUN + timedelta(seconds=at_s),
    }
    return Incoming(**{**values, **other})


def claimed(box: SqlInbox, owner: str = "w", for_s: float = 30.0) -> Claimed:
    one = box.claim(owner, for_s)
    assert one is not None
    return one


def answered(engine: Engine, id_: str, *parts: str, who: str = "an", erases: bool = False) -> None:
    """Take and work one message; what is to be sent waits in the outbox."""
    box = inbox(engine)
    box.accept("telegram", [incoming(id_, who)])
    box.finish(
        claimed(box), Answer(ConversationState(), tuple({"text": part} for part in parts), erases=erases)
    )


def rows(engine: Engine, table: type[Base]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(table).order_by(*table.__table__.primary_key)))
