import pytest

from evaluation.grouping import ABSENT, LEAST, OTHER, breakdown, length_of, level_of, spelling_of
from evaluation.measuring import Observation
from evaluation.questions import Kind, Question
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Level
from tests.evaluation.fakes import procedure

BIRD, FLOWER, FISH = "1.000001", "1.000003", "1.000005"


def question(text: str = "nuôi chim", gold: tuple[str, ...] = (BIRD,), identity: str = "F1") -> Question:
    return Question(id=identity, text=text, kind=Kind.FIND, gold=gold)


def catalogue() -> Catalogue:
    changes = {
        BIRD: {"ministry": "Bộ Chim", "field": "Chim", "levels": (Level.PROVINCE, Level.COMMUNE)},
        FLOWER: {"ministry": "Bộ Hoa", "field": "Hoa", "levels": (Level.MINISTRY,)},
        FISH: {"ministry": "Bộ Chim", "field": "Cá", "levels": ()},
    }
    return Catalogue(
        tuple(procedure(code, f"Việc {code}").model_copy(update=fields) for code, fields in changes.items())
    )


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("khai sinh", "1–3 syllables"),
        ("khai sinh cho con", "4–8 syllables"),
        ("một hai ba bốn năm sáu bảy tám chín", "9–15 syllables"),
        ("con " * 15, "9–15 syllables"),
        ("con " * 16, "16 syllables or more"),
    ],
)
def test_length_in_syllables(text: str, group: str) -> None:
    assert length_of(question(text)) == group


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("làm giấy khai sinh", "with accents"),
        ("làm giay khai sinh", "with accents"),
        ("lam giay khai sinh", "without accents"),
        ("lm gks cho con", "short forms"),
        ("ddawng kys kết hôn", "slips"),
    ],
)
def test_spelling_as_typed(text: str, group: str) -> None:
    assert spelling_of(question(text)) == group


def test_level_is_the_nearest_to_the_citizen() -> None:
    assert level_of(question(gold=(FLOWER, BIRD)), catalogue()) == "commune"
    assert level_of(question(gold=(FLOWER,)), catalogue()) == "ministry"
    assert level_of(question(gold=(FISH,)), catalogue()) == "unknown"
    assert level_of(question(gold=("9.999999",)), catalogue()) == ABSENT


def asked(*groups: tuple[str, int]) -> list[Question]:
    """Return so many questions for each code."""
    codes = [code for code, count in groups for _ in range(count)]
    return [question(gold=(code,), identity=f"F{at}") for at, code in enumerate(codes)]


def test_small_ministries_stand_together() -> None:
    questions = asked((BIRD, LEAST), (FLOWER, LEAST - 1), ("9.999999", 1))
    right = [Observation("find.r1", one.id, float(one.gold[0] == BIRD)) for one in questions]
    groups = breakdown([*right, Observation("oos.refused", "O1", 1.0)], questions, catalogue())
    assert list(groups) == ["ministry", "field", "level", "length", "spelling as typed"]
    assert list(groups["ministry"]) == ["Bộ Chim", OTHER]
    assert groups["ministry"]["Bộ Chim"]["find.r1"].value == 1.0
    assert (groups["ministry"][OTHER]["find.r1"].n, groups["ministry"][OTHER]["find.r1"].value) == (LEAST, 0)
    assert list(groups["level"]) == ["commune", "ministry", ABSENT]


def test_most_of_the_right_answers_name_the_field() -> None:
    questions = [question(gold=(FISH, BIRD, FLOWER), identity=f"F{at}") for at in range(LEAST)]
    seen = [Observation("find.r1", one.id, 1.0) for one in questions]
    groups = breakdown(seen, questions, catalogue())
    assert list(groups["ministry"]) == ["Bộ Chim"]
    assert list(groups["field"]) == ["Chim"]  # of equally many, the first by name


def test_nothing_asked_nothing_grouped() -> None:
    assert breakdown([], [], catalogue()) == {}
