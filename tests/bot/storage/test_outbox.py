"""The outbox gives a conversation's parts in order, one at a time, until they are marked or dead."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from bot.storage.models import AddressRow, InboxRow, LeaseRow, OutboxRow
from bot.storage.outbox import Outgoing, SqlOutbox
from bot.storage.sealing import Seal
from tests.bot.storage.delivered import answered, claimed, inbox, incoming, outbox, rows

NEVER, ALWAYS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def held(box: SqlOutbox, owner: str = "s", for_s: float = 30.0) -> Outgoing:
    part = box.claim("telegram", owner, for_s)
    assert part is not None
    return part


def test_parts_of_a_conversation_go_in_order_and_one_at_a_time(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    answered(both, "2", "third")
    answered(both, "3", "other", who="binh")
    first, other = held(box, "s1"), held(box, "s2")
    assert (first.body, first.chat, first.attempts, first.again) == (
        {"text": "first"},
        "chat-of-an",
        1,
        False,
    )
    assert (other.body["text"], other.chat) == ("other", "chat-of-binh")
    assert box.claim("telegram", "s3", 30) is None
    assert box.claim("zalo_bot", "s3", 30) is None
    order = [first.body["text"]]
    box.sent(first, "s1")
    while (part := box.claim("telegram", "s1", 30)) is not None:
        order.append(part.body["text"])
        assert box.sent(part, "s1")
    assert order == ["first", "second", "third"]


def test_words_are_gone_once_sent(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "words")
    assert box.sent(held(box), "s")
    (row,) = rows(both, OutboxRow)
    assert (row.status, row.body, row.resent) == ("sent", None, 0)
    assert row.done_at is not None
    assert box.counts() == {"sent": 1, "resent": 0}


def test_a_send_without_its_mark_is_repeated_and_counted(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    dead = held(box, "s1", for_s=0.05)
    time.sleep(0.06)
    again = held(box, "s2")
    assert (again.id, again.again, again.attempts) == (dead.id, True, 2)
    assert not box.sent(dead, "s1")
    assert box.sent(again, "s2")
    assert box.counts()["resent"] == 1
    assert held(box).body["text"] == "second"


def test_a_late_sender_cannot_move_what_another_holds(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first")
    late = held(box, "s1", for_s=0.05)
    time.sleep(0.06)
    held(box, "s2")
    box.postponed(late, "s1", 100, "late")
    box.died(late, "s1", "late")
    (row,) = rows(both, OutboxRow)
    assert (row.status, row.owner, row.error) == ("sending", "s2", "")


def test_a_postponed_part_holds_up_its_conversation_and_no_other(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    answered(both, "2", "other", who="binh")
    box.postponed(held(box), "s", 0.2, "429")
    assert held(box).body["text"] == "other"
    assert box.claim("telegram", "s", 30) is None
    time.sleep(0.21)
    part = held(box)
    assert (part.body["text"], part.attempts, part.again) == ("first", 2, False)
    assert rows(both, OutboxRow)[0].error == "429"


def test_a_try_that_could_not_be_one_is_not_counted(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first")
    box.postponed(held(box), "s", -1, "Unauthorised", counted=False)
    assert held(box).attempts == 1


def test_a_dead_part_is_listed_without_words_and_can_be_replayed(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    box.died(held(box), "s", "Refused: " + "x" * 300)
    (dead,) = box.dead()
    assert (dead.channel, dead.attempts, dead.has_text, len(dead.error)) == ("telegram", 1, True, 200)
    assert held(box).body["text"] == "second"
    assert box.replay((dead.id + 100,)) == 0
    assert box.replay((dead.id,)) == 1
    again = held(box, "s2")
    assert (again.body["text"], again.attempts) == ("first", 1)


def test_words_of_the_dead_are_forgotten_in_time(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first")
    box.died(held(box), "s", "Refused")
    assert box.forget(NEVER, NEVER) == 0
    assert box.forget(ALWAYS, NEVER) == 1
    assert box.forget(ALWAYS, NEVER) == 0
    assert box.dead()[0].has_text is False
    assert box.replay() == 0


def test_sent_rows_are_forgotten_in_time(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first")
    box.sent(held(box), "s")
    assert box.forget(NEVER, ALWAYS) == 1
    assert rows(both, OutboxRow) == []


def test_nothing_more_is_sent_to_who_is_gone_until_they_write_again(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    box.gone(held(box), "s", "Gone: blocked")
    assert [(row.status, row.body is None) for row in rows(both, OutboxRow)] == [
        ("dead", False),
        ("dead", True),
    ]
    assert box.claim("telegram", "s", 30) is None
    assert rows(both, AddressRow)[0].gone
    answered(both, "2", "third")
    assert held(box).chat == "chat-of-an"


def test_replies_of_a_window_are_counted_until_the_person_writes(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "first", "second")
    box.sent(held(box), "s")
    box.sent(held(box), "s")
    assert rows(both, AddressRow)[0].free_used == 2
    incoming_box = inbox(both)
    incoming_box.accept("telegram", [incoming("1")])
    assert rows(both, AddressRow)[0].free_used == 2, "a redelivery opens no window"
    incoming_box.accept("telegram", [incoming("2")])
    assert claimed(incoming_box).free_used == 0


def test_after_a_farewell_nothing_is_left(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "words")
    box.died(held(box), "s", "Refused")
    answered(both, "2", "bye", "and good luck", erases=True)
    assert box.sent(held(box), "s")
    second = held(box)
    assert second.chat == "chat-of-an", "the farewell has a second part"
    assert box.sent(second, "s")
    assert all(rows(both, table) == [] for table in (OutboxRow, InboxRow, AddressRow, LeaseRow))


def test_who_writes_again_after_a_farewell_is_answered(both: Engine) -> None:
    box = outbox(both)
    answered(both, "1", "bye", erases=True)
    inbox(both).accept("telegram", [incoming("2")])
    box.sent(held(box), "s")
    assert len(rows(both, AddressRow)) == 1
    answered(both, "3", "welcome back")
    assert held(box).chat == "chat-of-an"


def test_an_address_under_another_key_holds_up_nobody(both: Engine, caplog: pytest.LogCaptureFixture) -> None:
    answered(both, "1", "first")
    part = SqlOutbox(both, Seal(b"x" * 32, "tests")).claim("telegram", "s", 30)
    assert part is not None
    assert part.chat is None
    assert "TROLY_SECRET_KEY" in caplog.text


def test_many_senders_send_each_part_once_and_in_order(both: Engine) -> None:
    for number in range(6):
        for who in range(5):
            answered(both, f"{who}-{number}", f"{number}a", f"{number}b", who=str(who))
    box, sent, problems = outbox(both), [], []

    def send(owner: str) -> None:
        idle = 0
        while idle < 20:
            try:
                part = box.claim("telegram", owner, 30)
                if part is None:
                    idle += 1
                    time.sleep(0.005)
                    continue
                idle = 0
                sent.append((part.conversation, part.body["text"]))
                assert box.sent(part, owner)
            except Exception as error:
                problems.append(error)
                return

    threads = [threading.Thread(target=send, args=(f"s{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert set(Counter(sent).values()) == {1}
    for who in range(5):
        mine = [text for conversation, text in sent if conversation == f"hash-of-{who}"]
        assert mine == [f"{number}{place}" for number in range(6) for place in "ab"]
    assert box.counts()["resent"] == 0
