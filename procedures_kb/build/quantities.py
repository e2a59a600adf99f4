"""How many originals and copies of a paper: read from the columns, or from the row's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from procedures_kb.build.rules import paper_rules, pattern
from procedures_kb.build.text import clean

_SPLIT_NUMBER = 10
_MAX = 50


@dataclass(frozen=True)
class Quantity:
    """A row's text with its counts; `repaired` where a number had run into the column."""

    text: str
    originals: int
    copies: int
    repaired: bool = False


def repair(text: str, originals: int | None, copies: int | None) -> Quantity:
    """Put a number that was cut off the text ("…/01/" and 20261) back: its last digit is the quantity."""
    first, second = originals or 0, copies or 0
    if first > _SPLIT_NUMBER and (first > _MAX or pattern("quantities.ends_open").search(text)):
        cut, first = divmod(first, 10)
        glue = "" if text.endswith("/") else " "
        return Quantity(f"{text}{glue}{cut}", first, min(second, _MAX), repaired=True)
    return Quantity(text, min(first, _MAX), min(second, _MAX))


def stated(row: Quantity) -> Quantity:
    """Take "01 bản chính", "Bản sao …" out of the text; they count where the columns are empty."""
    rules = paper_rules()
    text = clean(row.text)
    originals, copies = row.originals, row.copies
    empty = originals == copies == 0
    head = rules.quantity.match(text)
    if head and head.end() < len(text) - 3:
        is_copy = bool(re.search(r"sao|chụp|phô", head.group(), re.IGNORECASE))
        count = int(head[1]) if head[1] else 1
        if count <= _MAX and (empty or _overrides(count, is_copy, originals, copies)):
            originals, copies = (0, count) if is_copy else (count, 0)
        text = text[head.end() :].strip()
    sets = pattern("quantities.sets").search(text)
    if sets and originals == copies == int(sets[1]):  # "02 bộ" is two in all, not two of each
        copies = 0
    tail = pattern("quantities.tail").search(text)
    if tail and tail.start() > 8:
        is_copy = bool(re.search(r"sao|chụp", tail[2], re.IGNORECASE))
        if empty and not originals and not copies:
            originals, copies = (0, int(tail[1])) if is_copy else (int(tail[1]), 0)
        text = text[: tail.start()].strip(" :,(")
    if empty and not originals and not copies and pattern("quantities.wrapped").match(text):
        copies = 1
    if originals and _is_copy(row.text):
        originals, copies = 0, max(originals, copies)
    return replace(row, text=text, originals=min(originals, _MAX), copies=min(copies, _MAX))


def _is_copy(text: str) -> bool:
    """Return whether the row asks for a copy only ("Bản sao được chứng thực …"), whatever its columns say."""
    wrapper = paper_rules().copy_wrapper.match(clean(text))
    told = pattern("quantities.of_original").sub("", wrapper.group()) if wrapper else ""
    return bool(re.search(r"sao|chụp|phô|photo", told, re.IGNORECASE)) and not re.search(
        r"chính|gốc|điện tử", told, re.IGNORECASE
    )


def _overrides(count: int, is_copy: bool, originals: int, copies: int) -> bool:
    """Return whether the row's own number goes before columns that nobody filled in."""
    if count < 2:
        return False
    return (originals, copies) in ({(0, 1)} if is_copy else {(1, 0), (count, count)})
