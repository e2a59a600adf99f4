"""Abbreviations and chat spelling, as data: `short_forms.tsv` (short form, full form, note)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from vietnamese.normalising import normalise
from vietnamese.syllables import _SYLLABLE

_FILE = Path(__file__).with_name("short_forms.tsv")


@lru_cache(maxsize=1)
def short_forms() -> Mapping[str, str]:
    """Return the short forms (lower case) and what each stands for.

    Raises ValueError, naming the line, for a row that is incomplete or given twice.
    """
    table: dict[str, str] = {}
    with _FILE.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), start=2):
            short, full = normalise(row["short"] or "").lower(), normalise(row["full"] or "")
            if not short or not full or short in table:
                raise ValueError(f"{_FILE.name}:{number}: incomplete or repeated: {row['short']!r}")
            table[short] = full
    return MappingProxyType(table)


def expand(text: str) -> str:
    """Return `text` with each short form written out; everything else stays letter for letter.

    >>> expand("lm gks cho con")
    'làm giấy khai sinh cho con'
    """
    table = short_forms()
    return _SYLLABLE.sub(lambda match: table.get(match.group().lower(), match.group()), text)
