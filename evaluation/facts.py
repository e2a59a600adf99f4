"""Whether a reply contains a fact, however case, accents, spaces and numbers are written."""

from __future__ import annotations

import re

from vietnamese import fold, normalise

_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[., ]\d{3})+(?!\d)(?![.,]\d)")
_SEPARATOR = re.compile(r"[., ]")
_LEADING_ZEROS = re.compile(r"(?<!\d)(?<!\d[.,])0+(?=\d)")


def canonical(text: str) -> str:
    """Return `text` folded, with plain numbers: no thousands separators, no leading zeros, single spaces.

    >>> canonical("Lệ phí: 20.000 đồng, 07 ngày")
    'le phi: 20000 dong, 7 ngay'
    """
    folded = fold(normalise(text))
    plain = _THOUSANDS.sub(lambda match: _SEPARATOR.sub("", match.group()), folded)
    return _LEADING_ZEROS.sub("", plain)


def contains(text: str, fact: str) -> bool:
    """Return whether `text` states `fact`.

    Spaces do not count, but a number stands alone: "7 ngày" is not in "17 ngày", nor 10.000 in 10.000.000.

    >>> contains("Thời hạn: 07 ngày làm việc.", "7 ngày")
    True
    """
    wanted = canonical(fact)
    return bool(wanted) and re.search(_pattern(wanted), canonical(text)) is not None


def contains_all(text: str, facts: tuple[str, ...]) -> bool:
    """Return whether `text` states every one of `facts`."""
    return all(contains(text, fact) for fact in facts)


def _pattern(wanted: str) -> str:
    """Build a regular expression in which spaces are optional, except inside numbers."""
    pieces: list[str] = []
    for piece in re.findall(r"\d+|\S", wanted):
        gap = "" if not pieces else (r"\s+" if pieces[-1].isdigit() and piece.isdigit() else r"\s*")
        pieces += [gap, re.escape(piece)] if gap else [re.escape(piece)]
    before = r"(?<!\d)(?<!\d[.,])" if wanted[0].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if wanted[-1].isdigit() else ""
    return before + "".join(pieces) + after
