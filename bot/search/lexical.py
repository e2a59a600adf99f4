"""The lexical half: folded BM25 with pairs of neighbours over titles, lay names and short facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bot.search.analysis import Analysed, analyse_record, lexical_terms
from bot.search.bm25 import Bm25, Floats
from bot.search.corpus import Corpus
from bot.search.segments import Segments


@dataclass(frozen=True)
class LexicalWeights:
    """How the fields mix (`ranking.yaml`): `body` beside titles at 1, `bigram` beside syllables at 1.

    `mended` is what a word counts that was read into a misspelt one.
    """

    body: float = 0.3
    bigram: float = 0.5
    k1: float = 1.2
    b: float = 0.5
    mended: float = 0.7


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

    @cached_property
    def _segments(self) -> Segments:
        return Segments.of(np.diff(self.offsets, append=self.titles.size))

    def terms(self, question: Analysed) -> dict[str, float]:
        """Return the question's terms with their weights."""
        counts = Counter(lexical_terms(question))
        return {t: n * (self.weights.bigram if "_" in t else 1.0) for t, n in counts.items()}

    def search(self, question: Analysed, mended: Analysed | None = None) -> LexicalScores:
        """Score every family; `mended` is the question's second reading, where some words are misspelt."""
        terms = self.terms(question)
        likely = terms if mended is None else self.terms(mended)
        asked = {t: n * self.weights.mended for t, n in likely.items() if t not in terms} | terms
        best = self._segments.maxima(self.titles.scores(asked))
        raw = best + self.weights.body * self.bodies.scores(asked)
        ideal = self.titles.ideal(likely)
        normalised = np.clip(best / ideal, 0.0, 1.0) if ideal else np.zeros_like(best)
        return LexicalScores(raw, normalised.astype(np.float32))
