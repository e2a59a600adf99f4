"""The ten traps of the portal's data (reference/portal.md): what of each is met, marked, and left open.

A record whose flag is missing is found, and so is a trap that no flag can cure (a note among the papers, a
character that was not repaired).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from procedures_kb import trap_detectors as detectors
from procedures_kb.model import Flag, Procedure
from procedures_kb.trap_detectors import BrokenTraps, Seen, Surroundings

__all__ = ["TRAPS", "BrokenTraps", "Surroundings", "Trap", "TrapCount", "TrapFinding", "find_traps"]


@dataclass(frozen=True)
class Trap:
    """One trap: `seen` yields what of it stands in a record, `marked` whether the importer has dealt with it.

    `name` is the flag's, where there is one. A trap that is `cured` by its mark does no harm in a record that
    carries the mark; the others must not be seen at all.
    """

    number: int
    name: str
    seen: Callable[[Procedure, Surroundings], Seen]
    marked: Callable[[Procedure], bool]
    cured: bool = True

    def open(self, procedure: Procedure, around: Surroundings) -> tuple[str, ...]:
        """Return what of the trap stands in the record and is not dealt with."""
        if self.cured and self.marked(procedure):
            return ()
        return tuple(dict.fromkeys(self.seen(procedure, around)))


@dataclass(frozen=True)
class TrapCount:
    """How often a trap was met: in how many records detected at all, marked, and left open."""

    trap: Trap
    detected: int
    flagged: int
    unflagged: int


@dataclass(frozen=True)
class TrapFinding:
    """A trap that a record leaves open, and what was seen."""

    trap: Trap
    code: str
    seen: str

    @property
    def reason(self) -> str:
        """The finding as one line for the operator."""
        return f"trap {self.trap.number}, {self.trap.name}: {self.seen}"


def find_traps(around: Surroundings) -> tuple[tuple[TrapCount, ...], tuple[TrapFinding, ...]]:
    """Return the count of every trap over all records, and each one that a record leaves open."""
    counts, findings = [], []
    for trap in TRAPS:
        marked = {p.code for p in around.procedures if trap.marked(p)}
        left = {p.code: seen for p in around.procedures if (seen := trap.open(p, around))}
        counts.append(TrapCount(trap, len(marked | set(left)), len(marked), len(left)))
        findings += [TrapFinding(trap, code, text) for code, seen in left.items() for text in seen]
    return tuple(counts), tuple(findings)


def _flag(flag: Flag) -> Callable[[Procedure], bool]:
    return lambda procedure: procedure.has(flag)


TRAPS: tuple[Trap, ...] = (
    Trap(1, Flag.FEE_CONFLICT.value, detectors.fee_conflict, _flag(Flag.FEE_CONFLICT)),
    Trap(2, Flag.WRONG_PAGE.value, detectors.wrong_page, _flag(Flag.WRONG_PAGE), cured=False),
    Trap(3, Flag.TIME_UNCLEAR.value, detectors.time_unclear, _flag(Flag.TIME_UNCLEAR)),
    Trap(4, "note_among_papers", detectors.note_paper, detectors.told_apart, cured=False),
    Trap(5, Flag.LOCAL_VERSION.value, detectors.local_version, _flag(Flag.LOCAL_VERSION)),
    Trap(6, Flag.DISTRICT_LEVEL.value, detectors.district_level, _flag(Flag.DISTRICT_LEVEL)),
    Trap(7, Flag.LEVEL_TWIN.value, detectors.level_twin, _flag(Flag.LEVEL_TWIN)),
    Trap(8, Flag.LONG_NAME.value, detectors.long_name, _flag(Flag.LONG_NAME)),
    Trap(9, Flag.AGENCY_ELSEWHERE.value, detectors.agency_elsewhere, _flag(Flag.AGENCY_ELSEWHERE)),
    Trap(10, Flag.SOURCE_REPAIRED.value, detectors.odd_characters, _flag(Flag.SOURCE_REPAIRED), cured=False),
)
