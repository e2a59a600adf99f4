"""Phrases of syllables with gaps ("*") and slots ("{country}"), found by their first syllables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic, NamedTuple, TypeVar

from procedures_kb.event_words import Units
from vietnamese import fold

GAP = "*"
MOST_IN_GAP = 3
SLOT = re.compile(r"\{(\w+)\}")

Owner = TypeVar("Owner")


def plain_units(text: str) -> Units:
    """Return the syllables of `text`, which is written as they are read: lower case, parted by spaces.

    It costs a tenth of `Units.of`, which start-up needs; `beyond_check` names what is written otherwise.
    """
    return Units(tuple(text.split()), tuple(fold(text).split()))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One phrase: "*", slots as "{name}", everything else in folded syllables; `own` are the latter."""

    steps: tuple[str, ...]
    own: Units

    @classmethod
    def of(cls, text: str, slots: Collection[str], least: int = 2) -> Pattern:
        """Return the pattern of `text`, which has `least` words besides gaps.

        Raises ValueError, with the reason, for a slot that is not one of `slots`, for a gap at either end and
        for a phrase that says too little.
        """
        units = plain_units(text)
        if len(units) - units.written.count(GAP) < least:
            raise ValueError(f"{text!r}: says too little; it needs {least} words")
        if GAP not in text and "{" not in text:  # most of them: start-up is short
            return cls(units.folded, units)
        cls._check(text, units.written, slots)
        own = [place for place, step in enumerate(units.written) if not _is_open(step)]
        written, folded = (tuple(form[place] for place in own) for form in (units.written, units.folded))
        return cls(units.folded, Units(written, folded))

    @staticmethod
    def _check(text: str, steps: Sequence[str], slots: Collection[str]) -> None:
        unknown = [s for s in steps if "{" in s and not ((slot := SLOT.fullmatch(s)) and slot[1] in slots)]
        if unknown:
            known = ", ".join(sorted(slots))
            raise ValueError(f"{text!r}: there is no slot {', '.join(unknown)}; there are {known}")
        if GAP in (steps[0], steps[-1]):
            raise ValueError(f"{text!r}: a gap stands between two words")


def _is_open(step: str) -> bool:
    return step == GAP or step[0] == "{"


class SlotWords:
    """The words that slots stand for, looked up by their first syllable."""

    def __init__(self, slots: Mapping[str, Iterable[str]]) -> None:
        self.names = frozenset(slots)
        self._by_first: dict[str, list[tuple[str, Units]]] = {}
        for name, words in slots.items():
            for units in map(plain_units, words):
                self._by_first.setdefault(units.folded[0], []).append((name, units))

    def ends(self, name: str, units: Units, start: int) -> Iterator[int]:
        """Yield where each word of the slot `name` ends that begins at `start`."""
        for slot, word in self._by_first.get(units.folded[start], ()):
            if slot == name and word.agrees(units.written[start : start + len(word)]):
                yield start + len(word)

    def starts(self, step: str) -> Iterator[tuple[str, ...]]:
        """Yield the first two folded syllables of what stands for `step`, one where it has no second."""
        slot = SLOT.fullmatch(step)
        if slot is None:
            yield (step,)
            return
        for words in self._by_first.values():
            yield from (word.folded[:2] for name, word in words if name == slot[1])


class Hit(NamedTuple, Generic[Owner]):
    """A pattern in a sentence: whose it is, how many syllables say it, and between which places."""

    owner: Owner
    weight: int
    start: int
    end: int


class PatternIndex(Generic[Owner]):
    """Patterns by their first two syllables: a look-up costs what the sentence is long, not the data."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Owner]], words: SlotWords) -> None:
        self._words = words
        self._by_pair: dict[
            tuple[str, ...], list[tuple[Pattern, Owner]]
        ] = {}  # (first,) where any may follow
        for pattern, owner in patterns:
            for pair in self._openings(pattern.steps):
                self._by_pair.setdefault(pair, []).append((pattern, owner))

    def _openings(self, steps: tuple[str, ...]) -> set[tuple[str, ...]]:
        """Return the pairs of folded syllables that `steps` begin with; one syllable where any may follow."""
        openings: set[tuple[str, ...]] = set()
        for opening in self._words.starts(steps[0]):
            if len(opening) == 2 or len(steps) == 1 or steps[1] == GAP:
                openings.add(opening)
            else:
                openings.update((*opening, second[0]) for second in self._words.starts(steps[1]))
        return openings

    def find(self, units: Units) -> list[Hit[Owner]]:
        """Return every pattern in `units`, once for each place where it begins, in the order of places.

        A phrase must agree with what was typed: spelled out, or without a single accent.
        """
        hits = []
        for start, pair in enumerate(zip_longest(units.folded, units.folded[1:], fillvalue="")):
            for pattern, owner in (*self._by_pair.get(pair, ()), *self._by_pair.get(pair[:1], ())):
                if (found := self._walk(pattern, units, start)) is not None:
                    hits.append(Hit(owner, found[1], start, found[0]))
        return hits

    def _walk(self, pattern: Pattern, units: Units, start: int) -> tuple[int, int] | None:
        """Return the end and the weight of `pattern` from `start`; None where it does not stand there."""
        last, length = len(pattern.steps), len(units)
        todo: list[tuple[int, int, tuple[int, ...], int]] = [(0, start, (), 0)]
        while todo:
            step, place, own, weight = todo.pop()
            if step == last:
                if pattern.own.agrees(tuple(units.written[at] for at in own)):
                    return place, weight
                continue
            wanted = pattern.steps[step]
            if wanted == GAP:
                todo += [(step + 1, place + skipped, own, weight) for skipped in range(MOST_IN_GAP, -1, -1)]
            elif place < length and units.folded[place] == wanted:
                todo.append((step + 1, place + 1, (*own, place), weight + 1))
            elif place < length and (slot := SLOT.fullmatch(wanted)):
                ends = self._words.ends(slot[1], units, place)
                todo += [(step + 1, end, own, weight + end - place) for end in sorted(ends)]
        return None
