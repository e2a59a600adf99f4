"""What speaks for asserting the first family: what it explains of the question, how far it stands ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from bot.search.analysis import Analysed, analyse_record, content_places
from bot.search.bm25 import Bm25, Floats
from bot.search.corpus import Corpus, FamilyText

CLOSE = 1.0  # z units below the first family within which another one competes
_LEAST = -10.0  # below every score


@dataclass(frozen=True, slots=True)
class Evidence:
    """The signals of one question about its first family; shares are of idf, in [0, 1].

    `unexplained`: what of the question stands nowhere in the family's texts. `unsaid`: what of its name (the
    one that fits best) the question does not say. `rarest`: the largest idf that is unexplained, against the
    idf of a word that no record has. `margin`: fused z above the best other family. `gap_dense` and
    `gap_lexical`: the lead in each half, negative where it prefers another. `close`: how many compete.
    """

    margin: float
    lexical: float
    unexplained: float
    rarest: float
    unsaid: float
    gap_lexical: float
    close: int
    content: int
    dense: float | None = None
    gap_dense: float | None = None

    def values(self) -> dict[str, float]:
        """Return the inputs of the logistic model, by name."""
        out = {
            "margin": min(self.margin, 4.0),
            "lexical": self.lexical,
            "unexplained": self.unexplained,
            "rarest": self.rarest,
            "unsaid": self.unsaid,
            "gap_lexical": self.gap_lexical,
            "close": float(np.log1p(self.close)),
            "few": 1.0 / max(1, self.content),
        }
        if self.dense is not None and self.gap_dense is not None:
            out |= {"dense": self.dense, "gap_dense": self.gap_dense}
        return out


@dataclass(frozen=True, slots=True)
class _Texts:
    """The folded syllables of all texts of a family, and each of its names with the idf of its syllables."""

    vocabulary: frozenset[str]
    names: tuple[tuple[frozenset[str], float], ...]


@dataclass(frozen=True)
class Witness:
    """Reads the evidence; `names` gives the idf of syllables. A family's texts are read when first needed."""

    corpus: Corpus = field(repr=False)
    names: Bm25 = field(repr=False)
    _read: dict[int, _Texts] = field(default_factory=dict, repr=False, compare=False)

    def of(
        self, question: Analysed, first: int, fused: Floats, lexical: Floats, dense: Floats | None
    ) -> Evidence:
        """Return what speaks for family `first`; all scores have shape (families,)."""
        content = tuple(question.folded[place] for place in content_places(question))
        texts = self._texts(first)
        asked = {unit: self.names.idf_of(unit) for unit in content}
        unknown = [idf for unit, idf in asked.items() if unit not in texts.vocabulary]
        return Evidence(
            margin=_lead(fused, first),
            lexical=float(lexical[first]),
            unexplained=_share(sum(unknown), sum(asked.values())),
            rarest=max(unknown, default=0.0) / self.names.rarest,
            unsaid=self._unsaid(texts, question),
            gap_lexical=_lead(lexical, first),
            close=int((fused >= fused[first] - CLOSE).sum()) - 1,
            content=len(content),
            dense=None if dense is None else float(dense[first]),
            gap_dense=None if dense is None else _lead(dense, first),
        )

    def _texts(self, family: int) -> _Texts:
        if family not in self._read:  # two threads may both read it: they read the same
            self._read[family] = self._texts_of(self.corpus.families[family])
        return self._read[family]

    def _texts_of(self, text: FamilyText) -> _Texts:
        names = tuple(frozenset(analyse_record(name).folded) for name in text.names)
        body = (analyse_record(part).folded for part in text.body)
        return _Texts(frozenset().union(*names, *body), tuple((name, self._weight(name)) for name in names))

    def _weight(self, units: Iterable[str]) -> float:
        return sum(map(self.names.idf_of, units))

    def _unsaid(self, texts: _Texts, question: Analysed) -> float:
        """Return what the question leaves out of the name that it says most of."""
        said = {unit: self.names.idf_of(unit) for unit in question.folded}
        shares = (
            _share(sum(said[unit] for unit in name & said.keys()), total) for name, total in texts.names
        )
        return 1.0 - max(shares, default=0.0)


def _lead(scores: Floats, first: int) -> float:
    """Return how far family `first` stands above the best other one; below it where negative."""
    others = max(float(scores[:first].max(initial=_LEAST)), float(scores[first + 1 :].max(initial=_LEAST)))
    return float(scores[first]) - others


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
