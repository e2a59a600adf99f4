"""The dense half: the centre of each family's names, exact inner products by FAISS, and its best name."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.search.corpus import Corpus
from bot.search.encoder import BuiltInEncoder, Encoder, Floats
from procedures_kb.kept import drop_old

if TYPE_CHECKING:
    import faiss

logger = logging.getLogger(__name__)
LEADING = 128  # dimensions of a centre
_AT_ONCE = 256  # families, some ten milliseconds
_BELOW_ALL = -2.0


@dataclass(frozen=True)
class DenseIndex:
    """The centre of each family's names (FAISS), and the names themselves, row by row, family by family.

    Centres are few and tell nearly all: every family is compared by its centre, and only those that may come
    first by their best name as well. Of the built-in model's vectors the centres keep the first half, which
    was trained to stand alone: half the reading for the same ranks. `starts` has one entry more than
    families.
    """

    encoder: Encoder
    centres: faiss.IndexFlatIP = field(repr=False)
    names: Floats = field(repr=False)
    starts: NDArray[np.int64] = field(repr=False)

    @classmethod
    def build(cls, corpus: Corpus, encoder: Encoder, cache: Path | None = None) -> DenseIndex:
        """Index the names of `corpus`; with `cache`, vectors made once are read again from that folder."""
        import faiss

        faiss.omp_set_num_threads(1)  # beside the server's threads more would only wait for each other
        names = _vectors([name for text in corpus.families for name in text.names], encoder, cache)
        starts = np.concatenate([[0], np.cumsum([len(text.names) for text in corpus.families])])
        length = min(LEADING, names.shape[1]) if isinstance(encoder, BuiltInEncoder) else names.shape[1]
        index = faiss.IndexFlatIP(length)
        index.add(unit(_sums(names[:, :length], starts)))
        return cls(encoder, index, names, starts.astype(np.int64))

    def query(self, texts: Sequence[str]) -> Floats:
        """Return one unit vector for all readings of a question, shape (1, dimensions)."""
        return unit(self.encoder.encode(texts).sum(axis=0, keepdims=True))

    def broad(self, query: Floats) -> Floats:
        """Return the cosine of the centre of every family, shape (families,)."""
        # a range search with no bound gives every row unsorted, four times quicker than the sorted top
        _, found, rows = self.centres.range_search(unit(query[:, : self.centres.d]), _BELOW_ALL)
        out = np.empty(len(self.starts) - 1, dtype=np.float32)
        out[rows] = found
        return out

    def best(self, query: Floats, families: NDArray[np.intp]) -> Floats:
        """Return the cosine of the best name of each of these families, in their order."""
        first, count = self.starts[families], self.starts[families + 1] - self.starts[families]
        ends = np.cumsum(count)
        begins = ends - count
        rows = np.repeat(first - begins, count) + np.arange(ends[-1])
        found: Floats = np.maximum.reduceat(self.names[rows] @ query[0], begins)
        return found


def unit(vectors: Floats) -> Floats:
    """Return `vectors` scaled to length 1, row by row; a row of zeros stays."""
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return found


def _sums(names: Floats, starts: NDArray[np.int64]) -> Floats:
    """Return the sum of the vectors of each family; starts has one entry more than families.

    Some families at a time: numpy lets no other thread work meanwhile, and messages come in while this loads.
    """
    blocks = [starts[at : at + _AT_ONCE + 1] for at in range(0, len(starts) - 1, _AT_ONCE)]
    sums = [np.add.reduceat(names[block[0] : block[-1]], block[:-1] - block[0]) for block in blocks]
    return np.concatenate(sums)


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
        drop_old(file.parent, "vectors-*.npy")
    except OSError as error:
        logger.warning("the search vectors are not cached (%s): the next start makes them again", error)
