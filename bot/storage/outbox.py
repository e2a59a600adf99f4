"""The outbox: parts to send, in the order of each conversation, sent at least once and marked.

Between a send and its mark a process can die: the part is then sent again, and `resent` counts it. That is
the only way in which somebody reads an answer twice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.storage.database import writing
from bot.storage.models import AddressRow, InboxRow, LeaseRow, OutboxRow
from bot.storage.quiet import Quiet
from bot.storage.sealing import Seal

WAITING, SENDING, SENT, DEAD = "waiting", "sending", "sent", "dead"
MAX_ERROR = 200


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One part held for sending: `chat` is the channel's own id; None where the address is gone."""

    id: int
    channel: str
    conversation: str
    chat: str | None
    body: dict[str, Any]
    attempts: int
    again: bool  # it may have been sent before


@dataclass(frozen=True, slots=True)
class Dead:
    """One part that could not be sent, as an operator sees it: without its words."""

    id: int
    channel: str
    error: str
    attempts: int
    died_at: datetime
    has_text: bool


class SqlOutbox:
    """The outbox of one database; safe to use from several threads and processes."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal
        self._quiet = defaultdict[str, Quiet](lambda: Quiet(engine))

    def claim(self, channel: str, owner: str, for_s: float) -> Outgoing | None:
        """Hold the next part of `channel` for `for_s` seconds; None where nothing is to be sent now."""
        now = datetime.now(UTC)
        quiet = self._quiet[channel]
        if quiet.holds(_next(), channel=channel, now=now):
            return None
        with writing(self._engine) as connection:
            found = connection.execute(_next(), {"channel": channel, "now": now}).one_or_none()
            quiet.found = found is not None
            if found is None:
                return None
            again = found.status == SENDING
            held = {
                "status": SENDING,
                "owner": owner,
                "until": now + timedelta(seconds=for_s),
                "attempts": found.attempts + 1,
                "resent": found.resent + again,
            }
            connection.execute(update(OutboxRow).where(OutboxRow.id == found.id).values(held))
            address = connection.execute(
                select(AddressRow.sealed, AddressRow.gone).where(
                    AddressRow.conversation == found.conversation
                )
            ).one_or_none()
        reachable = address is not None and not address.gone
        return Outgoing(
            id=found.id,
            channel=channel,
            conversation=found.conversation,
            chat=self._seal.chat(address.sealed) if address and reachable else None,
            body=found.body or {},
            attempts=found.attempts + 1,
            again=again,
        )

    def sent(self, part: Outgoing, owner: str) -> bool:
        """Mark a part as sent and forget its words; return False where another process holds it by now.

        After the last part of a farewell (`erases`) all finished rows of the conversation go, and its address
        too, unless a newer message waits for its answer.
        """
        now = datetime.now(UTC)
        row = OutboxRow
        with writing(self._engine) as connection:
            done = (
                update(row)
                .where(row.id == part.id, row.owner == owner, row.status == SENDING)
                .values(status=SENT, body=None, done_at=now, until=None)
            )
            if connection.execute(done).rowcount != 1:
                return False
            used = update(AddressRow).where(AddressRow.conversation == part.conversation)
            connection.execute(used.values(free_used=AddressRow.free_used + 1))
            if connection.scalar(select(row.erases).where(row.id == part.id)):
                self._erase(connection, part.conversation)
        return True

    def postponed(
        self, part: Outgoing, owner: str, delay_s: float, error: str, *, counted: bool = True
    ) -> None:
        """Put a part back for later; with `counted` False as if it had not been tried."""
        values = {
            "attempts": part.attempts if counted else part.attempts - 1,
            "status": WAITING,
            "next_at": datetime.now(UTC) + timedelta(seconds=delay_s),
            "until": None,
            "error": error[:MAX_ERROR],
        }
        self._move(part, owner, values)

    def died(self, part: Outgoing, owner: str, error: str) -> None:
        """Lay a part aside that cannot be sent; an operator may send it again while its words are kept."""
        values = {"status": DEAD, "done_at": datetime.now(UTC), "until": None, "error": error[:MAX_ERROR]}
        self._move(part, owner, values)

    def gone(self, part: Outgoing, owner: str, error: str) -> None:
        """Note that the person cannot be reached: this part and those that wait for them die."""
        row, now = OutboxRow, datetime.now(UTC)
        self.died(part, owner, error)
        with writing(self._engine) as connection:
            address = update(AddressRow).where(AddressRow.conversation == part.conversation)
            connection.execute(address.values(gone=True))
            waiting = update(row).where(row.conversation == part.conversation, row.status == WAITING)
            connection.execute(waiting.values(status=DEAD, done_at=now, error=error[:MAX_ERROR], body=None))

    def dead(self, limit: int = 100) -> tuple[Dead, ...]:
        """Return the parts that could not be sent, the latest first."""
        row = OutboxRow
        with self._engine.connect() as connection:
            found = connection.execute(
                select(row.id, row.channel, row.error, row.attempts, row.done_at, row.body)
                .where(row.status == DEAD)
                .order_by(row.id.desc())
                .limit(limit)
            ).all()
        return tuple(
            Dead(r.id, r.channel, r.error, r.attempts, r.done_at.replace(tzinfo=UTC), r.body is not None)
            for r in found
        )

    def replay(self, part_ids: tuple[int, ...] | None = None) -> int:
        """Put dead parts back whose words are still kept (all, or those named); return how many."""
        row = OutboxRow
        again = update(row).where(row.status == DEAD, row.body.is_not(None))
        if part_ids is not None:
            again = again.where(row.id.in_(part_ids))
        values = {"status": WAITING, "attempts": 0, "next_at": datetime.now(UTC), "done_at": None}
        with writing(self._engine) as connection:
            return connection.execute(again.values(values)).rowcount

    def counts(self) -> dict[str, int]:
        """Return how many parts there are by status, with `resent` and `erased` beside them."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(OutboxRow.status, func.count()).group_by(OutboxRow.status))
            counts = {str(row[0]): int(row[1]) for row in rows}
            counts["resent"] = connection.scalar(select(func.coalesce(func.sum(OutboxRow.resent), 0))) or 0
        return counts

    def forget(self, dead_before: datetime, sent_before: datetime) -> int:
        """Take the words out of parts that died before, and delete rows sent before; return how many."""
        row = OutboxRow
        with writing(self._engine) as connection:
            silent = update(row).where(row.status == DEAD, row.done_at < dead_before, row.body.is_not(None))
            count = connection.execute(silent.values(body=None)).rowcount
            old = delete(row).where(row.status == SENT, row.done_at < sent_before)
            return count + connection.execute(old).rowcount

    def _move(self, part: Outgoing, owner: str, values: dict[str, Any]) -> None:
        row = OutboxRow
        with writing(self._engine) as connection:
            held = update(row).where(row.id == part.id, row.owner == owner, row.status == SENDING)
            connection.execute(held.values(values))

    def _erase(self, connection: Connection, conversation: str) -> None:
        outbox, inbox = OutboxRow, InboxRow
        for table, finished in ((outbox, outbox.status.in_((SENT, DEAD))), (inbox, inbox.status != "new")):
            connection.execute(delete(table).where(table.conversation == conversation, finished))
        # Somebody who has written again meanwhile has begun anew: their answer still needs the address.
        anew = (
            exists().where(inbox.conversation == conversation),
            exists().where(outbox.conversation == conversation),
        )
        if not connection.scalar(select(or_(*anew))):
            for other in (AddressRow, LeaseRow):
                connection.execute(delete(other).where(other.conversation == conversation))


@cache  # to build it takes longer than to run it, and it is asked ever again
def _next() -> Any:  # noqa: ANN401  (a statement, whose type says nothing)
    """The oldest part of `channel` that is due at `now`, of a conversation in which no earlier part waits."""
    row, earlier = OutboxRow, aliased(OutboxRow)
    now = bindparam("now", type_=row.next_at.type)
    due = or_(and_(row.status == WAITING, row.next_at <= now), and_(row.status == SENDING, row.until < now))
    blocked = exists().where(
        earlier.conversation == row.conversation,
        earlier.id < row.id,
        earlier.status.in_((WAITING, SENDING)),
    )
    return (
        select(row)
        .where(row.channel == bindparam("channel"), due, ~blocked)
        .order_by(row.next_at, row.id)
        .limit(1)
        .with_for_update(of=row, skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
    )
