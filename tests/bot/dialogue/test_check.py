"""The check of a dossier: every question, every move, and an outcome true to record and answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import pytest

from bot.assistant import Assistant, Turn
from bot.dialogue.check import ASK_CASE, ASK_WAY, FINISHED, Checked, mark, outcome
from bot.dialogue.decision import Mark
from bot.dialogue.dossier import Dossier, Way, dossier_of
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.state import CheckPosition, ConversationState
from bot.messages import Message, MessageKind
from bot.privacy import mask
from procedures_kb.model import Procedure
from tests.bot.dialogue.drawing import DRAWN, SEED, drawn
from tests.bot.dialogue.true_check import ALL_THERE, Citizen, checked_wrongly, kept, sections
from tests.bot.dialogue.true_to_record import Held
from tests.factories import birth

WAYS = (Way.ONLINE, Way.COUNTER)
DOSSIER = dossier_of(birth(), None)  # two cases, of three and of four papers
MOST_PLACES = 20_000
BIRTH = "1.001193"  # the shipped record: three ways, four cases, shown-only papers
GUIDE = "guide:vneid_install"


# ---- the engine --------------------------------------------------------------------------------------------


def moves_from(
    dossier: Dossier, position: CheckPosition | None
) -> Iterator[tuple[Mark, str | None, Checked]]:
    options = {
        Mark.WAY: [way.value for way in Way],
        Mark.CASE: [*(case.id for case in dossier.cases), "gone"],
    }
    for move in Mark:
        for option in options.get(move, [None]):
            yield move, option, mark(dossier, WAYS, position, move, option)


def check(dossier: Dossier, checked: Checked) -> None:
    """Hold where a move led against what must be true everywhere."""
    at = checked.position
    assert CheckPosition.model_validate_json(at.model_dump_json()) == at
    assert at.code == dossier.code
    lists = [*at.have, *at.lack, *at.other]
    assert len(lists) == len(set(lists)), "a paper has one answer"
    questions = [bool(checked.ways), bool(checked.cases), checked.need is not None]
    assert sum(questions) == (0 if at.at == FINISHED else 1)
    found = outcome(dossier, WAYS, at)
    if checked.ways or checked.cases:
        assert at.at == (ASK_WAY if checked.ways else ASK_CASE)
        assert len(checked.ways or checked.cases) > 1
        assert found is None
        return
    assert found is not None
    needs = found.case.by_way(found.way)
    told = [*found.have, *found.lack, *found.open]
    assert {n.id for n in told} == {n.id for n in needs if n.id not in at.other}
    assert len(told) == len({n.id for n in told})
    if checked.need is not None:
        assert checked.need.id == at.at
        assert needs[checked.number - 1] == checked.need
        assert checked.count == len(needs)


def test_every_move_from_every_place() -> None:
    always, named = birth().documents
    fewer = always.model_copy(update={"items": always.items[1:3]})
    dossier = dossier_of(birth().model_copy(update={"documents": (fewer, named)}), None)
    seen: set[str] = set()
    waiting: list[CheckPosition | None] = [None]
    while waiting:
        here = waiting.pop()
        for move, _, checked in moves_from(dossier, here):
            check(dossier, checked)
            begins = here is None or move is Mark.START
            assert checked.position.running == (begins or move is not Mark.STOP)
            key = place(checked.position)
            if key not in seen:
                seen.add(key)
                waiting.append(checked.position)
    assert 200 < len(seen) < MOST_PLACES


def place(position: CheckPosition) -> str:
    """Return the position as a key; in which order papers were answered does not matter."""
    lists = {name: tuple(sorted(getattr(position, name))) for name in ("have", "lack", "other")}
    return position.model_copy(update=lists).model_dump_json()


def test_every_place_after_a_change_of_the_record() -> None:
    """Papers and cases come and go; what was answered stays where its paper stays."""
    less = dossier_of(birth().model_copy(update={"documents": birth().documents[:1]}), None)
    positions: dict[str, CheckPosition] = {}
    waiting: list[CheckPosition | None] = [None]
    while waiting:
        for _, _, checked in moves_from(DOSSIER, waiting.pop()):
            key = place(checked.position)
            if key not in positions and len(positions) < 300:
                positions[key] = checked.position
                waiting.append(checked.position)
    for position in positions.values():
        for _, _, checked in moves_from(less, position):
            check(less, checked)


def answered(*marks: tuple[Mark, str | None]) -> Checked:
    checked = mark(DOSSIER, WAYS, None, Mark.START)
    for move, option in marks:
        checked = mark(DOSSIER, WAYS, checked.position, move, option)
    return checked


ABANDONED, NO_CASE = (case.id for case in DOSSIER.cases)
AT_COUNTER = ((Mark.WAY, "counter"), (Mark.CASE, ABANDONED))


def test_one_thing_is_asked_at_a_time() -> None:
    assert answered().position.at == ASK_WAY
    assert answered(AT_COUNTER[0]).position.at == ASK_CASE
    first = answered(*AT_COUNTER)
    assert (first.number, first.count) == (1, 4)
    assert first.need is not None
    assert first.need.say == "Tờ khai đăng ký khai sinh"


def test_the_outcome_lists_what_was_said() -> None:
    done = answered(*AT_COUNTER, (Mark.HAVE, None), (Mark.LACK, None), (Mark.HAVE, None), (Mark.OTHER, None))
    assert done.position.at == FINISHED
    found = outcome(DOSSIER, WAYS, done.position)
    assert found is not None
    assert [need.say for need in found.lack] == ["Giấy chứng sinh"]
    assert [need.say for need in found.have] == ["Tờ khai đăng ký khai sinh", "Giấy tờ tùy thân"]
    assert found.open == ()


def test_back_takes_the_last_answer_back() -> None:
    there = answered(*AT_COUNTER, (Mark.HAVE, None), (Mark.BACK, None))
    assert there.number == 1
    assert there.position.have == ()
    assert answered(*AT_COUNTER, (Mark.BACK, None)).position.at == ASK_CASE
    assert answered(*AT_COUNTER, (Mark.BACK, None), (Mark.BACK, None)).position.at == ASK_WAY


def test_the_summary_may_come_at_once() -> None:
    checked = answered(*AT_COUNTER, (Mark.LACK, None), (Mark.SUMMARY, None))
    found = outcome(DOSSIER, WAYS, checked.position)
    assert found is not None
    assert (len(found.lack), len(found.open)) == (1, 3)
    assert answered((Mark.SUMMARY, None)).position.at == ASK_WAY, "nothing is known yet"


def test_another_way_asks_for_the_case_again() -> None:
    position = answered(*AT_COUNTER).position
    assert mark(DOSSIER, WAYS, position, Mark.WAY, "online").position.at == ASK_CASE
    assert mark(DOSSIER, WAYS, position, Mark.WAY, "post").position == position, "no such way"


# ---- drawn procedures --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def procedures(shipped_knowledge: Knowledge) -> tuple[Procedure, ...]:
    return drawn(shipped_knowledge.catalogue, shipped_knowledge.cards)


def test_the_check_is_true_to_the_record(
    procedures: tuple[Procedure, ...], shipped_assistant: Assistant, shipped_knowledge: Knowledge
) -> None:
    random, wrong = Random(SEED), []
    for one in procedures:
        held = Held(one, shipped_knowledge.cards.get(one.code), date.today())
        for _ in range(3):
            wrong += [(one.code, text) for text in checked_wrongly(shipped_assistant, held, random)]
    assert len(procedures) == DRAWN
    assert wrong == []


# ---- in conversation ---------------------------------------------------------------------------------------


def say(assistant: Assistant, state: ConversationState, text: str) -> Turn:
    """Type as a citizen does: masked at the door, and the state stored between two turns."""
    turn = assistant.reply(state, Message(mask(text).text))
    return Turn(turn.reply, restarted(turn.state), turn.decision, turn.ranking)


def tap(assistant: Assistant, state: ConversationState, payload: str) -> Turn:
    turn = assistant.reply(state, Message(payload, MessageKind.PAYLOAD))
    return Turn(turn.reply, restarted(turn.state), turn.decision, turn.ranking)


def restarted(state: ConversationState) -> ConversationState:
    return ConversationState.model_validate_json(state.model_dump_json())


def begun(assistant: Assistant, *payloads: str) -> Turn:
    turn = tap(assistant, ConversationState(introduced=True), f"check:{BIRTH}")
    for payload in payloads:
        turn = tap(assistant, turn.state, payload)
    return turn


AT_A_PAPER = ("mark:way.counter", "mark:case.hospital")


def position(turn: Turn) -> CheckPosition:
    assert turn.state.check is not None
    return turn.state.check


def test_a_whole_check_in_typed_words(shipped_assistant: Assistant) -> None:
    turn = begun(shipped_assistant)
    assert "đừng gửi ảnh hay số giấy tờ" in turn.reply.text
    for text, at in (("tôi ra xã nộp", ASK_CASE), ("con có giấy chứng sinh", None), ("dạ có rồi ạ", None)):
        turn = say(shipped_assistant, turn.state, text)
        assert turn.decision.action == "check", (text, turn.decision)
        assert at is None or position(turn).at == at, text
    while position(turn).at != FINISHED:
        turn = say(shipped_assistant, turn.state, "chưa có")
        assert turn.decision.action == "check"
    lacking = sections(turn.reply.text)["Còn thiếu"]
    assert lacking or ALL_THERE not in turn.reply.text
    for word in ("dạ", "ra xã", "chưa có"):
        assert word not in kept(turn.state), "nothing of the person's words is kept"


def test_a_lacking_paper_that_is_only_shown_is_not_called_there(
    shipped_assistant: Assistant, shipped_knowledge: Knowledge
) -> None:
    held = Held(shipped_knowledge.catalogue.by_code[BIRTH], shipped_knowledge.cards[BIRTH], date.today())
    citizen = Citizen(shipped_assistant, held, Random(1))
    citizen.begin()
    citizen.tap("mark:way.counter")
    turn = citizen.tap("mark:case.hospital")
    while (check_ := citizen.state.check) is not None and check_.at != FINISHED:
        turn = citizen.tap("mark:lack" if "chỉ để cho xem" in turn.reply.text else "mark:have")
    assert citizen.state.check is not None
    assert citizen.state.check.lack
    assert ALL_THERE not in turn.reply.text


@pytest.mark.parametrize("payloads", [(), AT_A_PAPER[:1], AT_A_PAPER, (*AT_A_PAPER, "mark:have")])
def test_stop_and_resume_by_name_after_a_restart(
    payloads: tuple[str, ...], shipped_assistant: Assistant
) -> None:
    there = begun(shipped_assistant, *payloads)
    stopped = say(shipped_assistant, there.state, "dừng lại")
    assert "kiểm tra tiếp" in stopped.reply.text
    assert not position(stopped).running
    other = say(shipped_assistant, stopped.state, "cảm ơn bạn")
    assert "đang chờ" not in other.reply.text, "who has stopped is not reminded"
    back = say(shipped_assistant, other.state, "kiểm tra tiếp")
    assert back.decision.action == "check", back.decision
    assert position(back) == position(there)
    assert back.reply.text in there.reply.text


@pytest.mark.parametrize("words", ["kiểm tra tiếp", "quay lại", "xem kết quả", "kiểm tra lại từ đầu"])
def test_after_the_outcome_its_moves_can_still_be_typed(words: str, shipped_assistant: Assistant) -> None:
    turn = begun(shipped_assistant, *AT_A_PAPER)
    while position(turn).at != FINISHED:
        turn = tap(shipped_assistant, turn.state, "mark:have")
    action = say(shipped_assistant, turn.state, words).decision.action
    assert action == "check"


QUESTIONS = ("lệ phí bao nhiêu", "cảm ơn bạn nhé", "hôm nay trời đẹp quá", "đăng ký kết hôn cần gì")


@pytest.mark.parametrize("payloads", [(), AT_A_PAPER[:1], AT_A_PAPER])
def test_another_question_is_answered_and_the_check_waits(
    payloads: tuple[str, ...], shipped_assistant: Assistant
) -> None:
    there = begun(shipped_assistant, *payloads)
    for question in QUESTIONS:
        other = say(shipped_assistant, there.state, question)
        assert other.decision.action != "check", question
        assert "Việc kiểm tra hồ sơ" in other.reply.text
        assert "đang chờ" in other.reply.text
        for back in (
            say(shipped_assistant, other.state, "kiểm tra tiếp"),
            tap(shipped_assistant, other.state, "mark:resume"),
        ):
            assert position(back) == position(there), question
            assert back.reply.text in there.reply.text


def test_an_emergency_in_the_middle(shipped_assistant: Assistant) -> None:
    there = begun(shipped_assistant, *AT_A_PAPER)
    urgent = say(shipped_assistant, there.state, "cháy nhà rồi cứu với")
    assert urgent.decision.action == "emergency"
    assert "114" in urgent.reply.text
    assert position(say(shipped_assistant, urgent.state, "kiểm tra tiếp")) == position(there)


SECRETS = (
    "mã otp của tôi là 482913",
    "mật khẩu vneid: Hoa@1990x",
    "passcode 135790",
    "căn cước 038090001234",
    "có rồi, số căn cước của tôi 038090001234",
    "có, thẻ 4111 1111 1111 1111",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("payloads", [(), AT_A_PAPER[:1], AT_A_PAPER])
def test_a_secret_is_refused_and_the_check_goes_on(
    payloads: tuple[str, ...], secret: str, shipped_assistant: Assistant
) -> None:
    there = begun(shipped_assistant, *payloads)
    refused = say(shipped_assistant, there.state, secret)
    assert refused.decision.action == "refuse_pii", mask(secret).text
    assert "đã che đi" in refused.reply.text
    assert "Đừng đưa số giấy tờ, mật khẩu hay mã OTP" in refused.reply.text
    assert position(refused) == position(there)
    for part in ("482913", "Hoa@1990x", "135790", "038090001234", "4111"):
        assert part not in refused.reply.text + kept(refused.state)
    assert position(say(shipped_assistant, refused.state, "kiểm tra tiếp")) == position(there)


def test_guide_and_check_do_not_run_at_once(shipped_assistant: Assistant) -> None:
    there = begun(shipped_assistant, *AT_A_PAPER)
    guide = tap(shipped_assistant, there.state, GUIDE)
    assert not position(guide).running
    assert guide.state.guide is not None
    back = tap(shipped_assistant, guide.state, "mark:resume")
    assert position(back) == position(there)
    assert back.state.guide is not None
    assert not back.state.guide.running


def test_the_check_is_asked_for_in_words(shipped_assistant: Assistant) -> None:
    state = ConversationState(introduced=True, code=BIRTH)
    for text in (
        "kiểm tra hồ sơ trước khi nộp",
        "hồ sơ của tôi đủ chưa",
        "xem giúp tôi còn thiếu giấy tờ gì không",
    ):
        turn = say(shipped_assistant, state, text)
        assert turn.decision.action == "check", (text, turn.decision)
        assert position(turn).code == BIRTH
    nothing = say(shipped_assistant, ConversationState(introduced=True), "kiểm tra hồ sơ trước khi nộp")
    assert nothing.decision.action == "check"
    assert nothing.state.check is None
    assert "của việc gì" in nothing.reply.text


def test_a_check_of_what_is_gone_does_no_harm(shipped_assistant: Assistant) -> None:
    gone: dict[str, Any] = {"introduced": True, "check": {"code": "1.999999", "at": "0123456789"}}
    state = ConversationState.model_validate(gone)
    for text in ("có", "kiểm tra tiếp", "dừng lại", "lệ phí bao nhiêu"):
        assert say(shipped_assistant, state, text).reply.text
    stale = {
        **gone,
        "check": {"code": BIRTH, "way": "sea", "case": "gone", "at": "0123456789", "have": ["x"]},
    }
    turn = say(shipped_assistant, ConversationState.model_validate(stale), "có")
    assert position(turn).at == ASK_WAY
