"""Measuring what ranks families alone, without the assistant: baselines, and halves of our search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from evaluation.measuring import Figure, Observation, figures
from evaluation.questions import Kind, Question
from evaluation.ranking import observe_rank, rank_of
from evaluation.runner import VARIANTS


class Finder(Protocol):
    """Anything that ranks families, by the codes of each."""

    @property
    def name(self) -> str:
        """What its figures stand under."""

    def search(self, text: str) -> Sequence[Sequence[str]]:
        """Return the codes of the first families for `text`, best first."""


def measure(finder: Finder, questions: Sequence[Question]) -> Mapping[str, Figure]:
    """Return find.*, find_folded.* and find_typos.* of `finder` on the find questions."""
    observations: list[Observation] = []
    for variant in VARIANTS:
        for question in questions:
            if question.kind is Kind.FIND:
                rank = rank_of(finder.search(variant.rewrite(question.text)), question.gold)
                observations += observe_rank(f"find{variant.suffix}", question.id, rank)
    return figures(observations)
