from __future__ import annotations

import numpy as np
import pytest

from bot.search.segments import Segments


@pytest.mark.parametrize("lengths", [[1], [3], [1, 1, 1], [2, 5, 1, 3, 3], [4, 1, 4]])
def test_maxima_are_those_of_reduceat(lengths: list[int]) -> None:
    sizes = np.asarray(lengths, dtype=np.int64)
    values = np.random.default_rng(1).normal(size=sizes.sum()).astype(np.float32)
    expected = np.maximum.reduceat(values, np.cumsum(sizes) - sizes)
    assert Segments.of(sizes).maxima(values).tolist() == expected.tolist()


def test_values_stay() -> None:
    values = np.arange(4, dtype=np.float32)
    Segments.of(np.array([2, 2])).maxima(values)
    assert values.tolist() == [0, 1, 2, 3]
