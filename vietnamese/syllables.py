"""Syllables: the units of Vietnamese writing, without word segmentation (which fails on unaccented text)."""

from __future__ import annotations

import itertools
import re

_SYLLABLE = re.compile(r"\d+(?:[.,/]\d+)*|[^\W\d_]+(?:\d+)?", re.UNICODE)


def syllables(text: str) -> list[str]:
    """Split `text` into lower-case syllables, numbers and codes ("1.001193" stays whole).

    >>> syllables("Mã 1.001193: khai sinh!")
    ['mã', '1.001193', 'khai', 'sinh']
    """
    return _SYLLABLE.findall(text.lower())


def spaced(text: str) -> str:
    """Return the syllables of `text` between single spaces, so that whole ones are found in it as text.

    >>> spaced("Cấp lại: thẻ")
    ' cấp lại thẻ '
    """
    return f" {' '.join(syllables(text))} "


def bigrams(units: list[str]) -> list[str]:
    """Join each pair of neighbours with "_": the cheapest stand-in for words.

    >>> bigrams(["khai", "sinh", "con"])
    ['khai_sinh', 'sinh_con']
    """
    return [f"{a}_{b}" for a, b in itertools.pairwise(units)]
