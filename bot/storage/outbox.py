"""The outbox: parts to send, in the order of each conversation, sent at least once and marked.

Between a send and its mark a process can die: the part is then sent again, and `resent` counts it. That is
the only way in which somebody reads an answer twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, func, or_, select, update

from bot.storage import statements
from bot.storage.database import nothing, writing
from bot.storage.models import AddressRow, InboxRow, LeaseRow, OutboxRow
from bot.storage.sealing import Seal
from bot.storage.statements import DEAD, NEW, SENDING, SENT, WAITING

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

    def claim(self, channel: str, owner: str, for_s: float) -> Outgoing | None:
        """Hold the next part of `channel` for `for_s` seconds; None where nothing is to be sent now."""
        now = datetime.now(UTC)
        due = {"channel": channel, "now": now}
        if nothing(self._engine, statements.next_part(), **due):
            return None
        with writing(self._engine) as connection:
            found = connection.execute(statements.next_part(), due).one_or_none()
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
            connection.execute(statements.holding(), {"this_id": found.id, **held})
        reachable = found.sealed is not None and not found.gone
        return Outgoing(
            id=found.id,
            channel=channel,
            conversation=found.conversation,
            chat=self._seal.chat(found.sealed) if reachable else None,
            body=found.body or {},
            attempts=found.attempts + 1,
            again=again,
        )

    def sent(self, part: Outgoing, owner: str) -> bool:
        """Mark a part as sent and forget its words; return False where another process holds it by now.

        After the last part of a farewell (`erases`) all finished rows of the conversation go, and its address
        too, unless a newer message waits for its answer.
        """
        held = {"this_id": part.id, "this_owner": owner, "now": datetime.now(UTC)}
        this = {"this_conversation": part.conversation}
        with writing(self._engine) as connection:
            erases = connection.scalar(statements.marking_sent(), held)
            if erases is None:
                return False
            connection.execute(statements.counting_reply(), this)
            if erases:
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
        for table, finished in ((outbox, outbox.status.in_((SENT, DEAD))), (inbox, inbox.status != NEW)):
            connection.execute(delete(table).where(table.conversation == conversation, finished))
        # Somebody who has written again meanwhile has begun anew: their answer still needs the address.
        anew = (
            exists().where(inbox.conversation == conversation),
            exists().where(outbox.conversation == conversation),
        )
        if not connection.scalar(select(or_(*anew))):
            for other in (AddressRow, LeaseRow):
                connection.execute(delete(other).where(other.conversation == conversation))
