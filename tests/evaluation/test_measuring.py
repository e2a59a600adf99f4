import pytest

from evaluation.measuring import (
    Figure,
    Measured,
    Observation,
    by_unit,
    difference,
    figures,
    lower_is_better,
    outcomes,
    percentile,
    timed,
)


def test_groups_by_key_in_order() -> None:
    measured = figures([Observation("b", "1", 1), Observation("a", "2", 0), Observation("b", "3", 0)])
    assert list(measured) == ["b", "a"]
    assert (measured["b"].value, measured["b"].n, measured["b"].short) == (0.5, 2, ("3",))


def test_turns_of_a_dialogue_are_one_unit() -> None:
    turns = [("D1/1", 1.0), ("D1/2", 1.0), ("D2/1", 0.0)]
    assert by_unit("dialogue.turns", turns) == {"D1": (2.0, 2), "D2": (0.0, 1)}
    assert by_unit("find.r1", turns) == {"D1/1": (1.0, 1), "D1/2": (1.0, 1), "D2/1": (0.0, 1)}
    measured = figures(Observation("dialogue.turns", identity, value) for identity, value in turns)
    assert (measured["dialogue.turns"].value, measured["dialogue.turns"].n) == (pytest.approx(2 / 3), 3)
    assert (measured["dialogue.turns"].low, measured["dialogue.turns"].high) == (0.0, 1.0)


def test_difference_is_taken_question_by_question() -> None:
    seen = [
        Observation("r1", "1", 1), Observation("r1", "2", 0), Observation("r1", "3", 1),
        Observation("bare", "1", 0), Observation("bare", "2", 1),
    ]  # fmt: skip
    lost = list(difference("x.accents_lost", "r1", "bare", seen))
    assert [(one.id, one.value) for one in lost] == [("1", 1), ("2", -1)]
    figure = figures(lost)["x.accents_lost"]
    assert (figure.value, figure.short) == (0.0, ("1",))


def test_faults_and_times_are_better_lower() -> None:
    keys = ("inscope.refused", "inscope_folded.refused", "direct_typos.wrong", "search.p95_ms")
    assert all(map(lower_is_better, keys))
    assert not any(map(lower_is_better, ("oos.refused", "find.r1", "direct.share")))


def test_outcomes_by_key_and_id() -> None:
    seen = [Observation("mrr", "1", 1 / 3), Observation("r1", "1", 0)]
    assert outcomes(seen) == {"mrr": {"1": 0.3333}, "r1": {"1": 0.0}}


def test_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 95) == 0.0
    assert percentile([1.0, 3.0], 50) == 2.0


def test_times_become_figures() -> None:
    measured = timed("search", [2.0] * 9)
    assert measured["search.p95_ms"] == Figure(2.0, 2.0, 2.0, 9)


def test_a_figure_can_go_without_ids() -> None:
    figure = Figure(1 / 3, 0.1, 0.9, 3, ("a",))
    assert Measured.of(figure).short == ("a",)
    assert Measured.of(figure, ids=False) == Measured(value=0.3333, low=0.1, high=0.9, n=3)
