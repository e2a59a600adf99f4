"""Which features a text has: folded words and characters, names as slots, keyword phrases, word classes.

Standard library and `vietnamese` only, so that the same code counts features in Rasa and in quick trials.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from components.phrase_flags import PhraseFlags
from components.word_classes import WordClasses
from vietnamese import expand, fold, normalise, syllables

BLOCKS = ("word", "accented", "characters", "slot", "cover", "flag", "class", "near")
_LEAST_SYLLABLES = 2
_LONGEST_NAME = 12
_MOST_COUNTED = 5


@dataclass(frozen=True)
class Knowledge:
    """What features need beside the text.

    Names by kind, phrases, syllables that carry no subject, (kind, pattern) of codes, and phrases by class.
    """

    names: Mapping[str, Sequence[str]]
    phrases: Mapping[str, Any]
    common: frozenset[str] = field(default=frozenset())
    patterns: Sequence[tuple[str, str]] = ()
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def slots(self) -> dict[tuple[str, ...], str]:
        """The kind of each name of two or more syllables, by its folded syllables."""
        found: dict[tuple[str, ...], str] = {}
        for kind, names in self.names.items():
            for name in names:
                key = tuple(folded(name))
                if _LEAST_SYLLABLES <= len(key) <= _LONGEST_NAME:
                    found[key] = f"@{kind}"
        return found

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Neighbouring syllables of the names."""
        return frozenset(pair for key in self.slots for pair in pairwise(key))

    @cached_property
    def flags(self) -> PhraseFlags:
        """The phrases, ready to be found."""
        return PhraseFlags.of(self.phrases)

    @cached_property
    def subjects(self) -> WordClasses:
        """The word classes, ready to be found."""
        return WordClasses.of(self.classes)


def written(text: str) -> list[str]:
    """Return the syllables of `text`, short forms written out, every number as "9"."""
    return ["9" if unit[0].isdigit() else unit for unit in syllables(expand(normalise(text)))]


def folded(text: str) -> list[str]:
    """Return the same without accents and case."""
    return [fold(unit) for unit in written(text)]


def common_syllables(examples: Iterable[tuple[str, str]], least_intents: int) -> frozenset[str]:
    """Return the syllables that stand in texts of at least so many intents; `examples` are (text, intent)."""
    intents: dict[str, set[str]] = {}
    for text, intent in examples:
        for unit in folded(text):
            intents.setdefault(unit, set()).add(intent)
    return frozenset(unit for unit, seen in intents.items() if len(seen) >= least_intents)


def features(text: str, knowledge: Knowledge, options: Mapping[str, Any]) -> Counter[str]:
    """Return how often each feature occurs, as "block:feature"; `options` hold the n-gram lengths."""
    units = written(text)
    plain = [fold(unit) for unit in units]
    found: Counter[str] = Counter()
    if not plain:
        return found
    found.update(_grams("word", ["<", *plain, ">"], options["words"]))
    if plain != units:
        found.update(_grams("accented", units, options["accents"]))
    found.update(_characters(f" {' '.join(plain)} ", options["characters"]))
    codes = [f"@{kind}" for kind, pattern in knowledge.patterns if re.search(pattern, text)]
    found.update(f"slot:{code}" for code in codes)
    found.update(_grams("slot", ["<", *_with_slots(plain, knowledge.slots), ">"], options["words"]))
    covered = _covered(plain, knowledge.pairs)
    found.update(_cover(plain, covered, knowledge.common))
    known = {unit for unit, inside in zip(plain, covered, strict=True) if inside}
    found.update(f"flag:{flag}" for flag in knowledge.flags.find(text, known))
    found.update(f"class:{feature}" for feature in knowledge.subjects.find(units))
    return found


def _grams(block: str, units: Sequence[str], lengths: Sequence[int]) -> Iterator[str]:
    for size in range(lengths[0], lengths[1] + 1):
        for start in range(len(units) - size + 1):
            yield f"{block}:{' '.join(units[start : start + size])}"


def _characters(line: str, lengths: Sequence[int]) -> Iterator[str]:
    for size in range(lengths[0], lengths[1] + 1):
        for start in range(len(line) - size + 1):
            yield f"characters:{line[start : start + size]}"


def _with_slots(units: Sequence[str], slots: Mapping[tuple[str, ...], str]) -> list[str]:
    """Put the kind in place of each name, the longest first."""
    said: list[str] = []
    start = 0
    while start < len(units):
        most = min(_LONGEST_NAME, len(units) - start)
        size = next(
            (s for s in range(most, _LEAST_SYLLABLES - 1, -1) if tuple(units[start : start + s]) in slots), 1
        )
        said.append(slots[tuple(units[start : start + size])] if size > 1 else units[start])
        start += size
    return said


def _covered(units: Sequence[str], pairs: frozenset[tuple[str, str]]) -> list[bool]:
    inside = [False] * len(units)
    for place, pair in enumerate(pairwise(units)):
        if pair in pairs:
            inside[place] = inside[place + 1] = True
    return inside


def _cover(units: Sequence[str], covered: Sequence[bool], common: frozenset[str]) -> Iterator[str]:
    """How much of what a text speaks of stands in names: the share in quarters, and how many do not."""
    content = [inside for unit, inside in zip(units, covered, strict=True) if unit not in common]
    share = round(4 * sum(content) / len(content)) if content else "none"
    yield f"cover:share {share}"
    yield f"cover:length {min(len(content), _MOST_COUNTED)}"
    yield f"cover:unknown {min(content.count(False), _MOST_COUNTED)}"
