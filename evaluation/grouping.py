"""The find questions in groups: by ministry, field, level, length and spelling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.measuring import Figure, Observation, figures
from evaluation.questions import Kind, Question
from evaluation.typos import strip_accents
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Level, Procedure
from vietnamese import explain, normalise, syllables

KEYS = ("find.r1", "find.r3", "find.r10", "find_folded.r1", "find_typos.r1")
"""What is measured of each group."""
LEAST = 8
OTHER = "other"
ABSENT = "not in the catalogue"

_LENGTHS = ((3, "1–3 syllables"), (8, "4–8 syllables"), (15, "9–15 syllables"))
_LONGEST = "16 syllables or more"
_SHORT_FORMS, _SLIPS, _BARE, _ACCENTED = "short forms", "slips", "without accents", "with accents"
_SLIP_RULES = frozenset({"telex", "vni", "letters", "spelling", "misspelling", "tone mark"})
_LEVELS = (Level.COMMUNE, Level.PROVINCE, Level.MINISTRY, Level.OTHER)

Groups = Mapping[str, Mapping[str, Mapping[str, Figure]]]
"""Grouping → group → key → figure."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way of grouping: the group of a question, and the groups in order (none: by their names).

    Where `collects`, groups of fewer than LEAST questions are put together as "other": of so few questions
    a share says nothing, and it would tell single questions apart.
    """

    name: str
    group: Callable[[Question], str]
    order: tuple[str, ...] = ()
    collects: bool = False


def groupings(catalogue: Catalogue) -> tuple[Grouping, ...]:
    """Return the groupings; ministry, field and level are those of the right answers in `catalogue`."""

    def of(part: Callable[[Procedure], str]) -> Callable[[Question], str]:
        return lambda question: _commonest(part, question, catalogue)

    return (
        Grouping("ministry", of(lambda procedure: procedure.ministry), collects=True),
        Grouping("field", of(lambda procedure: procedure.field), collects=True),
        Grouping("level", lambda question: level_of(question, catalogue), tuple(_LEVELS)),
        Grouping("length", length_of, (*(name for _, name in _LENGTHS), _LONGEST)),
        Grouping("spelling as typed", spelling_of, (_ACCENTED, _BARE, _SHORT_FORMS, _SLIPS)),
    )


def breakdown(
    observations: Iterable[Observation], questions: Sequence[Question], catalogue: Catalogue
) -> Groups:
    """Return the figures of KEYS for each group of the find questions; empty where there are none."""
    asked = [question for question in questions if question.kind is Kind.FIND]
    kept = [one for one in observations if one.key in KEYS]
    return {by.name: _figures(kept, _members(by, asked), by) for by in groupings(catalogue)} if asked else {}


def length_of(question: Question) -> str:
    """Return the group of a question's length in syllables."""
    count = len(syllables(normalise(question.text)))
    return next((name for most, name in _LENGTHS if count <= most), _LONGEST)


def spelling_of(question: Question) -> str:
    """Return how a question is typed, by what the lexicon writes out in it and by its accents.

    Short forms (teencode too) come first, then slips (Telex, VNI, misspellings), then missing accents.
    """
    rules = {step.rule for step in explain(question.text)}
    if "short form" in rules:
        return _SHORT_FORMS
    if rules & _SLIP_RULES:
        return _SLIPS
    return _BARE if strip_accents(question.text) == question.text else _ACCENTED


def level_of(question: Question, catalogue: Catalogue) -> str:
    """Return the level nearest to the citizen at which any right answer is handled."""
    found = [catalogue.by_code[code] for code in question.gold if code in catalogue.by_code]
    levels = {level for procedure in found for level in procedure.levels}
    return next((level.value for level in _LEVELS if level in levels), "unknown" if found else ABSENT)


def _commonest(part: Callable[[Procedure], str], question: Question, catalogue: Catalogue) -> str:
    """Return what most of the right answers have as `part`; of several, the first in the alphabet."""
    found = Counter(part(catalogue.by_code[code]) for code in question.gold if code in catalogue.by_code)
    return min(found, key=lambda name: (-found[name], name)) if found else ABSENT


def _members(by: Grouping, questions: Sequence[Question]) -> dict[str, str]:
    """Return the group of each question, by id."""
    groups = {question.id: by.group(question) for question in questions}
    sizes = Counter(groups.values())
    small = {name for name, size in sizes.items() if by.collects and size < LEAST}
    return {identity: OTHER if name in small else name for identity, name in groups.items()}


def _figures(
    observations: Sequence[Observation], members: Mapping[str, str], by: Grouping
) -> Mapping[str, Mapping[str, Figure]]:
    groups: dict[str, list[Observation]] = {}
    for observation in observations:
        groups.setdefault(members[observation.id], []).append(observation)
    return {name: figures(groups[name]) for name in sorted(groups, key=lambda name: _place(name, by.order))}


def _place(name: str, order: Sequence[str]) -> tuple[bool, int, str]:
    """Sort by the given order, then by name; what was put together comes last."""
    return name == OTHER, order.index(name) if name in order else len(order), name
