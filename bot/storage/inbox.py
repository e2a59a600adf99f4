"""The inbox: what came in, once each; and the claim of a conversation, one worker at a time.

A row goes from "new" to "done" in the same transaction that stores the new state and the answer. A worker
that dies leaves its lease to run out; then the next one begins again with the oldest row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, or_, select, update

from bot.dialogue.state import ConversationState
from bot.messages import Message, MessageKind
from bot.storage.database import writing
from bot.storage.leases import leasing, upserting
from bot.storage.models import AddressRow, ConversationRow, InboxRow, LeaseRow, OutboxRow
from bot.storage.quiet import Quiet
from bot.storage.sealing import Seal

NEW, DONE, IGNORED = "new", "done", "ignored"
WAITING = "waiting"


class InboxFull(RuntimeError):
    """Too much is waiting already: the vendor may deliver it again later."""


class LeaseLost(RuntimeError):
    """Another worker has the conversation by now: what was computed is thrown away."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update to be kept: masked already. `sender` and `chat` are the channel's own ids."""

    update_id: str
    conversation: str
    happened: str
    sender: str
    chat: str
    message: Message | None
    quote: str | None
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A conversation held under a lease, with its oldest message and the state to answer it in.

    `attempts` counts earlier claims of the message; `chat` is the channel's own id, None where it is gone.
    """

    lease: int
    owner: str
    inbox_id: int
    channel: str
    conversation: str
    happened: str
    message: Message | None
    quote: str | None
    sent_at: datetime
    attempts: int
    state: ConversationState
    version: int
    free_used: int
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worked message leaves: the state after it, the parts to send, whether all is to be forgotten."""

    state: ConversationState | None
    parts: tuple[dict[str, Any], ...] = ()
    erases: bool = False


