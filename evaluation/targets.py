"""The figures that must be reached, and whether they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from evaluation.measuring import Measured
from procedures_kb.yaml_files import read_model

TARGETS = Path(__file__).parent / "data" / "targets.yaml"


class BrokenTargets(ValueError):
    """A file of targets that cannot be held against; the message names the place and the reason."""


class Verdict(StrEnum):
    """How a figure stands to its target."""

    AIM_MET = "aim met"
    MET = "met"
    NOT_MET = "not met"
    NOT_MEASURED = "not measured"


class Target(BaseModel):
    """One figure that must be reached: `at_least` or, of faults, `at_most`; better still, `aim`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    what: str
    aim: float
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_bound_before_the_aim(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.key} needs one bound: at_least or at_most")
        if not self.reached(self.aim):
            raise ValueError(f"the aim of {self.key} does not keep its bound")
        return self

    @property
    def bound(self) -> str:
        """The bound as people write it."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    def reached(self, value: float) -> bool:
        """Return whether `value` keeps the bound."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most

    def judge(self, value: float) -> Verdict:
        """Return how `value` stands to the bound and to the aim."""
        if not self.reached(value):
            return Verdict.NOT_MET
        close = value >= self.aim if self.at_least is not None else value <= self.aim
        return Verdict.AIM_MET if close else Verdict.MET


class Judged(BaseModel):
    """One target with what was measured.

    `sure` says that the whole 95 % interval stands on the same side of the bound: questions of the same kind
    by other writers would hardly change the verdict.
    """

    model_config = ConfigDict(frozen=True)

    target: Target
    measured: Measured | None
    verdict: Verdict
    sure: bool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: tuple[Target, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [target.key for target in self.targets]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"stand twice: {', '.join(twice)}")
        return self


def read_targets(file: Path = TARGETS) -> tuple[Target, ...]:
    """Return the targets. Raises BrokenTargets, naming place and reason."""
    return read_model(file, _File, BrokenTargets).targets


def against(targets: tuple[Target, ...], figures: Mapping[str, Measured]) -> tuple[Judged, ...]:
    """Return each target with its figure and the verdict, in the order of the file."""
    return tuple(_judged(target, figures.get(target.key)) for target in targets)


def _judged(target: Target, measured: Measured | None) -> Judged:
    if measured is None:
        return Judged(target=target, measured=None, verdict=Verdict.NOT_MEASURED)
    met = target.reached(measured.value)
    sure = all(target.reached(end) is met for end in _ends(measured))
    return Judged(target=target, measured=measured, verdict=target.judge(measured.value), sure=sure)


def _ends(measured: Measured) -> tuple[float, float]:
    """Return the interval; where all questions agree it has no width, and the rule of three gives it one."""
    if measured.low == measured.high == 1:
        return 1 - 3 / measured.n, 1.0
    if measured.low == measured.high == 0:
        return 0.0, 3 / measured.n
    return measured.low, measured.high
