"""The dense half: one vector a name of each family, exact inner products by FAISS, the best name counts."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.search.corpus import Corpus
from bot.search.encoder import Encoder, Floats

if TYPE_CHECKING:
    import faiss

logger = logging.getLogger(__name__)
_BELOW_ALL = -2.0


@dataclass(frozen=True)
class DenseIndex:
    """Vectors of all names (rows), the family of each row, and the encoder of questions."""

    encoder: Encoder
    index: faiss.IndexFlatIP = field(repr=False)
    owner: NDArray[np.int64]
    families: int

    @classmethod
    def build(cls, corpus: Corpus, encoder: Encoder, cache: Path | None = None) -> DenseIndex:
        """Index the names of `corpus`; with `cache`, vectors made once are read again from that folder."""
        import faiss

        faiss.omp_set_num_threads(1)  # beside the server's threads more would only wait for each other
        names = [name for text in corpus.families for name in text.names]
        owner = np.repeat(np.arange(len(corpus)), [len(text.names) for text in corpus.families])
        vectors = _vectors(names, encoder, cache)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(encoder, index, owner.astype(np.int64), len(corpus))

    def search(self, text: str) -> Floats:
        """Return the cosine of the best name of every family, shape (families,)."""
        return self.scores(self.encoder.encode([text]))

    def scores(self, query: Floats) -> Floats:
        """Return the same for a query vector, shape (1, dimensions)."""
        # a range search with no bound gives every row unsorted, four times quicker than the sorted top
        _, found, rows = self.index.range_search(query, _BELOW_ALL)
        out = np.full(self.families, -1.0, dtype=np.float32)
        np.maximum.at(out, self.owner[rows], found)
        return out


def _vectors(names: list[str], encoder: Encoder, cache: Path | None) -> Floats:
    if cache is None:
        return encoder.encode(names)
    key = hashlib.sha256("\x1f".join((encoder.digest, *names)).encode()).hexdigest()[:32]
    file = cache / f"vectors-{key}.npy"
    try:
        kept: Floats = np.load(file, allow_pickle=False)
        if kept.shape[0] == len(names):
            return kept
    except (OSError, ValueError, EOFError):
        logger.info("making the vectors of %d names", len(names))
    vectors = encoder.encode(names)
    _keep(file, vectors)
    return vectors


def _keep(file: Path, vectors: Floats) -> None:
    """Write aside and rename, so that no process ever reads half a file; a full disk costs only the cache."""
    aside = file.with_suffix(f".{os.getpid()}.tmp.npy")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(aside, vectors)
        aside.replace(file)
    except OSError as error:
        logger.warning("the search vectors are not cached (%s): the next start makes them again", error)
