"""What a plain BM25 over the names finds of the same questions in the same catalogue.

`bm25_raw` is what the public peers do: rank_bm25's BM25Okapi over lower-cased tokens split at white space.
`bm25_folded` folds accents and adds bigrams of syllables. Both search the names only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rank_bm25 import BM25Okapi

from evaluation.ranking import CUTS
from procedures_kb.catalogue import Catalogue
from vietnamese import bigrams, fold, normalise, syllables

Tokens = Callable[[str], list[str]]


def raw_tokens(text: str) -> list[str]:
    """Lower-case and split at white space."""
    return text.lower().split()


def folded_tokens(text: str) -> list[str]:
    """Fold accents, split into syllables, add their bigrams."""
    units = syllables(fold(normalise(text)))
    return units + bigrams(units)


@dataclass(frozen=True)
class Baseline:
    """BM25 over the names of the procedures; a family's members are found as one."""

    name: str
    tokens: Tokens
    families: tuple[tuple[str, ...], ...]
    index: BM25Okapi

    @classmethod
    def build(cls, name: str, tokens: Tokens, catalogue: Catalogue) -> Baseline:
        """Index one document a family: the name of its first member."""
        members = tuple(catalogue.families.values())
        codes = tuple(tuple(procedure.code for procedure in family) for family in members)
        return cls(name, tokens, codes, BM25Okapi([tokens(family[0].name) for family in members]))

    def search(self, text: str, limit: int = CUTS[-1]) -> list[tuple[str, ...]]:
        """Return the codes of the first `limit` families for `text`, best first."""
        # A token that no name holds scores nothing but costs a pass: the peers pay it, we do not.
        known = [token for token in self.tokens(text) if token in self.index.idf]
        scores = np.asarray(self.index.get_scores(known))
        best = np.argsort(-scores, kind="stable")[:limit]
        return [self.families[at] for at in best if scores[at] > 0]


def build_baselines(catalogue: Catalogue) -> tuple[Baseline, ...]:
    """Return both baselines over `catalogue`."""
    kinds = {"bm25_raw": raw_tokens, "bm25_folded": folded_tokens}
    return tuple(Baseline.build(name, tokens, catalogue) for name, tokens in kinds.items())
