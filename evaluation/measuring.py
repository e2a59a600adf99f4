"""From observations to figures: a mean for each key, with an interval by bootstrap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from pydantic import BaseModel, ConfigDict

from evaluation.bootstrap import Units, interval, percentile_interval

TURNS = "dialogue.turns"
_FAULTS = (".wrong", ".accents_lost", "_ms")


@dataclass(frozen=True, slots=True)
class Observation:
    """One question's contribution to one figure: `value` lies in [0, 1], for a difference in [-1, 1]."""

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
    short: tuple[str, ...] = ()


class Measured(BaseModel):
    """One figure in a report: a mean, its 95 % interval, how many questions, which count against."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float
    n: int
    short: tuple[str, ...] = ()

    @classmethod
    def of(cls, figure: Figure, ids: bool = True) -> Measured:
        """Round a figure for a report; without `ids` it names no question."""
        low, high = round(figure.low, 4), round(figure.high, 4)
        short = figure.short if ids else ()
        return cls(value=round(figure.value, 4), low=low, high=high, n=figure.n, short=short)


def figures(observations: Iterable[Observation]) -> Mapping[str, Figure]:
    """Group by key, in order of first appearance. The ids of one key must differ."""
    groups: dict[str, list[Observation]] = {}
    for observation in observations:
        groups.setdefault(observation.key, []).append(observation)
    return {key: _figure(key, group) for key, group in groups.items()}


def outcomes(observations: Iterable[Observation]) -> dict[str, dict[str, float]]:
    """Return key → id → value, as a report keeps them for the next comparison."""
    found: dict[str, dict[str, float]] = {}
    for observation in observations:
        found.setdefault(observation.key, {})[observation.id] = round(observation.value, 4)
    return found


def difference(
    key: str, minuend: str, subtrahend: str, observations: Sequence[Observation]
) -> Iterator[Observation]:
    """Yield, as `key`, what each question has under `minuend` beyond what it has under `subtrahend`."""
    found = outcomes(one for one in observations if one.key in {minuend, subtrahend})
    less = found.get(subtrahend, {})
    for identity, value in found.get(minuend, {}).items():
        if identity in less:
            yield Observation(key, identity, value - less[identity])


def lower_is_better(key: str) -> bool:
    """Return whether the figure counts faults (or milliseconds), so that less of it is better."""
    return key.startswith("inscope") or key.endswith(_FAULTS)


def by_unit(key: str, values: Iterable[tuple[str, float]]) -> Units:
    """Return the total and the number of the values of each unit, from (id, value).

    A unit is what is drawn as a whole when resampling: a question, but for turns their dialogue, because
    the turns of one dialogue fail together; drawn one by one they would pretend to more certainty.
    """
    units: dict[str, tuple[float, int]] = {}
    for identity, value in values:
        unit = identity.rpartition("/")[0] if key == TURNS else identity
        total, count = units.get(unit, (0.0, 0))
        units[unit] = (total + value, count + 1)
    return units


def timed(key: str, took_ms: Sequence[float], cuts: Sequence[int] = (50, 95)) -> dict[str, Figure]:
    """Return the figures `key`.p50_ms and `key`.p95_ms of some milliseconds."""
    return {
        f"{key}.p{cut}_ms": Figure(percentile(took_ms, cut), *percentile_interval(took_ms, cut), len(took_ms))
        for cut in cuts
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile of `values`, 0.0 of none."""
    return float(np.percentile(values, percent)) if values else 0.0


def _figure(key: str, group: Sequence[Observation]) -> Figure:
    units = by_unit(key, ((one.id, one.value) for one in group)).values()
    low, high = interval([total for total, _ in units], [count for _, count in units])
    return Figure(fmean(one.value for one in group), low, high, len(group), tuple(_short(key, group)))


def _short(key: str, group: Sequence[Observation]) -> Iterator[str]:
    if key.endswith(".share"):
        return  # how often we answer directly is neither good nor bad in itself
    for observation in group:
        if observation.value > 0 if lower_is_better(key) else observation.value < 1:
            yield observation.id
