"""Finding phrases in a sentence, syllable by syllable, so that "phi" is never found inside "phim"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Generic, TypeAlias, TypeVar

from vietnamese import expand, fold, normalise, syllables

GAP = "*"
NUMBER = "#"
MOST_IN_GAP = 3
REMEMBERED = 16  # each message is read half a dozen times in a row, by a few threads
PIECES = 16384  # the same ways stand in many choices; to write out short forms is most of what loading costs
ACCENTED_SHARE = 0.3  # ordinary text bears accents on some two thirds of its syllables

_CHOICE = re.compile(r"\(([^()]*)\)")
_HOLE = re.compile(r"([*#])")

Part: TypeAlias = str | tuple[tuple[str, ...], ...]
"""A syllable or hole, or a choice among some of them in a row."""
Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text as syllables with short forms written out; `accented` where its accents can be trusted."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    accented: bool

    @staticmethod
    @lru_cache(maxsize=REMEMBERED)
    def of(text: str) -> Sentence:
        """Return the sentence of `text`."""
        normal = normalise(text).lower()
        typed = syllables(normal)
        bearing = sum(fold(unit) != unit for unit in typed)
        written = tuple(syllables(expand(normal)))
        folded = tuple(fold(unit) for unit in written)
        return Sentence(written, folded, bool(typed) and bearing >= ACCENTED_SHARE * len(typed))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Parts in order: syllables, choices, "*" for up to three of any, "#" for one with a digit."""

    written: tuple[Part, ...]
    folded: tuple[Part, ...]
    accented_only: bool = False

    @classmethod
    def of(cls, text: str, accented_only: bool = False) -> Phrase:
        """Return the phrase of `text`, with short forms written out as in a sentence.

        A choice stands in brackets, "(mang|đem) giấy (gì|chi|)": one of its parts may be empty, and no choice
        stands in another.
        """
        written = tuple(_parts(normalise(text).lower()))
        return cls(written, tuple(map(_folded, written)), accented_only)

    def at(self, sentence: Sentence, start: int) -> tuple[int, ...] | None:
        """Return the places of the phrase's own syllables where it begins at `start`, else None."""
        if self.accented_only and not sentence.accented:
            return None
        wanted, given = (
            (self.written, sentence.written) if sentence.accented else (self.folded, sentence.folded)
        )
        return _places(wanted, given, start)

    def within(self, sentence: Sentence) -> bool:
        """Return whether the phrase stands anywhere in `sentence`."""
        return any(self.at(sentence, start) is not None for start in range(len(sentence.folded)))

    def starts(self) -> frozenset[tuple[str, ...]]:
        """Return the folded syllables, two at most, that may begin it; fewer where a hole follows."""
        return frozenset(_starts(self.folded))

    def needs(self) -> tuple[frozenset[str], ...]:
        """Return, where it holds choices, sets of folded syllables of which a sentence must have some."""
        if all(isinstance(part, str) for part in self.folded):
            return ()
        firsts = [_firsts(part) for part in self.folded]
        return tuple(units for units in firsts if units and not units & {GAP, NUMBER, ""})


@dataclass(frozen=True, slots=True)
class Match(Generic[Value_co]):
    """What was found: the value of the phrase, and the places of its own syllables."""

    value: Value_co
    fixed: tuple[int, ...]


_Entry: TypeAlias = tuple[int, Phrase, tuple[frozenset[str], ...], Value_co]


