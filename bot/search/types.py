"""What search gives: families of procedures, ranked, and whether the best of them may be asserted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What the scores allow: ANSWER with the first family, ASK back among the first, or DECLINE."""

    ANSWER = "answer"
    ASK = "ask"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True)
class Hit:
    """One family: its members' codes (most local level first), the fused score and its parts.

    `score` is the fused z-score; `dense` a cosine in [-1, 1], None while the model loads; `lexical` is BM25
    divided by what a perfect match of the query would get, in [0, 1].
    """

    family: str
    codes: tuple[str, ...]
    score: float
    lexical: float
    dense: float | None = None

    @property
    def code(self) -> str:
        """The member offered first."""
        return self.codes[0]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The families that fit a question, best first.

    `in_scope` is the gate's probability that the question is about public services at all, `margin` how far
    the first family's score stands above the second's, `content` the number of content syllables asked with,
    `parts` the halves that took part ("lexical", "dense"), `sure` the gate's probability that the first
    family is what was asked for.
    """

    hits: tuple[Hit, ...]
    verdict: Verdict
    in_scope: float
    margin: float
    content: int
    parts: tuple[str, ...]
    sure: float = 0.0

    @property
    def certain(self) -> bool:
        """Whether a code or title of the first family was typed, so that nothing is left to ask."""
        return self.sure == 1.0


class Search(Protocol):
    """Anything that ranks families for a question."""

    def search(self, text: str, limit: int = 10) -> Ranking:
        """Rank at most `limit` families for `text` (as typed; short forms and accents are handled inside)."""