class SqlInbox:
    """The inbox of one database; safe to use from several threads and processes."""

    def __init__(
        self, engine: Engine, seal: Seal, *, most_waiting: int, most_each: int, most_a_minute: int = 60
    ) -> None:
        self._engine = engine
        self._seal = seal
        self._most_waiting = most_waiting
        self._most_each = most_each
        self._most_a_minute = most_a_minute
        self._quiet = Quiet(engine)

    def accept(self, channel: str, updates: Sequence[Incoming]) -> int:
        """Keep `updates`; return how many were new. What was delivered before changes nothing.

        A conversation with too many waiting, or within a minute, has the rest kept without words ("ignored"):
        one person cannot fill the queue. Raises InboxFull where the whole queue is full.
        """
        with writing(self._engine) as connection:
            waiting = connection.scalar(select(func.count()).where(InboxRow.status == NEW)) or 0
            if waiting + len(updates) > self._most_waiting:
                raise InboxFull(f"{waiting} messages are waiting")
            return sum(self._keep(connection, channel, one) for one in updates)

    def claim(self, owner: str, for_s: float) -> Claimed | None:
        """Hold the conversation with the oldest message for `for_s` seconds; None where none is free."""
        now = datetime.now(UTC)
        if self._quiet.holds(_oldest_free(), now=now):
            return None
        with writing(self._engine) as connection:
            conversation = connection.scalar(_oldest_free(), {"now": now})
            self._quiet.found = conversation is not None
            if conversation is None:
                return None
            number = connection.scalar(leasing(connection, conversation, owner, for_s))
            if number is None:  # somebody else was quicker
                return None
            return self._claimed(connection, conversation, number, owner)

    def finish(self, claimed: Claimed, answer: Answer) -> tuple[int, ...]:
        """Store state and answer and mark the message, all or nothing; return the ids of the parts to send.

        Raises LeaseLost where the lease no longer stands.
        """
        now = datetime.now(UTC)
        marked = (
            update(InboxRow)
            .where(InboxRow.id == claimed.inbox_id, InboxRow.status == NEW)
            .values(status=DONE, body=None)
        )
        with writing(self._engine) as connection:
            # The message before the lease, as a claim locks them: the other way round the two could wait for
            # each other.
            if connection.execute(marked).rowcount != 1:
                raise LeaseLost("the message was worked already")
            self._release(connection, claimed)
            if answer.erases or answer.state is None:
                connection.execute(delete(ConversationRow).where(ConversationRow.id == claimed.conversation))
            else:
                self._save(connection, claimed, answer.state, now)
            return tuple(
                _post(connection, claimed, place, part, erases=answer.erases)
                for place, part in enumerate(answer.parts)
            )

    def failed(self, claimed: Claimed) -> None:
        """Give the conversation back; the claim has counted the attempt. Raises LeaseLost."""
        with writing(self._engine) as connection:
            self._release(connection, claimed)

    def pass_over(self, claimed: Claimed, before: datetime) -> int:
        """Mark the other waiting messages of the conversation sent until `before` as done; return how many.

        The claimed one stays: after a pause one greeting answers them all.
        """
        with writing(self._engine) as connection:
            old = (
                update(InboxRow)
                .where(InboxRow.conversation == claimed.conversation, InboxRow.status == NEW)
                .where(InboxRow.id != claimed.inbox_id, InboxRow.sent_at < before)
                .values(status=DONE, body=None)
            )
            return connection.execute(old).rowcount

    def counts(self) -> dict[str, int]:
        """Return how many messages there are by status."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(InboxRow.status, func.count()).group_by(InboxRow.status))
            return {str(row[0]): int(row[1]) for row in rows}

    def forget(self, before: datetime) -> int:
        """Delete worked rows received before that time; return how many. They hold no words any more."""
        with writing(self._engine) as connection:
            old = delete(InboxRow).where(InboxRow.received_at < before, InboxRow.status != NEW)
            return connection.execute(old).rowcount

    # ---- inside a transaction ------------------------------------------------------------------------------

    def _keep(self, connection: Connection, channel: str, one: Incoming) -> bool:
        crowded = self._crowded(connection, one.conversation)
        body = {"text": one.message.text, "kind": one.message.kind.value} if one.message else {}
        values = {
            "channel": channel,
            "update_id": one.update_id,
            "conversation": one.conversation,
            "happened": one.happened,
            "body": None if crowded else {**body, "quote": one.quote},
            "status": IGNORED if crowded else NEW,
            "attempts": 0,
            "sent_at": one.sent_at,
            "received_at": datetime.now(UTC),
        }
        # Told by the returned id: PostgreSQL's driver gives no count of rows for an INSERT.
        added = upserting(connection, InboxRow).values(values).on_conflict_do_nothing()
        if connection.scalar(added.returning(InboxRow.id)) is None:
            return False
        self._note_address(connection, channel, one)
        return True

    def _crowded(self, connection: Connection, conversation: str) -> bool:
        row = InboxRow
        lately = row.received_at > datetime.now(UTC) - timedelta(minutes=1)
        waiting, recent = connection.execute(
            select(func.count().filter(row.status == NEW), func.count().filter(lately)).where(
                row.conversation == conversation, row.status.in_((NEW, DONE, IGNORED))
            )
        ).one()
        return bool(waiting >= self._most_each or recent >= self._most_a_minute)

    def _note_address(self, connection: Connection, channel: str, one: Incoming) -> None:
        values = {
            "channel": channel,
            "sealed": self._seal.close({"sender": one.sender, "chat": one.chat}),
            "gone": one.happened == "left",
            "free_used": 0,
            "wrote_at": one.sent_at,
        }
        added = upserting(connection, AddressRow).values(conversation=one.conversation, **values)
        connection.execute(added.on_conflict_do_update(index_elements=[AddressRow.conversation], set_=values))

    def _claimed(self, connection: Connection, conversation: str, number: int, owner: str) -> Claimed | None:
        row = InboxRow
        found = connection.execute(
            select(row)
            .where(row.conversation == conversation, row.status == NEW)
            .order_by(row.sent_at, row.id)
            .limit(1)
        ).one_or_none()
        if found is None:
            return None
        stored = connection.execute(
            select(ConversationRow.state, ConversationRow.version).where(ConversationRow.id == conversation)
        ).one_or_none()
        # Counted now: a message that ends the very process must not be tried without end.
        connection.execute(update(row).where(row.id == found.id).values(attempts=found.attempts + 1))
        address = connection.execute(
            select(AddressRow.free_used, AddressRow.sealed).where(AddressRow.conversation == conversation)
        ).one_or_none()
        body = found.body or {}
        text = body.get("text")
        return Claimed(
            lease=number,
            owner=owner,
            inbox_id=found.id,
            channel=found.channel,
            conversation=conversation,
            happened=found.happened,
            message=None if text is None else Message(text, MessageKind(body["kind"])),
            quote=body.get("quote"),
            sent_at=found.sent_at.replace(tzinfo=UTC),
            attempts=found.attempts,
            state=_state(stored.state) if stored else ConversationState(),
            version=stored.version if stored else 0,
            free_used=address.free_used if address else 0,
            chat=self._seal.chat(address.sealed) if address else None,
        )

    def _release(self, connection: Connection, claimed: Claimed) -> None:
        row = LeaseRow
        freed = (
            update(row)
            .where(row.conversation == claimed.conversation, row.number == claimed.lease)
            .where(row.owner == claimed.owner)
            .values(until=datetime.fromtimestamp(0, UTC))
        )
        if connection.execute(freed).rowcount != 1:
            raise LeaseLost("another worker has the conversation")

    def _save(
        self, connection: Connection, claimed: Claimed, state: ConversationState, now: datetime
    ) -> None:
        values = {
            "state": state.model_dump(mode="json"),
            "version": claimed.version + 1,
            "updated_at": now,
        }
        added = upserting(connection, ConversationRow).values(id=claimed.conversation, **values)
        connection.execute(added.on_conflict_do_update(index_elements=[ConversationRow.id], set_=values))


def _post(connection: Connection, claimed: Claimed, place: int, part: dict[str, Any], *, erases: bool) -> int:
    now = datetime.now(UTC)
    added = insert(OutboxRow).values(
        inbox_id=claimed.inbox_id,
        place=place,
        conversation=claimed.conversation,
        channel=claimed.channel,
        body=part,
        status=WAITING,
        erases=erases,
        attempts=0,
        resent=0,
        next_at=now,
        owner="",
        error="",
        created_at=now,
    )
    return int(connection.execute(added.returning(OutboxRow.id)).scalar_one())


@cache  # to build it takes longer than to run it, and it is asked ever again
def _oldest_free() -> Any:  # noqa: ANN401  (a statement, whose type says nothing)
    """The conversation of the oldest message that nobody works, at the time `now`."""
    row = InboxRow
    free = or_(LeaseRow.until.is_(None), LeaseRow.until < bindparam("now", type_=LeaseRow.until.type))
    return (
        select(row.conversation)
        .outerjoin(LeaseRow, LeaseRow.conversation == row.conversation)
        .where(row.status == NEW, free)
        .order_by(row.id)
        .limit(1)
        .with_for_update(of=row, skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
    )


def _state(stored: object) -> ConversationState:
    try:
        return ConversationState.model_validate(stored)
    except ValidationError:
        return ConversationState()
