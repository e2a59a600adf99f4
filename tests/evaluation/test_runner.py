import re
from pathlib import Path

import pytest

import evaluation
from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import Aspect, ConversationState
from bot.messages import Message, Reply
from evaluation.questions import Dialogue, Question
from evaluation.ranking import rank_of
from evaluation.runner import ACCENTS_LOST, MAIN_KEYS, Outcome, run, told_apart
from tests.evaluation.fakes import FakeAssistant, FakeTurn, ranking

QUESTIONS = [
    {"id": "F1", "text": "nuôi chim", "kind": "find", "gold": ["1.000002"]},
    {"id": "F2", "text": "trồng hoa", "kind": "find", "gold": ["1.000003"]},
    {"id": "F3", "text": "bán cá", "kind": "find", "gold": ["1.000009"]},
    {"id": "A1", "text": "phí nuôi chim", "kind": "aspect", "gold": ["1.000001"], "aspect": "fee",
     "answer_facts": ["20.000"]},
    {"id": "C1", "text": "hoa", "kind": "ambiguous", "gold": ["1.000003"], "ask_about": "hoa gì"},
    {"id": "O1", "text": "hát đi", "kind": "out_of_scope"},
    {"id": "X1", "text": "thẻ bơi", "kind": "absent"},
    {"id": "G1", "text": "cài app", "kind": "guide", "expect": "install"},
    {"id": "E1", "text": "cháy", "kind": "emergency"},
]  # fmt: skip
BIRD, FLOWER = ("1.000001", "1.000002"), ("1.000003",)
TURNS = {
    "nuôi chim": FakeTurn(Decision(Action.ANSWER, BIRD), ranking=ranking(BIRD, FLOWER)),
    "trồng hoa": FakeTurn(Decision(Action.ANSWER, BIRD), ranking=ranking(BIRD, FLOWER)),
    "phí nuôi chim": FakeTurn(
        Decision(Action.ANSWER, BIRD, (Aspect.FEE,)), Reply("20 000 đồng"), ranking(BIRD)
    ),
    "hoa": FakeTurn(Decision(Action.ASK_BACK, choices=("1.000003", "1.000004"))),
    "thẻ bơi": FakeTurn(Decision(Action.ANSWER, BIRD)),
    "cài app": FakeTurn(Decision(Action.GUIDE, guide="install")),
    "cháy": FakeTurn(Decision(Action.EMERGENCY)),
}


def outcome(*dialogues: Dialogue) -> Outcome:
    questions = [Question.model_validate(question) for question in QUESTIONS]
    return run(FakeAssistant(TURNS), str, questions, dialogues)


def test_rank_counts_families_and_twins() -> None:
    assert rank_of([FLOWER, BIRD], ["1.000002"]) == 2
    assert rank_of([FLOWER], ["1.000002"]) is None


def test_figures_of_known_turns() -> None:
    flat = outcome().flat()
    assert flat["find.r1"] == pytest.approx(1 / 3, abs=1e-4)
    assert flat["find.r3"] == flat["find.r10"] == pytest.approx(2 / 3, abs=1e-4)
    assert flat["find.mrr"] == pytest.approx(1.5 / 3, abs=1e-4)
    assert flat["direct.share"] == pytest.approx(2 / 3, abs=1e-4)
    assert flat["direct.wrong"] == 0.5
    assert flat["inscope.refused"] == 0.25
    assert flat["aspect.facts"] == flat["ambiguous.ask_back"] == flat["oos.refused"] == 1
    assert flat["guide.recognised"] == flat["emergency.recognised"] == 1
    assert flat["absent.not_asserted"] == 0
    assert flat["n.find"] == 3
    assert flat["n.aspect"] == 1


def test_every_key_of_the_page_is_there_and_within_bounds() -> None:
    turns = [{"user": "nuôi chim", "expect": {"code": "1.000001"}}]
    flat = outcome(Dialogue.model_validate({"id": "D1", "turns": turns})).flat()
    assert set(MAIN_KEYS) <= set(flat)
    assert all(0 <= flat[key] <= 1 for key in MAIN_KEYS)


