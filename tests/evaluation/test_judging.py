import pytest

from bot.dialogue.decision import Action, Decision, Move
from bot.dialogue.state import Aspect
from bot.messages import Button, Reply
from evaluation.judging import asserts, declines, recognises_guide, refuses, unmet
from evaluation.questions import Expect, Kind, Question
from tests.evaluation.fakes import FakeTurn

CODES = ("1.000001", "1.000002")


@pytest.mark.parametrize(
    ("decision", "turned_away", "declined", "asserted"),
    [
        (Decision(Action.REFUSE), True, True, False),
        (Decision(Action.DECLINE), True, True, False),
        (Decision(Action.GREET), True, True, False),
        (Decision(Action.DECLINE, choices=CODES), False, True, False),
        (Decision(Action.ANSWER, CODES), False, False, True),
        (Decision(Action.ASK_BACK, choices=CODES), False, False, False),
        (Decision(Action.GUIDE, guide="procedure:1.000001"), False, False, True),
        (Decision(Action.GUIDE, guide="install"), False, False, False),
        (Decision(Action.EMERGENCY), False, True, False),
    ],
)
def test_verdicts(decision: Decision, turned_away: bool, declined: bool, asserted: bool) -> None:
    assert (refuses(decision), declines(decision), asserts(decision)) == (turned_away, declined, asserted)


@pytest.mark.parametrize(
    ("decision", "recognised"),
    [
        (Decision(Action.GUIDE, guide="install"), True),
        (Decision(Action.GUIDE, guide="other"), False),
        (Decision(Action.ANSWER, ("3.000001",)), True),
        (Decision(Action.ASK_BACK, choices=("1.000001", "3.000001")), True),
        (Decision(Action.GUIDE, guide="procedure:3.000001"), True),
        (Decision(Action.ANSWER, CODES), False),
        (Decision(Action.REFUSE), False),
    ],
)
def test_guide_or_acceptable_procedure(decision: Decision, recognised: bool) -> None:
    question = Question(id="G", text="x", kind=Kind.GUIDE, expect="install", alt_gold=("3.000001",))
    assert recognises_guide(decision, question) is recognised


FEE = Decision(Action.ANSWER, CODES, (Aspect.FEE,))
STEPS = Decision(Action.GUIDE, guide="procedure:1.000001", move=Move.START)


@pytest.mark.parametrize(
    ("decision", "expect", "lacking"),
    [
        (FEE, {"code": ["1.000002"], "aspect": "fee"}, ()),
        (FEE, {"code": ["1.000003"], "aspect": "time"}, ("code", "aspect")),
        (FEE, {"gold": ["1.000003", "1.000001"], "answer_facts": ["20.000"]}, ()),
        (FEE, {"answer_facts": ["30.000"]}, ("answer_facts",)),
        (STEPS, {"code": ["1.000001"], "aspect": "steps"}, ()),
        (STEPS, {"code": ["1.000001"], "aspect": "fee"}, ("aspect",)),
        (STEPS, {"move": "next"}, ("move",)),
        (Decision(Action.GUIDE, guide="install", move=Move.NEXT), {"guide": "install", "move": "next"}, ()),
        (Decision(Action.GUIDE, guide="install"), {"aspect": "steps"}, ("aspect",)),
        (Decision(Action.ASK_BACK, choices=CODES), {"action": "ask_back"}, ()),
        (Decision(Action.ASK_BACK, choices=CODES), {"action": "pick_option"}, ()),
        (Decision(Action.DECLINE), {"action": "pick_option"}, ("action",)),
        (Decision(Action.DECLINE), {"action": "refuse"}, ()),
        (Decision(Action.GREET), {"action": "menu"}, ()),
        (Decision(Action.GREET), {"action": "thanks"}, ("action",)),
        (Decision(Action.HAND_OFF), {"action": "hand_off"}, ()),
        (Decision(Action.REFUSE_PII), {"action": "refuse_pii"}, ()),
        (Decision(Action.EMERGENCY), {"action": "emergency"}, ()),
    ],
)
def test_expectations_of_a_turn(decision: Decision, expect: object, lacking: tuple[str, ...]) -> None:
    turn = FakeTurn(decision, Reply("Lệ phí: 20.000 đồng", (Button("Menu", "menu"),)))
    assert unmet(turn, Expect.model_validate(expect)) == lacking


def test_a_greeting_without_a_menu_is_no_menu() -> None:
    expect = Expect.model_validate({"action": "menu"})
    assert unmet(FakeTurn(Decision(Action.GREET)), expect) == ("action",)
