"""Fusion: the two halves on one scale. Linear over z-scores, which beats ranks when one half is weak."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from bot.search.bm25 import Floats
from bot.search.corpus import Corpus
from bot.search.lexical import LexicalWeights

RANKING = Path(__file__).parent / "ranking.yaml"
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Weights of the halves, and small priors: for what is handled locally, for what a person asks for."""

    dense: float
    lexical: float
    local: float
    citizen: float


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """All weights of `ranking.yaml`."""

    lexical: LexicalWeights
    fusion: FusionWeights


@lru_cache(maxsize=4)
def load_weights(file: Path = RANKING) -> RankingWeights:
    """Read the weights."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return RankingWeights(LexicalWeights(**data["lexical"]), FusionWeights(**data["fusion"]))


def standard(scores: Floats) -> Floats:
    """Return `scores` as z-scores: mean 0, deviation 1 over all families; zeros where all are equal."""
    deviation = float(scores.std())
    if deviation < _FLAT:
        return np.zeros_like(scores)
    out: Floats = (scores - scores.mean()) / np.float32(deviation)
    return out


def prior(corpus: Corpus, weights: FusionWeights) -> Floats:
    """Return what each family has in advance, in z units, shape (families,)."""
    return np.asarray(
        [weights.local * text.local + weights.citizen * text.citizen for text in corpus.families],
        dtype=np.float32,
    )


def fuse(lexical: Floats, dense: Floats | None, ahead: Floats, weights: FusionWeights) -> Floats:
    """Return the fused score of every family; without `dense` the lexical half stands alone.

    `ahead` is the prior. A question that no family answers to (all lexical scores 0) leaves its half flat.
    """
    if dense is None:
        return standard(lexical) + ahead
    total = np.float32(weights.dense + weights.lexical)
    mixed = np.float32(weights.dense) * standard(dense) + np.float32(weights.lexical) * standard(lexical)
    return np.asarray(mixed / total + ahead, dtype=np.float32)
