"""A sentence as the communes are looked for in it, and the kinds of units that it names."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from procedures_kb.commune_units import spelled, spellings
from procedures_kb.commune_words import WordLists, folded
from vietnamese import normalise, syllables

LONGEST_KIND = 2
_BREAK = re.compile(r"[;!?()]|,(?!\d)|(?<!\d),")


@dataclass(frozen=True)
class Sentence:
    """A text as syllables, as typed and without accents; `breaks` are the ones behind a comma or the like."""

    units: tuple[str, ...]
    plain: tuple[str, ...]
    breaks: frozenset[int]

    @classmethod
    def of(cls, text: str) -> Sentence:
        """Return the text as it is compared."""
        parts = [tuple(map(spelled, syllables(part))) for part in _BREAK.split(normalise(text))]
        units = tuple(itertools.chain.from_iterable(parts))
        return cls(units, folded(units), frozenset(itertools.accumulate(map(len, parts))))

    def broken(self, start: int, end: int) -> bool:
        """Return whether a comma or the like stands between two of the syllables."""
        return any(position in self.breaks for position in range(start + 1, end))

    def says(self, name: str) -> bool:
        """Return whether `name` stands in the sentence, accents aside."""
        wanted = folded(spellings(name))
        return any(
            self.plain[start : start + len(wanted)] == wanted
            for start in range(len(self.plain) - len(wanted) + 1)
        )

    def names_a_kind(self, words: WordLists) -> bool:
        """Return whether any kind of commune or district stands in the sentence, or a former mark."""
        return any(
            kind_before(self, end, words) is not None or words.formerly_after.after(self.units, end) > 0
            for end in range(1, len(self.units))
        )


@dataclass(frozen=True)
class Kind:
    """A kind that was said, where it begins, and whether it was written out with its accents."""

    name: str
    start: int
    spelled_out: bool


def kind_before(sentence: Sentence, end: int, words: WordLists) -> Kind | None:
    """Return the kind of unit that stands right before `end`, None where the word is none or another."""
    for length in range(min(LONGEST_KIND, end), 0, -1):
        start = end - length
        typed = sentence.units[start:end]
        kind = words.kinds.get(typed)
        if kind is None or sentence.broken(start, end + 1):
            continue
        unaccented = typed == sentence.plain[start:end]
        other_word = (
            words.not_before_kind.before(sentence.units, start)
            or words.not_kinds.after(sentence.units, start)
            or (unaccented and words.not_before_unaccented_kind.before(sentence.units, start))
        )
        return None if other_word else Kind(kind, start, typed in words.spelled_out)
    return None
