"""Help with spelling: a word that no name has and that is no Vietnamese syllable, read as the nearest one.

What was typed stays; the second reading is searched beside it. Slips that make another syllable ("khai" typed
"khia") are left to the encoder's character features.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.search.analysis import Analysed, stop_words
from bot.search.bm25 import Bm25
from procedures_kb.yaml_files import read_yaml
from vietnamese import fold, is_syllable

NOISE = Path(__file__).parent / "data" / "noise.yaml"
_LEAST = 2  # names a word stands in, to be offered
_SHORTEST = 3
_LONG = 5  # letters, from which two slips are forgiven
_NEIGHBOURS = 0.3  # what a pair known from names counts, against one slip (log of its names)
_BESIDE = 0.5  # what a slip to the next key counts less
_INITIAL = 0.3
_COMMON = 0.1


@dataclass(frozen=True)
class Spelling:
    """The words of our names, with the index that knows how often each stands, alone and beside another."""

    words: tuple[str, ...] = field(repr=False)
    index: Bm25 = field(repr=False)

    @classmethod
    def of(cls, index: Bm25) -> Spelling:
        """Take the syllables of an index over folded syllables and pairs, and the small words."""
        known = (term for term in index.vocabulary if index.frequency(term) >= _LEAST)
        words = {term for term in (*known, *map(fold, stop_words())) if len(term) > 1 and term.isalpha()}
        return cls(tuple(sorted(words)), index)

    def mend(self, question: Analysed) -> Analysed | None:
        """Return the question with its misspelt words as they were probably meant, None where there is none.

        A mended word comes folded, in both readings.
        """
        found = {
            at: word
            for at, typed in enumerate(question.accented)
            if self._unknown(typed, question.folded[at]) and (word := self._nearest(question.folded, at))
        }
        if not found:
            return None
        return Analysed(_with(question.accented, found), _with(question.folded, found))

    def _unknown(self, typed: str, plain: str) -> bool:
        return (
            len(plain) >= _SHORTEST
            and plain.isalpha()
            and not self.index.frequency(plain)
            and not is_syllable(typed)
        )

    def _nearest(self, folded: tuple[str, ...], at: int) -> str | None:
        """Return the word nearest to that at `at`; two slips are forgiven only beside a word it goes with."""
        typed = folded[at]
        cut = 1 if len(typed) < _LONG else 2
        close = process.extract(typed, self.words, scorer=OSA.distance, score_cutoff=cut, limit=None)
        best, word = -math.inf, None
        for candidate, distance, _ in close:
            pairs = self._pairs(folded, at, candidate)
            if distance > 1 and not pairs:
                continue
            likely = _NEIGHBOURS * math.log1p(pairs) - distance + _INITIAL * (candidate[0] == typed[0])
            likely += _COMMON * math.log1p(self.index.frequency(candidate)) + _BESIDE * _slipped(
                typed, candidate
            )
            if likely > best:
                best, word = likely, candidate
        return word

    def _pairs(self, folded: tuple[str, ...], at: int, word: str) -> int:
        """Return how many names have `word` beside the neighbours of the word at `at`."""
        before = self.index.frequency(f"{folded[at - 1]}_{word}") if at else 0
        after = self.index.frequency(f"{word}_{folded[at + 1]}") if at + 1 < len(folded) else 0
        return before + after


def _with(units: tuple[str, ...], found: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(found.get(at, unit) for at, unit in enumerate(units))


def _slipped(typed: str, meant: str) -> bool:
    """Return whether the two differ by one letter that lies beside the right one on the keyboard."""
    if len(typed) != len(meant):
        return False
    different = [(a, b) for a, b in zip(typed, meant, strict=True) if a != b]
    return len(different) == 1 and different[0][0] in neighbours().get(different[0][1], "")


@lru_cache(maxsize=1)
def neighbours() -> Mapping[str, str]:
    """Return the keys to the left and right of each key."""
    data: Any = read_yaml(NOISE)
    rows: list[str] = data["keyboard"]
    return {
        key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in rows for at, key in enumerate(row)
    }
