"""Intervals that can be worked out by hand: the binomial distribution says what the resamples may give."""

import pytest

from evaluation.bootstrap import interval, paired_interval, percentile_interval


def test_one_right_of_four_by_hand() -> None:
    # A resample of four holds k right answers with k ~ Bin(4, 1/4): P(0) = .316 > .025, so the low end is 0;
    # P(k <= 2) = .949 < .975 <= P(k <= 3) = .996, so the high end is 3 of 4.
    assert interval([1, 0, 0, 0]) == (0.0, 0.75)


def test_two_answers_that_differ_by_hand() -> None:
    # k ~ Bin(2, 1/2): both ends have probability 1/4.
    assert interval([1, 0]) == (0.0, 1.0)


def test_is_the_same_each_time_and_holds_the_mean() -> None:
    values = [1.0] * 30 + [0.0] * 10
    low, high = interval(values)
    assert 0.5 < low < 0.75 < high < 0.95
    assert interval(values) == (low, high)


def test_agreement_has_no_width() -> None:
    assert interval([1.0, 1.0]) == (1.0, 1.0)


def test_units_are_drawn_whole() -> None:
    alone = interval([1.0] * 20 + [0.0] * 20)
    together = interval([10.0, 10.0, 0.0, 0.0], [10, 10, 10, 10])
    assert together[0] < alone[0] < alone[1] < together[1]
    # Four dialogues, k ~ Bin(4, 1/2) of them right: P(0) = P(4) = 1/16 > .025.
    assert together == (0.0, 1.0)


def one_by_one(*values: float) -> dict[str, tuple[float, int]]:
    return {str(at): (value, 1) for at, value in enumerate(values)}


def test_five_of_ten_better_and_none_worse_by_hand() -> None:
    # Of ten drawn, k ~ Bin(10, 1/2) are better: P(k <= 1) = .011 < .025 <= P(k <= 2) = .055.
    span = paired_interval(one_by_one(*[0.0] * 10), one_by_one(*[1.0] * 5, *[0.0] * 5))
    assert span == pytest.approx((0.2, 0.8))


def test_pairs_tell_more_than_independent_samples() -> None:
    before = one_by_one(*[1.0] * 20, *[0.0] * 20)
    assert paired_interval(before, before) == (0.0, 0.0)


def test_what_one_side_lacks_counts_in_the_other_alone() -> None:
    low, high = paired_interval({"a": (1.0, 1)}, {"a": (1.0, 1), "b": (0.0, 1)})
    assert (low, high) == (-0.5, 0.0)  # b alone has no mean before, and is left out


def test_percentile_of_equal_times_is_exact() -> None:
    assert percentile_interval([3.0] * 5, 95) == (3.0, 3.0)
    low, high = percentile_interval([1.0, 2.0, 3.0, 40.0], 50)
    assert 1.0 <= low < 2.5 < high <= 40.0
