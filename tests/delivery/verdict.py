"""What a storm has done, from what people got and from what stands in the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Row, func, select

from bot.storage.inbox import DONE
from bot.storage.keys import conversation_key
from bot.storage.models import ConversationRow, InboxRow, LeaseRow, OutboxRow
from bot.storage.outbox import SENT
from tests.delivery.plan import Planned, Report

LEASE = timedelta(seconds=2)


@dataclass
class Verdict:
    """The figures of a storm. `faults` lists everything that must not be; the rest is told in the table.

    `cut_short` counts the claims of a message that a kill ended before its answer was stored.
    """

    messages: int
    calls: int = 0
    lost: list[int] = field(default_factory=list)
    worked_twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    kept_words: int = 0
    unfinished: Counter[str] = field(default_factory=Counter)
    parts: int = 0
    sends: int = 0
    resent: int = 0
    unmarked: int = 0
    overtaken: int = 0
    retried: int = 0
    cut_short: int = 0

    @property
    def duplicates(self) -> int:
        """How many sends were of a part that its person had already."""
        return self.sends - self.parts

    @property
    def faults(self) -> list[str]:
        """Return what is wrong, in words; nothing where the storm lost nothing."""
        said = [f"lost: messages {self.lost[:10]}"] if self.lost else []
        said += [f"worked twice: {one}" for one in self.worked_twice[:10]]
        said += [f"order: {one}" for one in self.out_of_order[:10]]
        if self.kept_words:
            said.append(f"{self.kept_words} rows still hold words")
        if self.unfinished:
            said.append(f"rows left over: {dict(self.unfinished)}")
        if not 0 <= self.duplicates <= self.resent + self.unmarked:
            said.append(
                f"{self.duplicates} duplicates, but {self.resent} sends after a kill and {self.unmarked} "
                "cut answers"
            )
        return said


def judge(plan: Sequence[Planned], report: Report, engine: Engine, secret: bytes) -> Verdict:
    """Return the verdict on a storm that has ended; the servers are stopped."""
    with engine.connect() as connection:
        inbox = connection.execute(select(*InboxRow.__table__.c).order_by(InboxRow.id)).all()
        outbox = connection.execute(select(*OutboxRow.__table__.c).order_by(OutboxRow.id)).all()
        turns = {row.id: row.version for row in connection.execute(select(ConversationRow))}
        claims = connection.scalar(select(func.sum(LeaseRow.number)).where(~LeaseRow.owner.like("token%")))
    verdict = Verdict(len(plan), calls=sum(one.calls for one in report.delivered))
    _finished(verdict, inbox, outbox)
    written = Counter(conversation_key(secret, one.channel, one.person) for one in plan)
    _each_once(verdict, written, inbox, outbox, turns)
    _all_answered(verdict, plan, report)
    channel_of = {one.number: one.channel for one in plan}
    known = {(channel_of[one.number], one.vendor_id): one.number for one in report.delivered}
    number_of = {row.id: known.get((row.channel, row.update_id.rpartition(":")[2]), -1) for row in inbox}
    _in_order(verdict, plan, report, outbox, number_of)
    _oldest_first(verdict, inbox, outbox, number_of)
    verdict.parts, verdict.sends = len(outbox), len(report.got)
    verdict.resent, verdict.unmarked = sum(row.resent for row in outbox), report.unmarked
    verdict.retried = sum(row.attempts - 1 for row in outbox)
    verdict.cut_short = int(claims or 0) - len(inbox)
    return verdict


def _finished(verdict: Verdict, inbox: Sequence[Row[Any]], outbox: Sequence[Row[Any]]) -> None:
    verdict.unfinished.update(f"inbox {row.status}" for row in inbox if row.status != DONE)
    verdict.unfinished.update(f"outbox {row.status}: {row.error}" for row in outbox if row.status != SENT)
    verdict.kept_words = sum(row.body is not None for row in (*inbox, *outbox))


def _each_once(
    verdict: Verdict,
    written: Counter[str],
    inbox: Sequence[Row[Any]],
    outbox: Sequence[Row[Any]],
    turns: dict[str, int],
) -> None:
    kept = Counter(row.conversation for row in inbox)
    for conversation, count in written.items():
        if turns.get(conversation, 0) != count:
            verdict.worked_twice.append(f"{count} messages, {turns.get(conversation, 0)} turns")
        if kept[conversation] != count:
            verdict.worked_twice.append(f"{count} messages, {kept[conversation]} rows of the inbox")
    places = defaultdict(list)
    for row in outbox:
        places[row.inbox_id].append(row.place)
    wrong = [found for found in places.values() if sorted(found) != list(range(len(found)))]
    verdict.worked_twice += [f"the parts of one answer are {found}" for found in wrong]


def _all_answered(verdict: Verdict, plan: Sequence[Planned], report: Report) -> None:
    named = {(one.channel, one.person, one.code) for one in report.got}
    verdict.lost = [one.number for one in plan if (one.channel, one.person, one.code) not in named]


def _in_order(
    verdict: Verdict,
    plan: Sequence[Planned],
    report: Report,
    outbox: Sequence[Row[Any]],
    number_of: dict[int, int],
) -> None:
    """Hold what people got, at first sight, against the order in which the answers were stored."""
    by_number = {one.number: one for one in plan}
    stored: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in outbox:
        message = by_number.get(number_of[row.inbox_id])
        if message is not None:
            stored[message.channel, message.person].append(message.code)
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in report.got:
        if one.code in stored[one.channel, one.person]:
            seen[one.channel, one.person].append(one.code)
    for person, codes in stored.items():
        if _distinct(codes) != _distinct(seen[person]):
            verdict.out_of_order.append(
                f"{person[0]}: stored {_distinct(codes)}, seen {_distinct(seen[person])}"
            )


def _oldest_first(
    verdict: Verdict, inbox: Sequence[Row[Any]], outbox: Sequence[Row[Any]], number_of: dict[int, int]
) -> None:
    """Hold the order of work against the order of writing.

    A message may only be worked after a later one that was in work already when it arrived: a claim holds for
    one lease, so an answer stored more than that after the arrival came out of a claim that had to prefer it.
    """
    worked = {row.inbox_id: row for row in reversed(outbox)}
    by_person = defaultdict(list)
    for row in inbox:
        if row.id in worked:
            by_person[row.conversation].append(row)
    for rows in by_person.values():
        rows.sort(key=lambda row: worked[row.id].id)
        for place, later in enumerate(rows):
            for older in rows[place + 1 :]:
                if older.sent_at >= later.sent_at:
                    continue
                verdict.overtaken += 1
                if older.received_at < worked[later.id].created_at - LEASE or older.id < later.id:
                    verdict.out_of_order.append(
                        f"message {number_of[later.id]} was worked before {number_of[older.id]}"
                    )


def _distinct(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(codes))
