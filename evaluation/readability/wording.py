"""Text taken apart: sentences, words with their marks of punctuation, and phrases found among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

END = "."
_SENTENCE = re.compile(r"(?<=[.!?…])[\"”»)]?\s+|\n+")
_TOKEN = re.compile(r"\w+|[^\w\s]|\n", re.UNICODE)
_ENDS = frozenset(".!?…\n")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"\n]*\"|«[^»]*»")


def sentences(text: str) -> list[str]:
    """Return the sentences and lines of `text`, which hold a letter or digit."""
    return [part.strip() for part in _SENTENCE.split(text) if re.search(r"\w", part)]


def unquoted(text: str) -> str:
    """Return `text` with a mark in place of all that stands in quotes: names and titles, not our words."""
    return _QUOTED.sub(" ″ ", text)


def tokens(text: str) -> list[str]:
    """Return words in lower case and marks of punctuation; each end of a sentence or line is `END`."""
    return [END if token in _ENDS else token for token in _TOKEN.findall(text.lower())]


@cache
def phrase(text: str) -> tuple[str, ...]:
    """Return the tokens of a phrase of the limits; there are few of them, looked for often."""
    return tuple(tokens(text))


def is_word(token: str) -> bool:
    """Return whether `token` is a word, not a mark."""
    return token[0].isalnum() or token[0] == "_"


def places(wanted: Sequence[str], among: Sequence[str]) -> Iterator[int]:
    """Yield each index of `among` at which all tokens of `wanted` follow each other."""
    width = len(wanted)
    first = wanted[0]
    for start, token in enumerate(among):
        if token == first and tuple(among[start : start + width]) == tuple(wanted):
            yield start


def shared(words: Sequence[str], title: Sequence[str], run: int = 3) -> frozenset[int]:
    """Return the indexes of `words` that lie in a run of at least `run` words of `title`, or in all of it."""
    run = min(run, len(title))
    if not run:
        return frozenset()
    runs = {tuple(title[i : i + run]) for i in range(len(title) - run + 1)}
    starts = (i for i in range(len(words) - run + 1) if tuple(words[i : i + run]) in runs)
    return frozenset(index for start in starts for index in range(start, start + run))
