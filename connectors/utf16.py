"""Lengths as messengers count them, in UTF-16 units: the strictest reading of "characters"."""

from __future__ import annotations


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units.

    >>> units("a"), units("😀")
    (1, 2)
    """
    return len(text) + sum(letter > "\uffff" for letter in text)


def reach(text: str, limit: int) -> int:
    """Return how many characters of `text` make up at most `limit` units."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return place
    return len(text)
