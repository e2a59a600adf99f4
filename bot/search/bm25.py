"""BM25 over rows of terms, in NumPy arrays alone: exact, small, and quicker here than a sparse matrix.

Okapi BM25 in Lucene's form (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework"):
idf(t) = ln(1 + (N - n + .5) / (n + .5)), impact = idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * len / avg)).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Bm25:
    """An immutable index: for each term a slice of (row, impact) pairs.

    `starts` has one entry more than the vocabulary; `rows` and `impacts` are parallel.
    """

    vocabulary: Mapping[str, int]
    starts: Ints
    rows: Ints
    impacts: Floats
    idf: Floats
    size: int
    average: float
    k1: float
    b: float

    @classmethod
    def build(cls, rows: Iterable[Sequence[str]], k1: float = 1.2, b: float = 0.75) -> Bm25:
        """Index `rows`, each given as its terms."""
        vocabulary: defaultdict[str, int] = defaultdict()
        vocabulary.default_factory = vocabulary.__len__  # a term not seen yet gets the next number
        lengths: list[int] = []
        ids: list[int] = []
        for terms in rows:
            lengths.append(len(terms))
            ids.extend(map(vocabulary.__getitem__, terms))
        size = len(lengths)
        length = np.asarray(lengths, dtype=np.float64)
        average = float(length.mean()) if size else 1.0
        owner = np.repeat(np.arange(size, dtype=np.int64), lengths)
        keys, counts = np.unique(np.asarray(ids, dtype=np.int64) * max(size, 1) + owner, return_counts=True)
        term, row = keys // max(size, 1), keys % max(size, 1)
        df = np.bincount(term, minlength=len(vocabulary))
        idf = np.log1p((size - df + 0.5) / (df + 0.5))
        norm = k1 * (1 - b + b * length[row] / average)
        impacts = idf[term] * counts * (k1 + 1) / (counts + norm)
        starts = np.concatenate([[0], np.cumsum(df)]).astype(np.int64)
        vectors = (starts, row, impacts.astype(np.float32), idf.astype(np.float32))
        return cls(dict(vocabulary), *vectors, size, average, k1, b)

    def scores(self, query: Mapping[str, float]) -> Floats:
        """Return the score of every row, shape (size,), for terms with their weights."""
        out = np.zeros(self.size, dtype=np.float32)
        for term, weight in query.items():
            at = self.vocabulary.get(term)
            if at is not None:
                piece = slice(self.starts[at], self.starts[at + 1])
                out[self.rows[piece]] += np.float32(weight) * self.impacts[piece]
        return out

    def idf_of(self, term: str) -> float:
        """Return the idf of `term`; one that no row holds weighs as the rarest."""
        return self._idf_by_term.get(term, self.rarest)

    def frequency(self, term: str) -> int:
        """Return how many rows hold `term`."""
        at = self.vocabulary.get(term)
        return 0 if at is None else int(self.starts[at + 1] - self.starts[at])

    @cached_property
    def _idf_by_term(self) -> Mapping[str, float]:
        return dict(zip(self.vocabulary, self.idf.tolist(), strict=True))

    @cached_property
    def rarest(self) -> float:
        """The idf of a term that no row holds."""
        return float(np.log1p((self.size + 0.5) / 0.5))

    def ideal(self, query: Mapping[str, float]) -> float:
        """Return what a row would score that says exactly the query and nothing more."""
        length = sum(query.values()) or 1.0
        norm = self.k1 * (1 - self.b + self.b * length / self.average)
        return sum(
            w * self.idf_of(term) * w * (self.k1 + 1) / (w + norm) for term, w in query.items() if w > 0
        )
