"""Checks all texts, or some, and holds the list of exceptions to account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluation.readability.limits import Exempt, Limits, read_limits
from evaluation.readability.rules import Rules, Violation
from evaluation.readability.sources import ROOT, units


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: violations, exceptions that cover nothing any more, and how much was read.

    `excused` counts the violations that an exception covers.
    """

    violations: tuple[Violation, ...]
    stale: tuple[Exempt, ...]
    units: int
    texts: int
    excused: int

    @property
    def clean(self) -> bool:
        """Whether nothing has to be done."""
        return not self.violations and not self.stale


def check(wanted: str | None = None, limits: Limits | None = None, root: Path = ROOT) -> Report:
    """Check everything, or the kind, file or folder `wanted`.

    An exception is stale where the text unit that it names was read and does not break the rule, or where
    everything was read and no such unit is there. Raises BrokenLimits, UnknownSource, BrokenSource.
    """
    limits = limits or read_limits()
    read = list(units(limits, wanted, root))
    rules = Rules(limits)
    found = list(dict.fromkeys(violation for unit in read for violation in rules.broken(unit)))
    used: set[Exempt] = set()
    left = []
    for violation in found:
        covering = [exempt for exempt in limits.exceptions if covers(exempt, violation)]
        used.update(covering)
        if not covering:
            left.append(violation)
    seen = {unit.place for unit in read}
    judged = [
        e for e in limits.exceptions if wanted is None or any(e.place.startswith(f"{p} ") for p in seen)
    ]
    stale = tuple(exempt for exempt in judged if exempt not in used)
    texts = sum(len(unit.pieces) for unit in read)
    return Report(tuple(left), stale, len(read), texts, len(found) - len(left))


def covers(exempt: Exempt, violation: Violation) -> bool:
    """Return whether `exempt` allows `violation`."""
    same = exempt.place == violation.place and exempt.rule is violation.rule
    return same and exempt.found in (None, violation.found)
