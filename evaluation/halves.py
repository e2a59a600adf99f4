"""The halves of our own search, each alone: what it would find without the other, and how fast search is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

import numpy as np

from bot.search.searcher import Searcher
from bot.search.types import Search
from evaluation.measuring import Figure, timed
from evaluation.questions import Question
from evaluation.ranking import CUTS

LAPS = 3


@dataclass(frozen=True, slots=True)
class LexicalHalf:
    """Our search without its model: lexical scores, exact names and priors."""

    searcher: Searcher
    name: str = "ours_lexical"

    def search(self, text: str) -> list[tuple[str, ...]]:
        """Return the codes of the first families for `text`, best first."""
        return [hit.codes for hit in self.searcher.search(text, CUTS[-1]).hits]


@dataclass(frozen=True, slots=True)
class DenseHalf:
    """The search model alone: the cosine of the question with each family, nothing else."""

    searcher: Searcher
    name: str = "ours_dense"

    def search(self, text: str) -> list[tuple[str, ...]]:
        """Return the codes of the first families for `text`, best first; none of an empty text."""
        dense = self.searcher.scores(text).dense
        if dense is None:
            return []
        best = np.argsort(-dense, kind="stable")[: CUTS[-1]]
        return [self.searcher.corpus.families[at].codes for at in best]


def halves(search: Search) -> tuple[LexicalHalf | DenseHalf, ...]:
    """Return both halves of `search`; none where it has one half only, or is not ours."""
    if not isinstance(search, Searcher) or search.dense is None:
        return ()
    return LexicalHalf(replace(search, dense=None)), DenseHalf(search)


def search_times(search: Search, questions: Sequence[Question]) -> dict[str, Figure]:
    """Return search.p50_ms and search.p95_ms of a search, warm.

    A question's time is the median of LAPS laps, because a shared machine disturbs single ones; a lap before
    them is not measured.
    """
    texts = [question.text for question in questions]
    laps = [[_took_ms(search, text) for text in texts] for _ in range(LAPS + 1)]
    return timed("search", [median(lap) for lap in zip(*laps[1:], strict=True)])


def _took_ms(search: Search, text: str) -> float:
    start = perf_counter()
    search.search(text)
    return (perf_counter() - start) * 1000
