"""The lexical half: folded BM25 with pairs of neighbours over titles, lay names and short facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.search.analysis import Analysed, analyse_record, lexical_terms
from bot.search.bm25 import Bm25, Floats
from bot.search.corpus import Corpus


@dataclass(frozen=True)
class LexicalWeights:
    """How the fields mix (`ranking.yaml`): `body` beside titles at 1, `bigram` beside syllables at 1."""

    body: float = 0.3
    bigram: float = 0.5
    k1: float = 1.2
    b: float = 0.5


@dataclass(frozen=True)
class LexicalScores:
    """Scores of every family, shape (families,): `raw` for fusion, `normalised` in [0, 1] for the gate."""

    raw: Floats
    normalised: Floats


@dataclass(frozen=True)
class LexicalIndex:
    """Titles row by row (the best row counts for its family), bodies one row a family."""

    titles: Bm25
    bodies: Bm25
    offsets: np.ndarray[tuple[int], np.dtype[np.int64]]  # first title row of each family
    weights: LexicalWeights

    @classmethod
    def build(cls, corpus: Corpus, weights: LexicalWeights | None = None) -> LexicalIndex:
        """Index `corpus`."""
        weights = weights or LexicalWeights()
        counts = [len(text.names) for text in corpus.families]
        titles = [lexical_terms(analyse_record(name)) for text in corpus.families for name in text.names]
        bodies = [
            [term for part in text.body for term in lexical_terms(analyse_record(part))]
            for text in corpus.families
        ]
        offsets = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        return cls(
            Bm25.build(titles, weights.k1, weights.b),
            Bm25.build(bodies, weights.k1, weights.b),
            offsets,
            weights,
        )

    def terms(self, question: Analysed) -> Mapping[str, float]:
        """Return the question's terms with their weights."""
        counts = Counter(lexical_terms(question))
        return {t: n * (self.weights.bigram if "_" in t else 1.0) for t, n in counts.items()}

    def search(self, question: Analysed) -> LexicalScores:
        """Score every family."""
        terms = self.terms(question)
        rows = self.titles.scores(terms)
        best = np.maximum.reduceat(rows, self.offsets)
        raw = best + self.weights.body * self.bodies.scores(terms)
        ideal = self.titles.ideal(terms)
        normalised = np.clip(best / ideal, 0.0, 1.0) if ideal else np.zeros_like(best)
        return LexicalScores(raw, normalised.astype(np.float32))
