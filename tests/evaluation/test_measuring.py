from evaluation.measuring import Observation, figures, interval, percentile


def test_interval_holds_the_mean_and_is_reproducible() -> None:
    values = [1.0] * 30 + [0.0] * 10
    low, high = interval(values)
    assert 0.5 < low < 0.75 < high < 0.95
    assert interval(values) == (low, high)


def test_interval_of_agreement_is_a_point() -> None:
    assert interval([1.0, 1.0]) == (1.0, 1.0)


def test_groups_by_key_in_order() -> None:
    measured = figures([Observation("b", "1", 1), Observation("a", "2", 0), Observation("b", "3", 0)])
    assert list(measured) == ["b", "a"]
    assert (measured["b"].value, measured["b"].n, measured["b"].short) == (0.5, 2, ("3",))


def test_percentile_of_nothing_is_zero() -> None:
    assert percentile([], 95) == 0.0
    assert percentile([1.0, 3.0], 50) == 2.0
