"""The verdict on a storm sees what must not be: each fault is put in by hand, and must be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.dialogue.state import ConversationState
from bot.messages import Message
from bot.storage.database import open_database
from bot.storage.inbox import Answer, Incoming
from bot.storage.keys import conversation_key
from bot.storage.models import ConversationRow, InboxRow, OutboxRow
from tests.bot.storage.delivered import claimed, inbox, outbox
from tests.delivery.plan import Delivered, Got, Planned, Report
from tests.delivery.verdict import Verdict, judge

SECRET = b"a secret of thirty-two bytes or so"
BEGUN = datetime.now(UTC) - timedelta(minutes=1)
CODES = ("1.000001", "1.000002", "1.000003")
PLAN = [Planned(number=place, channel="telegram", person="7", code=code) for place, code in enumerate(CODES)]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A database after three messages of one person, all answered."""
    engine = open_database(f"sqlite:///{tmp_path}/troly.db")
    box, sender = inbox(engine), outbox(engine)
    for one in PLAN:
        message = Incoming(
            update_id=str(one.number),
            conversation=conversation_key(SECRET, "telegram", "7"),
            happened="message",
            sender="7",
            chat="7",
            message=Message(one.code),
            quote=None,
            sent_at=BEGUN + timedelta(seconds=one.number),
        )
        box.accept("telegram", [message])
        box.finish(claimed(box), Answer(ConversationState(), ({"text": one.code},)))
        part = sender.claim("telegram", "s", 30)
        assert part is not None
        sender.sent(part, "s")
    return engine


def report(*codes: str, unmarked: int = 0) -> Report:
    taken = [
        Delivered(number=n, vendor_id=str(n), tried_at=0, taken_at=0, took_ms=1, calls=1) for n in range(3)
    ]
    got = [Got(channel="telegram", person="7", at=0, code=code) for code in codes]
    return Report(delivered=taken, got=got, unmarked=unmarked, faults={}, answers={})


def verdict(engine: Engine, *codes: str, unmarked: int = 0) -> Verdict:
    return judge(PLAN, report(*codes, unmarked=unmarked), engine, SECRET)


def test_all_well(engine: Engine) -> None:
    found = verdict(engine, *CODES)
    assert found.faults == []
    assert (found.parts, found.sends, found.duplicates, found.cut_short) == (3, 3, 0, 0)


def test_a_lost_answer(engine: Engine) -> None:
    assert verdict(engine, *CODES[:2]).lost == [2]


def test_a_duplicate_that_nothing_explains(engine: Engine) -> None:
    assert "1 duplicates, but 0 sends after a kill" in verdict(engine, *CODES, CODES[2]).faults[0]
    assert verdict(engine, *CODES, CODES[2], unmarked=1).faults == []
    with engine.begin() as connection:
        connection.execute(update(OutboxRow).where(OutboxRow.id == 3).values(resent=1))
    assert verdict(engine, *CODES, CODES[2]).faults == []


def test_answers_out_of_order(engine: Engine) -> None:
    assert verdict(engine, CODES[1], CODES[0], CODES[2]).out_of_order
    assert verdict(engine, CODES[0], CODES[1], CODES[0], CODES[2], unmarked=1).faults == []


@pytest.mark.parametrize("arrived_s", [-3.0, 0.0])
def test_a_later_message_worked_first(engine: Engine, arrived_s: float) -> None:
    """The second was written first: a fault only where it had arrived well before the first was answered."""
    with engine.begin() as connection:
        answered_at = connection.scalar(select(OutboxRow.created_at).where(OutboxRow.id == 1))
        assert answered_at is not None
        values = {
            "sent_at": BEGUN - timedelta(seconds=5),
            "received_at": answered_at + timedelta(seconds=arrived_s),
        }
        connection.execute(update(InboxRow).where(InboxRow.id == 2).values(values))
    found = verdict(engine, *CODES)
    assert found.overtaken == 1
    assert bool(found.out_of_order) == (arrived_s < 0)


def test_work_done_twice(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(ConversationRow).values(version=4))
    assert verdict(engine, *CODES).worked_twice == ["3 messages, 4 turns"]


def test_a_second_answer_to_one_message(engine: Engine) -> None:
    with engine.begin() as connection:
        row = dict(connection.execute(select(OutboxRow.__table__).where(OutboxRow.id == 1)).mappings().one())
        connection.execute(insert(OutboxRow).values(**{**row, "id": 9, "place": 2}))
    assert "the parts of one answer are [0, 2]" in verdict(engine, *CODES).worked_twice


def test_words_and_work_left_over(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(OutboxRow).where(OutboxRow.id == 1).values(body={"text": "x"}))
        connection.execute(update(InboxRow).where(InboxRow.id == 3).values(status="new"))
    found = verdict(engine, *CODES)
    assert found.kept_words == 1
    assert found.unfinished == {"inbox new": 1}
