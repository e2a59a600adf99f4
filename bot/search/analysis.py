"""How search reads a text: one analysis, used alike for questions, for records and for training."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from procedures_kb.model import CODE_PATTERN
from procedures_kb.yaml_files import read_yaml
from vietnamese import bigrams, expand, fold, normalise, syllables
from vietnamese.lexicon import short_forms

STOP_WORDS = Path(__file__).parent / "data" / "stop_words.yaml"
_CODE = re.compile(rf"(?<![\d.]){CODE_PATTERN}(?!\.?\d)")
_MIN_EXPANDED = 3  # in records "A", "B1", "K" are classes and series, not chat spelling
_GRAM = 3


@dataclass(frozen=True, slots=True)
class Analysed:
    """A text as syllables, in the order typed: with accents, and folded. Both have the same length."""

    accented: tuple[str, ...]
    folded: tuple[str, ...]


@lru_cache(maxsize=65_536)
def _folded(syllable: str) -> str:
    return fold(syllable)


@lru_cache(maxsize=1)
def _long_forms() -> dict[str, tuple[str, ...]]:
    table = short_forms()
    return {s: tuple(syllables(full)) for s, full in table.items() if len(s) >= _MIN_EXPANDED}


def _analysed(units: Iterable[str]) -> Analysed:
    accented = tuple(units)
    return Analysed(accented, tuple(map(_folded, accented)))


@lru_cache(maxsize=8)  # the halves of search and the gate read one question after another
def analyse_question(text: str) -> Analysed:
    """Read what a person typed: canonical spelling, chat spelling and abbreviations written out."""
    return _analysed(syllables(expand(normalise(text))))


def analyse_record(text: str) -> Analysed:
    """Read a text of our own data: its spelling is canonical, and only long abbreviations are expanded."""
    table, units = _long_forms(), syllables(text)
    if not table.keys().isdisjoint(units):
        units = [word for unit in units for word in table.get(unit, (unit,))]
    return _analysed(units)


def find_code(text: str) -> str | None:
    """Return the procedure code written in `text` ("1.001193"), None where there is none."""
    match = _CODE.search(text)
    return match.group() if match else None


def lexical_terms(text: Analysed) -> list[str]:
    """Return the terms BM25 counts: folded syllables and folded pairs of neighbours."""
    units = list(text.folded)
    return units + bigrams(units)


def features(text: Analysed) -> list[str]:
    """Return the words of the encoder's vocabulary, each kind under its own prefix.

    `a:` accented syllable, `f:` folded syllable, `b:` folded pair, `c:` folded character 3-gram of a
    syllable with its borders, which carries a slip of the keyboard to its neighbourhood.
    """
    out = [f"a:{unit}" for unit in text.accented]
    out += [f"f:{unit}" for unit in text.folded]
    out += [f"b:{pair}" for pair in bigrams(list(text.folded))]
    for unit in text.folded:
        out += _grams(unit)
    return out


@lru_cache(maxsize=65_536)
def _grams(unit: str) -> tuple[str, ...]:
    bordered = f"<{unit}>"
    return tuple(f"c:{bordered[i : i + _GRAM]}" for i in range(len(bordered) - _GRAM + 1))


@lru_cache(maxsize=1)
def _small_words() -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    data: Any = read_yaml(STOP_WORDS)
    words = set(map(str, data["words"]))
    kept = (tuple(map(str, str(pair).split())) for pair in data["kept"])
    return frozenset(words | set(map(fold, words))), frozenset((a, b) for a, b in kept)


def stop_words() -> frozenset[str]:
    """Return the syllables without content (`data/stop_words.yaml`), accented and folded."""
    return _small_words()[0]


def content_places(text: Analysed) -> tuple[int, ...]:
    """Return where the syllables stand that are not stop words.

    "thế" is one, "thẻ" is not, "the" is; without accents "can" is one, but not in "can cuoc".
    """
    stop, kept = _small_words()
    pairs = list(zip(text.folded, text.folded[1:], strict=False))
    whole = {place for at, pair in enumerate(pairs) if pair in kept for place in (at, at + 1)}
    return tuple(
        place
        for place, (typed, plain) in enumerate(zip(text.accented, text.folded, strict=True))
        if typed not in stop or (typed == plain and place in whole)
    )


def content_syllables(text: Analysed) -> tuple[str, ...]:
    """Return the folded syllables of `text` that are not stop words."""
    return tuple(text.folded[place] for place in content_places(text))
