"""What the words of a text are about, by the list of `nlu_data/word_classes.yaml`.

A sentence about a word that no training sentence holds ("mực nướng") is then still known to be about food.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import yaml

from vietnamese import expand, fold, normalise, syllables

_LONGEST = 6


def read_classes(path: Path) -> dict[str, list[str]]:
    """Return the phrases of each class, named "group.class".

    Raises ValueError where the file is not {group: {class: "phrase, phrase"}}.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict) or not all(isinstance(group, dict) for group in data.values()):
        raise ValueError(f"{path} must hold groups of lines of the kind `class: phrase, phrase`")
    return {
        f"{group}.{name}": [phrase.strip() for phrase in line.split(",")]
        for group, classes in data.items()
        for name, line in classes.items()
    }


@dataclass(frozen=True)
class WordClasses:
    """Phrases by their folded syllables, each with its written syllables and its class; immutable."""

    phrases: Mapping[tuple[str, ...], Sequence[tuple[tuple[str, ...], str]]]

    @classmethod
    def of(cls, classes: Mapping[str, Sequence[str]]) -> WordClasses:
        """Return the classes of what `read_classes` gives."""
        found: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
        for name, phrases in classes.items():
            for phrase in phrases:
                units = tuple(syllables(expand(normalise(phrase.lower()))))
                found.setdefault(tuple(map(fold, units)), []).append((units, name))
        return cls(found)

    def find(self, written: Sequence[str]) -> Iterator[str]:
        """Yield features of the written syllables of a text.

        Classes alone, two of them together, and n-grams of syllables with the class in place of its phrase.
        """
        said = [*self._replaced(written)]
        classes = [unit for unit in said if unit.startswith("#")]
        present = sorted({f"#{name}" for unit in classes for name in _names(unit)})
        yield from present
        yield from (f"{one} {other}" for one, other in combinations(present, 2))
        units = ["<", *said, ">"]
        for size in (2, 3):
            for start in range(len(units) - size + 1):
                gram = units[start : start + size]
                if any(unit.startswith("#") for unit in gram):
                    yield " ".join(gram)

    def _replaced(self, written: Sequence[str]) -> Iterator[str]:
        plain = [fold(unit) for unit in written]
        start = 0
        while start < len(plain):
            size, names = self._longest(written, plain, start)
            if names:
                yield "#" + "+".join(names)
            else:
                yield plain[start]
            start += size

    def _longest(self, written: Sequence[str], plain: Sequence[str], start: int) -> tuple[int, list[str]]:
        for size in range(min(_LONGEST, len(plain) - start), 0, -1):
            span = slice(start, start + size)
            given, key = tuple(written[span]), tuple(plain[span])
            entries = self.phrases.get(key, ())
            bare = given == key and size > 1  # "ga" may be any of five words, "ga ran" hardly
            names = sorted({name for units, name in entries if bare or units == given})
            if names:
                return size, names
        return 1, []


def _names(unit: str) -> list[str]:
    return unit[1:].split("+")
