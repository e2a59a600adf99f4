"""From observations to figures: a mean for each key, with an interval by bootstrap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

RESAMPLES = 2000
SEED = 7


@dataclass(frozen=True, slots=True)
class Observation:
    """One question's contribution to one figure: `value` lies in [0, 1]."""

    key: str
    id: str
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over `n` observations with its 95 % bootstrap interval, and the ids that count against us."""

    value: float
    low: float
    high: float
    n: int
    short: tuple[str, ...]


def figures(observations: Iterable[Observation]) -> Mapping[str, Figure]:
    """Group by key, in order of first appearance."""
    groups: dict[str, list[Observation]] = {}
    for observation in observations:
        groups.setdefault(observation.key, []).append(observation)
    return {key: _figure(key, group) for key, group in groups.items()}


def lower_is_better(key: str) -> bool:
    """Return whether the figure counts faults: in-scope questions refused, wrong procedures asserted."""
    return key.startswith("inscope") or key.endswith(".wrong")


def _figure(key: str, group: Sequence[Observation]) -> Figure:
    values = [observation.value for observation in group]
    low, high = interval(values)
    return Figure(fmean(values), low, high, len(values), tuple(_short(key, group)))


def _short(key: str, group: Sequence[Observation]) -> Iterator[str]:
    if key.endswith(".share"):
        return  # how often we answer directly is neither good nor bad in itself
    for observation in group:
        if observation.value > 0 if lower_is_better(key) else observation.value < 1:
            yield observation.id


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % percentile-bootstrap interval of the mean (Efron 1979; 2,000 resamples, fixed seed)."""
    sample = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(SEED).integers(0, len(sample), (RESAMPLES, len(sample)))
    means = sample[picks].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile of `values`, 0.0 of none."""
    return float(np.percentile(values, percent)) if values else 0.0
