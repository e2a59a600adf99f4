"""Finding phrases in a sentence, syllable by syllable, so that "phi" is never found inside "phim"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

from vietnamese import expand, fold, normalise, syllables

GAP = "*"
MOST_IN_GAP = 3
ACCENTED_SHARE = 0.3  # ordinary text bears accents on some two thirds of its syllables

Value_co = TypeVar("Value_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text as syllables with short forms written out; `accented` where its accents can be trusted."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    accented: bool

    @classmethod
    def of(cls, text: str) -> Sentence:
        """Return the sentence of `text`."""
        normal = normalise(text).lower()
        typed = syllables(normal)
        bearing = sum(fold(unit) != unit for unit in typed)
        written = tuple(syllables(expand(normal)))
        folded = tuple(fold(unit) for unit in written)
        return cls(written, folded, bool(typed) and bearing >= ACCENTED_SHARE * len(typed))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Syllables to be found in this order; "*" stands for up to three of any."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    accented_only: bool = False

    @classmethod
    def of(cls, text: str, accented_only: bool = False) -> Phrase:
        """Return the phrase of `text`, with short forms written out as in a sentence."""
        written: list[str] = []
        for number, part in enumerate(normalise(text).lower().split(GAP)):
            written += [GAP] * (number > 0) + syllables(expand(part))
        return cls(tuple(written), tuple(map(fold, written)), accented_only)

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


@dataclass(frozen=True, slots=True)
class Match(Generic[Value_co]):
    """What was found: the value of the phrase, and the places of its own syllables."""

    value: Value_co
    fixed: tuple[int, ...]


class PhraseIndex(Generic[Value_co]):
    """Phrases by how they begin: a look-up costs what the sentence is long, not what the data holds."""

    def __init__(self, phrases: Iterable[tuple[Phrase, Value_co]]) -> None:
        self._by_start: dict[tuple[str, ...], list[tuple[int, Phrase, Value_co]]] = {}
        for order, (phrase, value) in enumerate(phrases):
            start = phrase.folded[:1] if phrase.folded[1:2] == (GAP,) else phrase.folded[:2]
            self._by_start.setdefault(start, []).append((order, phrase, value))

    def find(self, sentence: Sentence) -> list[Match[Value_co]]:
        """Return every match, overlapping ones too, in the order of the sentence."""
        return [
            Match(value, places)
            for start in range(len(sentence.folded))
            for _, phrase, value in self._beginning(sentence.folded[start : start + 2])
            if (places := phrase.at(sentence, start)) is not None
        ]

    def _beginning(self, units: tuple[str, ...]) -> Sequence[tuple[int, Phrase, Value_co]]:
        """Return the phrases that may begin with `units`, in the order of the data."""
        pairs, singles = self._by_start.get(units, ()), self._by_start.get(units[:1], ())
        if len(units) < 2 or not singles:
            return pairs
        return sorted((*pairs, *singles), key=itemgetter(0)) if pairs else singles

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


def _places(wanted: Sequence[str], given: Sequence[str], start: int) -> tuple[int, ...] | None:
    if not wanted:
        return ()
    if wanted[0] == GAP:
        for skipped in range(MOST_IN_GAP + 1):
            rest = _places(wanted[1:], given, start + skipped)
            if rest is not None:
                return rest
        return None
    if start >= len(given) or given[start] != wanted[0]:
        return None
    rest = _places(wanted[1:], given, start + 1)
    return None if rest is None else (start, *rest)
