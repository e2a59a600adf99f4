"""Reviews the lay names by the search itself: names that stand nearer to another family than to their own.

Each lay name is taken out of its family and asked as a question. The scores are those of the searcher, except
that every family is compared by its best name and not only a short list; all names are scored in blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.search.analysis import Analysed, analyse_record, lexical_terms
from bot.search.bm25 import Bm25, Floats
from bot.search.corpus import Corpus
from bot.search.dense import unit
from bot.search.encoder import Encoder
from bot.search.fusion import RankingWeights, load_weights, mix, prior, standard
from bot.search.marks import FamilyMarks

_BLOCK = 256  # names at once: 256 x 20,000 float32 are 20 MB
_ABSENT = -1.0
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Stray:
    """A lay name that another family fits better.

    `own` and `other` are indexes of the corpus, `margin` is in z units, `rank` the own family's place, and
    `nearest` the other family's name that comes closest.
    """

    name: str
    own: int
    other: int
    margin: float
    rank: int
    nearest: str


def strays(
    corpus: Corpus, encoder: Encoder, topics: frozenset[frozenset[str]] = frozenset(), margin: float = 0.0
) -> tuple[Stray, ...]:
    """Return the lay names that another family wins by more than `margin`, worst first.

    `topics` are pairs of families that count as one. Takes about a minute for 20,000 names on one core.
    """
    rows = _Rows.of(corpus)
    found: list[Stray] = []
    index = _Index.of(corpus, rows, encoder)
    for start in range(0, len(rows.lay), _BLOCK):
        found += index.block(rows.lay[start : start + _BLOCK], corpus, topics)
    return tuple(sorted((stray for stray in found if stray.margin > margin), key=lambda stray: -stray.margin))


@dataclass(frozen=True)
class _Rows:
    """All names in the order of the families: `owner` of each, `first` row of each family, `lay` rows."""

    names: tuple[str, ...]
    owner: Ints
    first: Ints
    lay: Ints

    @classmethod
    def of(cls, corpus: Corpus) -> _Rows:
        counts = [len(text.names) for text in corpus.families]
        first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        return cls(
            names=tuple(name for text in corpus.families for name in text.names),
            owner=np.repeat(np.arange(len(counts), dtype=np.int64), counts),
            first=first,
            lay=np.asarray(list(_lay_rows(corpus, first)), dtype=np.int64),
        )


def _lay_rows(corpus: Corpus, first: Ints) -> Iterator[int]:
    for start, text in zip(first, corpus.families, strict=True):
        titles = frozenset(text.titles)
        yield from (int(start) + at for at, name in enumerate(text.names) if name not in titles)


@dataclass(frozen=True)
class _Index:
    """What the searcher compares, with each row's own name still in it."""

    rows: _Rows
    read: tuple[Analysed, ...]
    titles: Bm25
    bodies: Bm25
    vectors: Floats
    sums: Floats  # of the vectors of each family
    marks: FamilyMarks
    ahead: Floats
    weights: RankingWeights

    @classmethod
    def of(cls, corpus: Corpus, rows: _Rows, encoder: Encoder) -> _Index:
        weights = load_weights()
        read = tuple(analyse_record(name) for name in rows.names)
        bodies = [
            [t for part in text.body for t in lexical_terms(analyse_record(part))] for text in corpus.families
        ]
        k1, b = weights.lexical.k1, weights.lexical.b
        vectors = encoder.encode(rows.names)
        return cls(
            rows=rows,
            read=read,
            titles=Bm25.build(map(lexical_terms, read), k1, b),
            bodies=Bm25.build(bodies, k1, b),
            vectors=vectors,
            sums=np.add.reduceat(vectors, rows.first),
            marks=FamilyMarks.of(corpus),
            ahead=prior(corpus, weights.fusion),
            weights=weights,
        )

    def block(self, block: Ints, corpus: Corpus, topics: frozenset[frozenset[str]]) -> list[Stray]:
        """Return what strays among the rows of `block`."""
        cosines: Floats = self.vectors[block] @ self.vectors.T
        cosines[np.arange(len(block)), block] = _ABSENT
        centres: Floats = self.vectors[block] @ unit(self.sums).T
        found: list[Stray] = []
        for at, row in enumerate(block):
            own = int(self.rows.owner[row])
            rest = unit((self.sums[own] - self.vectors[row])[None])[0]
            centres[at, own] = float(self.vectors[row] @ rest)
            scores = self._scores(int(row), cosines[at], centres[at])
            other = _winner(scores, own, corpus, topics)
            if other is not None:
                found.append(self._stray(int(row), own, other, scores, cosines[at]))
        return found

    def _scores(self, row: int, cosines: Floats, centres: Floats) -> Floats:
        fusion = self.weights.fusion
        best = np.maximum.reduceat(cosines, self.rows.first)
        dense = centres + np.float32(fusion.best) * (best - centres)
        fused = mix(standard(self._lexical(row)), standard(dense, centres), fusion)
        every = np.arange(len(fused), dtype=np.intp)
        out: Floats = fused + self.ahead + self.marks.shift(self.read[row], every, self.weights.marks)
        return out

    def _lexical(self, row: int) -> Floats:
        weights = self.weights.lexical
        counts = Counter(lexical_terms(self.read[row]))
        query = {term: n * (weights.bigram if "_" in term else 1.0) for term, n in counts.items()}
        titles = self.titles.scores(query)
        titles[row] = 0.0
        best: Floats = np.maximum.reduceat(titles, self.rows.first)
        return best + np.float32(weights.body) * self.bodies.scores(query)

    def _stray(self, row: int, own: int, other: int, scores: Floats, cosines: Floats) -> Stray:
        first = int(self.rows.first[other])
        count = int((self.rows.owner == other).sum())
        nearest = first + int(cosines[first : first + count].argmax())
        margin = float(scores[other] - scores[own])
        rank = 1 + int((scores > scores[own]).sum())
        return Stray(self.rows.names[row], own, other, margin, rank, self.rows.names[nearest])


def _winner(scores: Floats, own: int, corpus: Corpus, topics: frozenset[frozenset[str]]) -> int | None:
    """Return the family of another topic that stands highest above `own`; None where none does."""
    name = corpus.families[own].family
    better = np.flatnonzero(scores > scores[own])
    for at in better[np.argsort(-scores[better], kind="stable")]:
        if frozenset((name, corpus.families[int(at)].family)) not in topics:
            return int(at)
    return None
