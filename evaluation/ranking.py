"""Figures of a ranked list: recall at 1, 3, 10 and the mean reciprocal rank."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.search.types import Ranking
from evaluation.measuring import Observation

CUTS = (1, 3, 10)


def rank_of(families: Sequence[Sequence[str]], gold: Sequence[str]) -> int | None:
    """Return the place, from 1, of the first family that holds a gold code; None where none does."""
    wanted = set(gold)
    places = (place for place, codes in enumerate(families, start=1) if wanted.intersection(codes))
    return next(places, None)


def rank_in(ranking: Ranking | None, gold: Sequence[str]) -> int | None:
    """Return the place of gold in a turn's ranking; None too where the turn searched nothing."""
    return rank_of([hit.codes for hit in ranking.hits], gold) if ranking else None


def observe_rank(prefix: str, item: str, rank: int | None) -> Iterator[Observation]:
    """Yield `prefix`.r1, .r3, .r10 and .mrr for one question; ranks beyond 10 count as not found."""
    for cut in CUTS:
        yield Observation(f"{prefix}.r{cut}", item, float(rank is not None and rank <= cut))
    yield Observation(f"{prefix}.mrr", item, 1 / rank if rank is not None and rank <= CUTS[-1] else 0.0)
