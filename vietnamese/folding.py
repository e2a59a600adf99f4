"""Folding: the text without case and accents, as half of our users type it."""

from __future__ import annotations

import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})


def fold(text: str) -> str:
    """Return `text` in lower case without any accent; "đ" becomes "d". Length may differ from the input's.

    >>> fold("Đăng ký kết hôn")
    'dang ky ket hon'
    """
    decomposed = unicodedata.normalize("NFD", text.lower().translate(_D))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
