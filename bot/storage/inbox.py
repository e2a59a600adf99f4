"""The inbox: what came in, once each; and the claim of a conversation, one worker at a time.

A row goes from "new" to "done" in the same transaction that stores the new state and the answer. A worker
that dies leaves its lease to run out; then the next one begins again with the oldest row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, delete, func, select, update

from bot.dialogue.state import ConversationState
from bot.messages import Message, MessageKind
from bot.storage import statements
from bot.storage.database import nothing, writing
from bot.storage.leases import OVER
from bot.storage.models import AddressRow, ConversationRow, InboxRow
from bot.storage.sealing import Seal
from bot.storage.statements import DONE, IGNORED, NEW, WAITING


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
        self._dialect = engine.dialect.name

    def accept(self, channel: str, updates: Sequence[Incoming]) -> int:
        """Keep `updates`; return how many were new. What was delivered before changes nothing.

        A conversation with too many waiting, or within a minute, has the rest kept without words ("ignored"):
        one person cannot fill the queue. Raises InboxFull where the whole queue is full.
        """
        crowded = self._crowded(updates)
        # Vendors wait for this one: it goes before what is being worked and sent.
        with writing(self._engine, hurried=True) as connection:
            return sum(
                self._keep(connection, channel, one, late) for one, late in zip(updates, crowded, strict=True)
            )

    def rehearse(self, channel: str, update: Incoming) -> None:
        """Do what `accept` does with `update`, and take it back."""
        with suppress(InboxFull):
            self._crowded((update,))
        with writing(self._engine, hurried=True) as connection:
            self._keep(connection, channel, update, crowded=False)
            connection.rollback()

    def claim(self, owner: str, for_s: float) -> Claimed | None:
        """Hold the conversation with the oldest message for `for_s` seconds; None where none is free."""
        now = datetime.now(UTC)
        if nothing(self._engine, statements.oldest_free(), now=now):
            return None
        until = now + timedelta(seconds=for_s)
        with writing(self._engine) as connection:
            lease = connection.execute(
                statements.leasing_oldest(self._dialect), {"now": now, "owner": owner, "until": until}
            ).one_or_none()
            if lease is None:  # somebody else was quicker
                return None
            this = {"this_conversation": lease.conversation}
            message = connection.execute(statements.taking(), this).one()
        with self._engine.connect() as connection:  # nobody else changes them while the lease stands
            state = connection.execute(statements.standing(), this).one_or_none()
            address = connection.execute(statements.address(), this).one_or_none()
        return self._claimed(lease, owner, message, state, address)

    def finish(self, claimed: Claimed, answer: Answer) -> tuple[int, ...]:
        """Store state and answer and mark the message, all or nothing; return the ids of the parts to send.

        Raises LeaseLost where the lease no longer stands.
        """
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            # The message before the lease, as a claim locks them: the other way round the two could wait for
            # each other.
            if connection.execute(statements.marking_done(), {"this_id": claimed.inbox_id}).rowcount != 1:
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

    def _crowded(self, updates: Sequence[Incoming]) -> list[bool]:
        """Return, for each update, whether its person has too many already. Raises InboxFull."""
        crowded, before = [], Counter[str]()
        with self._engine.connect() as connection:
            for one in updates:
                lately = datetime.now(UTC) - timedelta(minutes=1)
                values = {"this_conversation": one.conversation, "lately": lately}
                found = connection.execute(statements.crowd(), values).one()
                if found.waiting + len(updates) > self._most_waiting:
                    raise InboxFull(f"{found.waiting} messages are waiting")
                more = before[one.conversation]
                crowded.append(
                    found.own + more >= self._most_each or found.recent + more >= self._most_a_minute
                )
                before[one.conversation] += 1
        return crowded

    def _keep(self, connection: Connection, channel: str, one: Incoming, crowded: bool) -> bool:
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
        if connection.scalar(statements.keeping(self._dialect), values) is None:
            return False
        self._note_address(connection, channel, one)
        return True

    def _note_address(self, connection: Connection, channel: str, one: Incoming) -> None:
        values = {
            "conversation": one.conversation,
            "channel": channel,
            "sealed": self._seal.close({"sender": one.sender, "chat": one.chat}),
            "gone": one.happened == "left",
            "free_used": 0,
            "wrote_at": one.sent_at,
        }
        connection.execute(statements.replacing(self._dialect, AddressRow, "conversation"), values)

    def _claimed(
        self,
        lease: Row[Any],
        owner: str,
        message: Row[Any],
        state: Row[Any] | None,
        address: Row[Any] | None,
    ) -> Claimed:
        body = message.body or {}
        text = body.get("text")
        return Claimed(
            lease=lease.number,
            owner=owner,
            inbox_id=message.id,
            channel=message.channel,
            conversation=lease.conversation,
            happened=message.happened,
            message=None if text is None else Message(text, MessageKind(body["kind"])),
            quote=body.get("quote"),
            sent_at=message.sent_at.replace(tzinfo=UTC),
            attempts=message.attempts - 1,
            state=_state(state.state) if state else ConversationState(),
            version=state.version if state else 0,
            free_used=address.free_used if address else 0,
            chat=self._seal.chat(address.sealed) if address else None,
        )

    def _release(self, connection: Connection, claimed: Claimed) -> None:
        values = {
            "this_conversation": claimed.conversation,
            "this_number": claimed.lease,
            "this_owner": claimed.owner,
            "over": OVER,
        }
        if connection.execute(statements.releasing(), values).rowcount != 1:
            raise LeaseLost("another worker has the conversation")

    def _save(
        self, connection: Connection, claimed: Claimed, state: ConversationState, now: datetime
    ) -> None:
        values = {
            "id": claimed.conversation,
            "state": state.model_dump(mode="json"),
            "version": claimed.version + 1,
            "updated_at": now,
        }
        connection.execute(statements.replacing(self._dialect, ConversationRow, "id"), values)


def _post(connection: Connection, claimed: Claimed, place: int, part: dict[str, Any], *, erases: bool) -> int:
    now = datetime.now(UTC)
    values = {
        "inbox_id": claimed.inbox_id,
        "place": place,
        "conversation": claimed.conversation,
        "channel": claimed.channel,
        "body": part,
        "status": WAITING,
        "erases": erases,
        "attempts": 0,
        "resent": 0,
        "next_at": now,
        "owner": "",
        "error": "",
        "created_at": now,
    }
    return int(connection.execute(statements.posting(), values).scalar_one())


def _state(stored: object) -> ConversationState:
    try:
        return ConversationState.model_validate(stored)
    except ValidationError:
        return ConversationState()