def test_without_accents_the_fake_understands_nothing() -> None:
    flat = outcome().flat()
    assert flat["find_folded.r1"] == 0
    assert flat["aspect_folded.facts"] == 0
    assert flat["inscope_folded.refused"] == 1


def test_what_stripped_accents_cost_is_taken_question_by_question() -> None:
    lost = outcome().figures[ACCENTS_LOST]
    assert (lost.value, lost.n, lost.short) == (pytest.approx(1 / 3), 3, ("F1",))


def test_ids_that_kinds_share_are_told_apart() -> None:
    questions = [Question.model_validate(question | {"id": "Q1"}) for question in QUESTIONS[:3]]
    apart = told_apart(questions)
    assert [question.id for question in apart] == ["Q1", "Q1#2", "Q1#3"]
    assert [question.text for question in apart] == [question.text for question in questions]


def test_ids_name_what_counts_against_us() -> None:
    figures = outcome().figures
    assert figures["find.r1"].short == ("F2", "F3")
    assert figures["inscope.refused"].short == ("F3",)
    assert figures["direct.wrong"].short == ("F2",)
    assert figures["direct.share"].short == ()


def test_a_dialogue_carries_its_state_and_names_what_was_missed() -> None:
    after = ConversationState(code="1.000001")
    turns = {
        "một": FakeTurn(Decision(Action.ANSWER, BIRD), state=after),
        "hai": FakeTurn(Decision(Action.THANKS), state=after),
    }
    assistant = FakeAssistant(turns)
    dialogue = Dialogue.model_validate(
        {
            "id": "D1",
            "turns": [
                {"user": "một", "expect": {"code": "1.000001"}},
                {"user": "hai", "expect": {"aspect": "fee", "code": "1.000001"}},
            ],
        }
    )
    measured = run(assistant, str, (), (dialogue,))
    assert assistant.heard[0][0] == ConversationState()
    assert assistant.heard[1][0] == after
    assert measured.flat()["dialogue.turns"] == 0.5
    assert measured.flat()["dialogue.whole"] == 0
    assert measured.unmet == {"D1/2": ("code", "aspect")}


def test_personal_data_is_masked_before_the_assistant_hears_it() -> None:
    assistant = FakeAssistant({})
    question = Question.model_validate({"id": "O1", "text": "số 123", "kind": "out_of_scope"})
    run(assistant, lambda text: text.replace("123", "[số]"), (question,))
    assert {text for _, text in assistant.heard} == {"số [số]", "so [số]"}


class Crashing:
    def reply(self, state: ConversationState, message: Message) -> FakeTurn:
        raise KeyError("1.000001")


def test_a_crash_is_wrong_for_every_kind_and_does_not_end_the_run() -> None:
    questions = [Question.model_validate(question) for question in QUESTIONS]
    flat = run(Crashing(), str, questions).flat()
    for key in ("find.r1", "aspect.facts", "ambiguous.ask_back", "oos.refused", "absent.not_asserted"):
        assert flat[key] == 0
    assert flat["guide.recognised"] == flat["emergency.recognised"] == 0
    assert flat["direct.wrong"] == 1
    assert flat["n.crashed_turns"] == flat["n.questions"] * 2 + flat["n.find"]


def test_the_page_documents_every_key() -> None:
    text = (Path(evaluation.__file__).parent / "README.md").read_text(encoding="utf-8")
    cells = {
        word for line in text.splitlines() if line.startswith("|") for word in re.findall(r"[\w.]+", line)
    }
    further = ("search.p50_ms", "search.p95_ms", "intent.accuracy", "intent.macro_f1")
    keys = [*outcome().figures, *further]
    for key in (key for key in keys if "_folded." not in key and "_typos." not in key):
        group, name = key.split(".")
        assert key in cells or (group in text and name in cells) or f".{name}" in cells, key
