"""Cuts a long text where a reader pauses: never inside a word, an address or a letter.

Lengths are UTF-16 units, the largest of the ways in which the vendor may count. Which one it counts by is
documented nowhere; unverified against the live service.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from connectors.utf16 import reach, units

# How full a part must be for a cut at a nicer place: the last ones give up beauty for fewer parts.
FLOORS = (0.5, 0.75, 0.9, 0.99)
_ADDRESS = re.compile(r"https?://\S+")
# Not behind a heading ("Giấy tờ:"), and not before an indented line, which belongs to the one above it.
_PARAGRAPH = re.compile(r"(?<!:)\n\s*\n(?! )")
_LINE = re.compile(r"(?<![:\n])\n(?![ \n])")
_SENTENCE = re.compile(r"(?P<word>\S+[.!?…][\"”)]?)(?=\s)")
_SPACE = re.compile(r"(?<=\S)\s")
# "1." of a list, "TP." and "Q." before a name end no sentence.
_NO_END = re.compile(r"\d{1,2}\.|[A-ZĐ]{1,3}\.|\(?[^\W\d]\.")
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}


def cut(text: str, limit: int, floor: float) -> tuple[str, ...]:
    """Return `text` in parts of at most `limit` units, all but the last at least `floor` full."""
    rest = _without_endless_addresses(text, limit)
    parts = []
    while units(rest) > limit:
        end = _end(rest, limit, floor)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(part for part in (*parts, rest) if part)


def fewest(make: Callable[[float], tuple[str, ...]]) -> tuple[str, ...]:
    """Return what `make` cuts at one of FLOORS: the fewest parts, and of those the most beautiful."""
    return min((make(floor) for floor in FLOORS), key=len)


def _without_endless_addresses(text: str, limit: int) -> str:
    return _ADDRESS.sub(lambda match: match[0] if units(match[0]) <= limit else "…", text)


def _end(text: str, limit: int, floor: float) -> int:
    """Return where the first part of `text` ends."""
    window = reach(text, limit)
    for ends in (_starts(_PARAGRAPH, text), _starts(_LINE, text), _sentence_ends(text)):
        best = _last(ends, window)
        if best >= floor * window:
            return best
    return _last(_starts(_SPACE, text), window) or _letter_end(text, window)


def _last(ends: Iterable[int], window: int) -> int:
    best = 0
    for end in ends:
        if end > window:
            break
        best = end
    return best


def _starts(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (match.start() for match in pattern.finditer(text))


def _sentence_ends(text: str) -> Iterator[int]:
    return (match.end() for match in _SENTENCE.finditer(text) if not _NO_END.fullmatch(match["word"]))


def _letter_end(text: str, window: int) -> int:
    """Return the largest cut up to `window` that leaves marks and joined signs with their letter."""
    end = window
    while end > 1 and (
        unicodedata.combining(text[end]) or text[end] in _JOINERS or text[end - 1] == "\u200d"
    ):
        end -= 1
    return end if end > 1 else max(window, 1)
