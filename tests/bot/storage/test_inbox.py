"""The inbox keeps each update once, and gives a conversation to one worker at a time, its oldest first."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from bot.dialogue.state import ConversationState
from bot.storage.inbox import Answer, InboxFull, LeaseLost
from bot.storage.models import AddressRow, ConversationRow, InboxRow, OutboxRow
from tests.bot.storage.delivered import BEGUN, claimed, inbox, incoming, rows

DONE = Answer(ConversationState(introduced=True), ({"text": "one"}, {"text": "two"}))


def test_an_update_is_kept_once(both: Engine) -> None:
    box = inbox(both)
    assert box.accept("telegram", [incoming("7")]) == 1
    assert box.accept("telegram", [incoming("7"), incoming("8")]) == 1
    assert box.accept("zalo_bot", [incoming("7", "binh")]) == 1
    assert box.counts() == {"new": 3}


def test_an_update_that_was_worked_is_known_again(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("7")])
    box.finish(claimed(box), DONE)
    assert box.accept("telegram", [incoming("7")]) == 0
    assert box.claim("w", 30) is None


def test_a_rehearsal_leaves_nothing_also_where_the_inbox_is_full(both: Engine) -> None:
    box = inbox(both, most_waiting=1)
    box.accept("telegram", [incoming("1")])
    box.rehearse("telegram", incoming("2", "binh"))
    assert box.counts() == {"new": 1}
    assert [row.conversation for row in rows(both, AddressRow)] == ["hash-of-an"]


def test_what_is_kept_of_a_person_is_sealed(both: Engine) -> None:
    inbox(both).accept("telegram", [incoming("7", "0912345678")])
    (address,) = rows(both, AddressRow)
    assert b"0912345678" not in address.sealed
    assert not address.gone


def test_a_crowding_conversation_is_kept_without_words(both: Engine) -> None:
    box = inbox(both, most_each=2)
    assert box.accept("telegram", [incoming(str(n), at_s=n) for n in range(3)]) == 3
    assert box.accept("telegram", [incoming("2")]) == 0
    assert box.accept("telegram", [incoming("9", "binh")]) == 1
    assert box.counts() == {"new": 3, "ignored": 1}
    assert [row.body is None for row in rows(both, InboxRow)] == [False, False, True, False]


def test_a_full_inbox_takes_nothing_of_a_call(both: Engine) -> None:
    box = inbox(both, most_waiting=2)
    box.accept("telegram", [incoming("1")])
    with pytest.raises(InboxFull, match="1 messages are waiting"):
        box.accept("telegram", [incoming("2"), incoming("3")])
    assert box.counts() == {"new": 1}
    box.finish(claimed(box), DONE)
    assert box.accept("telegram", [incoming("2"), incoming("3")]) == 2


def test_a_claim_gives_the_oldest_message_of_the_conversation(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("late", at_s=5), incoming("early", at_s=1), incoming("same", at_s=1)])
    order = []
    while (one := box.claim("w", 30)) is not None:
        assert one.message is not None
        order.append(one.message.text)
        box.finish(one, DONE)
    assert order == ["words of early", "words of same", "words of late"]


def test_a_claim_gives_all_that_is_needed(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("7", quote="m7")])
    one = claimed(box, "w1")
    assert (one.channel, one.conversation, one.quote) == ("telegram", "hash-of-an", "m7")
    assert (one.sent_at, one.attempts, one.version, one.free_used) == (BEGUN, 0, 0, 0)
    assert one.state == ConversationState()


def test_a_conversation_in_work_is_left_alone(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1"), incoming("2"), incoming("3", "binh")])
    first, other = claimed(box, "w1"), claimed(box, "w2")
    assert (first.conversation, other.conversation) == ("hash-of-an", "hash-of-binh")
    assert box.claim("w3", 30) is None
    box.finish(first, DONE)
    assert claimed(box, "w3").version == 1


def test_finishing_stores_state_answer_and_mark_together(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1")])
    parts = box.finish(claimed(box), DONE)
    (message,), (state,), outgoing = (rows(both, table) for table in (InboxRow, ConversationRow, OutboxRow))
    assert (message.status, message.body) == ("done", None)
    assert (state.version, state.state["introduced"]) == (1, True)
    assert [(row.id, row.place, row.status) for row in outgoing] == [
        (parts[0], 0, "waiting"),
        (parts[1], 1, "waiting"),
    ]


def test_a_worker_that_died_is_replaced_when_its_lease_is_over(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1")])
    dead = claimed(box, "w1", for_s=0.05)
    time.sleep(0.06)
    alive = claimed(box, "w2")
    assert (alive.inbox_id, alive.lease) == (dead.inbox_id, dead.lease + 1)
    with pytest.raises(LeaseLost):
        box.finish(dead, Answer(ConversationState(ask_rounds=9), ({"text": "twice"},)))
    with pytest.raises(LeaseLost):
        box.failed(dead)
    assert rows(both, OutboxRow) == []
    box.finish(alive, DONE)
    with pytest.raises(LeaseLost):
        box.finish(alive, DONE)
    assert len(rows(both, OutboxRow)) == 2
    assert rows(both, InboxRow)[0].attempts == 2  # each claim counts, also one whose worker died


def test_two_threads_of_one_owner_are_told_apart(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1")])
    slow = claimed(box, "same", for_s=0.05)
    time.sleep(0.06)
    claimed(box, "same")
    with pytest.raises(LeaseLost):
        box.finish(slow, DONE)


def test_a_failed_message_comes_again_at_once_and_is_counted(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1"), incoming("2", at_s=1)])
    first = claimed(box)
    box.failed(first)
    again = claimed(box)
    assert (again.inbox_id, again.attempts) == (first.inbox_id, 1)


def test_old_messages_are_passed_over_but_for_the_claimed_one(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming(str(n), at_s=n) for n in range(4)] + [incoming("9", "binh")])
    one = claimed(box)
    assert box.pass_over(one, BEGUN + timedelta(seconds=3)) == 2
    box.finish(one, DONE)
    assert box.counts() == {"new": 2, "done": 3}
    assert [row.body is None for row in rows(both, InboxRow)] == [True, True, True, False, False]


def test_forgetting_a_conversation(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1"), incoming("2", at_s=1)])
    box.finish(claimed(box), DONE)
    box.finish(claimed(box), Answer(None, ({"text": "bye"},), erases=True))
    assert rows(both, ConversationRow) == []
    assert [row.erases for row in rows(both, OutboxRow)] == [False, False, True]


def test_a_state_of_another_age_is_begun_anew(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1"), incoming("2", at_s=1)])
    box.finish(claimed(box), DONE)
    with both.begin() as connection:
        connection.execute(update(ConversationRow).values(state={"history": 5}))
    one = claimed(box)
    assert (one.state, one.version) == (ConversationState(), 1)


def test_only_worked_rows_are_forgotten(both: Engine) -> None:
    box = inbox(both)
    box.accept("telegram", [incoming("1"), incoming("2", at_s=1)])
    box.finish(claimed(box), DONE)
    assert box.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert box.forget(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert box.counts() == {"new": 1}


def test_many_workers_work_each_message_once_and_in_order(both: Engine) -> None:
    people, each = 8, 5
    box = inbox(both)
    for place in range(each):
        box.accept("telegram", [incoming(f"{n}-{place}", str(n), at_s=place) for n in range(people)])
    worked: dict[str, list[float]] = defaultdict(list)
    problems: list[Exception] = []

    def work(owner: str) -> None:
        idle = 0
        while idle < 20:
            try:
                one = box.claim(owner, 30)
                if one is None:
                    idle += 1
                    time.sleep(0.005)
                    continue
                idle = 0
                worked[one.conversation].append((one.sent_at - BEGUN).total_seconds())
                box.finish(one, DONE)
            except Exception as error:
                problems.append(error)
                return

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(worked) == people
    assert all(order == list(range(each)) for order in worked.values())
    assert {row.version for row in rows(both, ConversationRow)} == {each}
    assert len(rows(both, OutboxRow)) == people * each * 2


def test_one_person_is_heard_so_often_within_a_minute(both: Engine) -> None:
    box = inbox(both, most_a_minute=2)
    for number in range(3):
        box.accept("telegram", [incoming(str(number))])
        if (one := box.claim("w", 30)) is not None:
            box.finish(one, DONE)
    box.accept("telegram", [incoming("of another", "binh")])
    assert [row.status for row in rows(both, InboxRow)] == ["done", "done", "ignored", "new"]
