"""Fusion: the two halves on one scale. Linear over z-scores, which beats ranks when one half is weak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.search.bm25 import Floats
from bot.search.corpus import Corpus
from bot.search.lexical import LexicalWeights
from bot.search.marks import MarkWeights
from procedures_kb.yaml_files import read_yaml

RANKING = Path(__file__).parent / "ranking.yaml"
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Weights of the halves, and small priors: for what is handled locally, for what a person asks for.

    `best` is the share of a family's best name in its dense score, beside its centre; so many families as
    `shortlist` says are looked at so closely.
    """

    dense: float
    lexical: float
    local: float
    citizen: float
    best: float = 0.5
    shortlist: int = 60

    @property
    def share(self) -> float:
        """The share of the dense half."""
        return self.dense / (self.dense + self.lexical)


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """All weights of `ranking.yaml`."""

    lexical: LexicalWeights
    fusion: FusionWeights
    marks: MarkWeights


@lru_cache(maxsize=4)
def load_weights(file: Path = RANKING) -> RankingWeights:
    """Read the weights."""
    data: Any = read_yaml(file)
    return RankingWeights(
        LexicalWeights(**data["lexical"]), FusionWeights(**data["fusion"]), MarkWeights(**data["marks"])
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean and deviation over all families; where all scores are equal, the deviation is infinite."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, scores: Floats) -> Scale:
        """Measure `scores`."""
        mean = float(scores.mean())
        variance = float(np.dot(scores, scores)) / len(scores) - mean * mean
        return cls(mean, variance**0.5 if variance > _FLAT**2 else float("inf"))

    def apply(self, scores: Floats) -> Floats:
        """Return z-scores: mean 0, deviation 1 on this scale; zeros where all were equal."""
        return (scores - np.float32(self.mean)) * np.float32(1.0 / self.deviation)


def standard(scores: Floats, like: Floats | None = None) -> Floats:
    """Return `scores` as z-scores, on the scale of `like` where it is given."""
    return Scale.of(scores if like is None else like).apply(scores)


def prior(corpus: Corpus, weights: FusionWeights) -> Floats:
    """Return what each family has in advance, in z units, shape (families,)."""
    return np.asarray(
        [weights.local * text.local + weights.citizen * text.citizen for text in corpus.families],
        dtype=np.float32,
    )


def mix(lexical: Floats, dense: Floats, weights: FusionWeights) -> Floats:
    """Return the two halves, both on the scale of z-scores, as one."""
    return np.float32(weights.share) * dense + np.float32(1.0 - weights.share) * lexical