class PhraseIndex(Generic[Value_co]):
    """Phrases by how they begin: a look-up costs what the sentence is long, not what the data holds."""

    def __init__(self, phrases: Iterable[tuple[Phrase, Value_co]]) -> None:
        self._by_start: dict[tuple[str, ...], list[_Entry[Value_co]]] = {}
        for order, (phrase, value) in enumerate(phrases):
            entry = (order, phrase, phrase.needs(), value)
            for start in phrase.starts():
                self._by_start.setdefault(start, []).append(entry)
        self._numbered = self._by_start.pop((), [])
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._found)

    def find(self, sentence: Sentence) -> list[Match[Value_co]]:
        """Return every match, overlapping ones too, in the order of the sentence."""
        return list(self._remembered(sentence))

    def _found(self, sentence: Sentence) -> tuple[Match[Value_co], ...]:
        said = set(sentence.folded)
        return tuple(
            Match(value, places)
            for start in range(len(sentence.folded))
            for _, phrase, needs, value in self._beginning(sentence.folded[start : start + 2])
            if not any(map(said.isdisjoint, needs)) and (places := phrase.at(sentence, start)) is not None
        )

    def _beginning(self, units: tuple[str, ...]) -> Sequence[_Entry[Value_co]]:
        """Return the phrases that may begin with `units`, in the order of the data."""
        starts = (units[:1], units) if len(units) > 1 else (units,)
        found = [entries for start in starts if (entries := self._by_start.get(start))]
        if self._numbered and any(map(str.isdigit, units[0])):
            found.append(self._numbered)
        return sorted(chain.from_iterable(found), key=itemgetter(0)) if len(found) > 1 else (*found, ())[0]

    def longest(self, sentence: Sentence) -> list[Match[Value_co]]:
        """Return matches that do not overlap, the longest winning; among equals, the first in the data."""
        taken: set[int] = set()
        kept: list[Match[Value_co]] = []
        for match in sorted(self.find(sentence), key=lambda match: -len(match.fixed)):
            if taken.isdisjoint(match.fixed):
                taken.update(match.fixed)
                kept.append(match)
        return sorted(kept, key=lambda match: match.fixed[0])

    def any(self, sentence: Sentence) -> bool:
        """Return whether any phrase stands in `sentence`."""
        return bool(self.find(sentence))


def _parts(text: str) -> Iterable[Part]:
    for number, piece in enumerate(_CHOICE.split(text)):
        if number % 2:  # the longest first: what a phrase may say more is part of it
            yield tuple(sorted((_syllables(way) for way in piece.split("|")), key=len, reverse=True))
        else:
            yield from _syllables(piece)


@lru_cache(maxsize=PIECES)
def _syllables(text: str) -> tuple[str, ...]:
    """Return the syllables of `text`, with holes as they stand."""
    pieces = filter(str.strip, _HOLE.split(text))
    found = ([piece] if piece in {GAP, NUMBER} else syllables(expand(piece)) for piece in pieces)
    return tuple(unit for units in found for unit in units)


def _folded(part: Part) -> Part:
    return fold(part) if isinstance(part, str) else tuple(map(_folded_way, part))


def _firsts(part: Part) -> frozenset[str]:
    """Return what `part` may begin with; nothing ("") among it where the part may be left out."""
    return frozenset({part} if isinstance(part, str) else {way[0] if way else "" for way in part})


@lru_cache(maxsize=PIECES)
def _folded_way(way: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, way))


def _starts(parts: tuple[Part, ...], needed: int = 2) -> Iterable[tuple[str, ...]]:
    if not parts or not needed or parts[0] in {GAP, NUMBER}:
        yield ()
    elif isinstance(first := parts[0], str):
        for rest in _starts(parts[1:], needed - 1):
            yield (first, *rest)
    else:
        for way in first:
            yield from _starts((*way, *parts[1:]), needed)


def _places(wanted: Sequence[Part], given: Sequence[str], start: int) -> tuple[int, ...] | None:
    if not wanted:
        return ()
    first, after = wanted[0], wanted[1:]
    if not isinstance(first, str):
        return _first_found(_places((*way, *after), given, start) for way in first)
    if first == GAP:
        return _first_found(_places(after, given, start + skipped) for skipped in range(MOST_IN_GAP + 1))
    if start >= len(given) or not _same(first, given[start]):
        return None
    rest = _places(after, given, start + 1)
    return None if rest is None else (start, *rest)


def _first_found(tried: Iterable[tuple[int, ...] | None]) -> tuple[int, ...] | None:
    return next((places for places in tried if places is not None), None)


def _same(wanted: str, given: str) -> bool:
    return wanted == given or (wanted == NUMBER and any(map(str.isdigit, given)))
