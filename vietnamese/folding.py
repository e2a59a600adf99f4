"""Folding: the text without case and accents, as half of our users type it."""

from __future__ import annotations

import unicodedata

_LETTERS = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))  # Latin letters with marks, Vietnamese among them
_MARKS = range(0x0300, 0x0370)


def _base(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", letter)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


# One table for str.translate: several times as fast as decomposing each text, and folding is everywhere.
_TABLE = {code: _base(chr(code)) for code in _LETTERS} | dict.fromkeys(_MARKS) | {ord("đ"): "d"}


def fold(text: str) -> str:
    """Return `text` in lower case without any accent; "đ" becomes "d". Length may differ from the input's.

    >>> fold("Đăng ký kết hôn")
    'dang ky ket hon'
    """
    return text.lower().translate(_TABLE)
