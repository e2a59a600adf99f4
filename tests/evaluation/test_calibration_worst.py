"""Judging and listing the worst answers, over turns made by hand."""

from __future__ import annotations

import pytest

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import Aspect, ConversationState
from bot.messages import Reply
from bot.search.types import Hit, Ranking, Verdict
from evaluation.calibration.questions import CitizenQuestion, Style
from evaluation.calibration.worst import Fault, Judged, judge, measured, page, worst
from evaluation.observing import Crashed
from evaluation.questions import Kind
from procedures_kb import catalogue

BIRTH, MARRIAGE, DEATH = "1.001193", "1.000894", "1.000656"


def question(kind: Kind = Kind.FIND, **other: object) -> CitizenQuestion:
    gold = (BIRTH,) if kind in {Kind.FIND, Kind.ASPECT} else ()
    fields: dict[str, object] = {"id": "T1", "text": "làm giấy cho bé", "kind": kind, "gold": gold}
    return CitizenQuestion.model_validate(fields | {"style": Style.PLAIN, "note": "a test"} | other)


def turn(action: Action, *codes: str, choices: tuple[str, ...] = (), text: str = "") -> Crashed:
    hits = tuple(Hit(code, (code,), 5.0 - at, 0.5) for at, code in enumerate(codes or choices))
    ranking = Ranking(hits, Verdict.ASK, 0.9, 1.0, 3, ("lexical",))
    return Crashed(
        ConversationState(),
        Decision(action, codes=codes, choices=choices, reason="test"),
        Reply(text),
        ranking,
    )


@pytest.mark.parametrize(
    ("asked", "answered", "fault"),
    [
        (question(), turn(Action.ANSWER, BIRTH), Fault.NONE),
        (question(), turn(Action.ANSWER, MARRIAGE), Fault.WRONG),
        (question(), turn(Action.DECLINE), Fault.TURNED_AWAY),
        (question(), turn(Action.EMERGENCY), Fault.FALSE_ALARM),
        (question(), turn(Action.ASK_BACK, choices=(BIRTH, DEATH)), Fault.ASKED_NEEDLESSLY),
        (question(), turn(Action.ASK_BACK, choices=(DEATH, BIRTH)), Fault.NONE),
        (question(), turn(Action.ASK_BACK, choices=(DEATH, MARRIAGE)), Fault.NOT_OFFERED),
        (question(Kind.ABSENT), turn(Action.ANSWER, BIRTH), Fault.WRONG),
        (question(Kind.ABSENT), turn(Action.ASK_BACK, choices=(BIRTH, DEATH)), Fault.NONE),
        (question(Kind.OUT_OF_SCOPE), turn(Action.REFUSE), Fault.NONE),
        (question(Kind.OUT_OF_SCOPE), turn(Action.ASK_BACK, choices=(BIRTH, DEATH)), Fault.OFFERED),
        (question(Kind.OUT_OF_SCOPE), turn(Action.ANSWER, BIRTH), Fault.WRONG),
    ],
)
def test_faults(asked: CitizenQuestion, answered: Crashed, fault: Fault) -> None:
    assert judge(asked, answered) is fault


@pytest.mark.parametrize(
    ("answered", "fault"),
    [
        (turn(Action.ASK_BACK, choices=(BIRTH, MARRIAGE)), Fault.NONE),
        (turn(Action.ASK_BACK, choices=(MARRIAGE, "1.004222")), Fault.NOT_OFFERED),
        (turn(Action.ANSWER, BIRTH), Fault.NOT_ASKED),
        (turn(Action.ANSWER, MARRIAGE), Fault.WRONG),
        (turn(Action.LIFE_EVENT), Fault.NONE),
        (turn(Action.DECLINE), Fault.TURNED_AWAY),
    ],
)
def test_ambiguous_questions_are_to_be_asked_back(answered: Crashed, fault: Fault) -> None:
    assert judge(question(Kind.AMBIGUOUS, gold=(BIRTH, DEATH)), answered) is fault


def test_a_fact_that_is_not_said_is_missing() -> None:
    asked = question(Kind.ASPECT, aspect=Aspect.FEE, answer_facts=("8.000",))
    assert judge(asked, turn(Action.ANSWER, BIRTH, text="phí 8.000 đồng")) is Fault.NONE
    assert judge(asked, turn(Action.ANSWER, BIRTH, text="miễn phí")) is Fault.FACT_MISSING


def test_the_worst_come_first_and_the_faultless_not_at_all() -> None:
    turns = (
        turn(Action.ANSWER, BIRTH),
        turn(Action.DECLINE),
        turn(Action.ANSWER, MARRIAGE),
        turn(Action.ASK_BACK, choices=(DEATH, MARRIAGE)),
    )
    judged = [Judged(question(), answered, judge(question(), answered)) for answered in turns]
    assert [one.fault for one in worst(judged, 2)] == [Fault.WRONG, Fault.TURNED_AWAY]
    assert measured(judged)["find.r1"].value == 0.25


def test_page_names_what_was_expected_and_returned() -> None:
    answered = turn(Action.ANSWER, MARRIAGE)
    text = page([Judged(question(), answered, Fault.WRONG)], catalogue.load(), 5, "A title")
    assert text.startswith("# A title\n")
    assert (
        "làm giấy cho bé" in text
        and "expected: 1.001193" in text
        and "returned: answer (test): 1.000894" in text
    )
