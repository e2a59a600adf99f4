"""Percentile-bootstrap intervals (Efron 1979): 95 %, 2,000 resamples, a fixed seed.

Every interval of one run draws the same questions in the same order, so a report made again is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 7
PERCENTILES = (2.5, 97.5)
Floats = NDArray[np.float64]
Units = Mapping[str, tuple[float, int]]
"""The total and the number of the values of each unit that is drawn as a whole."""


def interval(values: Sequence[float], counts: Sequence[int] | None = None) -> tuple[float, float]:
    """Return the interval of the mean.

    `values` holds one value a unit; with `counts`, the total of a unit that stands for so many observations.
    """
    totals = np.asarray(values, dtype=np.float64)
    sizes = np.ones(len(totals)) if counts is None else np.asarray(counts, dtype=np.float64)
    return bounds(_means(totals, sizes, picks(len(totals))))


def percentile_interval(values: Sequence[float], percent: float) -> tuple[float, float]:
    """Return the interval of a percentile of `values`."""
    sample = np.asarray(values, dtype=np.float64)
    return bounds(np.percentile(sample[picks(len(sample))], percent, axis=1))


def paired_interval(before: Units, now: Units) -> tuple[float, float]:
    """Return the interval of the mean of `now` less the mean of `before`, over the same units drawn for both.

    A unit that one of them lacks (a question answered directly in one run only) counts in the other alone.
    """
    units = [*before, *(unit for unit in now if unit not in before)]
    drawn = picks(len(units))
    old, new = ([side.get(unit, (0.0, 0)) for unit in units] for side in (before, now))
    return bounds(_means(*_columns(new), drawn) - _means(*_columns(old), drawn))


def picks(units: int) -> NDArray[np.int64]:
    """Return which units each resample draws, with replacement: shape (RESAMPLES, units), always the same."""
    return np.random.default_rng(SEED).integers(0, units, (RESAMPLES, units))


def bounds(resampled: Floats) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of what the resamples gave; nan is left out."""
    low, high = np.nanpercentile(resampled, PERCENTILES)
    return float(low), float(high)


def _columns(units: Sequence[tuple[float, int]]) -> tuple[Floats, Floats]:
    table = np.array(units, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _means(totals: Floats, sizes: Floats, drawn: NDArray[np.int64]) -> Floats:
    """Return the mean of each resample; nan where it drew no observation at all."""
    counted = sizes[drawn].sum(axis=1)
    means = np.full(RESAMPLES, np.nan)
    np.divide(totals[drawn].sum(axis=1), counted, out=means, where=counted > 0)
    return means
