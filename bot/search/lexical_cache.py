"""The lexical index kept on disk: read back in a tenth of the time it takes to build."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.search.bm25 import Bm25
from bot.search.corpus import Corpus
from bot.search.lexical import LexicalIndex, LexicalWeights
from procedures_kb.kept import drop_old

logger = logging.getLogger(__name__)
FORMAT = 3  # to be raised when analysis or the index change
_FIELDS = ("starts", "rows", "impacts", "idf")


def load_or_build(corpus: Corpus, weights: LexicalWeights, cache: Path | None) -> LexicalIndex:
    """Return the index of `corpus`, from `cache` where it holds just that one."""
    if cache is None:
        return LexicalIndex.build(corpus, weights)
    key = hashlib.sha256(f"{FORMAT}:{weights.k1}:{weights.b}:{corpus.digest}".encode()).hexdigest()[:32]
    file = cache / f"lexical-{key}.npz"
    try:
        return _read(file, weights)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        logger.info("building the lexical index of %d families", len(corpus))
    index = LexicalIndex.build(corpus, weights)
    _keep(file, index)
    return index


def _read(file: Path, weights: LexicalWeights) -> LexicalIndex:
    with np.load(file, allow_pickle=False) as data:
        titles, bodies = (_bm25(data, part, weights) for part in ("titles", "bodies"))
        return LexicalIndex(titles, bodies, data["offsets"], weights)


def _bm25(data: np.lib.npyio.NpzFile, part: str, weights: LexicalWeights) -> Bm25:
    words = bytes(data[f"{part}_words"]).decode().split("\n")
    starts, rows, impacts, idf = (data[f"{part}_{name}"] for name in _FIELDS)
    size, average = data[f"{part}_shape"]
    vocabulary = {word: at for at, word in enumerate(words)} if words != [""] else {}
    return Bm25(vocabulary, starts, rows, impacts, idf, int(size), float(average), weights.k1, weights.b)


def _arrays(part: str, index: Bm25) -> dict[str, NDArray[np.generic]]:
    words = "\n".join(index.vocabulary).encode()
    out: dict[str, NDArray[np.generic]] = {f"{part}_{name}": getattr(index, name) for name in _FIELDS}
    out[f"{part}_words"] = np.frombuffer(words, dtype=np.uint8)
    out[f"{part}_shape"] = np.asarray([index.size, index.average])
    return out


def _keep(file: Path, index: LexicalIndex) -> None:
    aside = file.with_suffix(f".{os.getpid()}.tmp.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        arrays = _arrays("titles", index.titles) | _arrays("bodies", index.bodies)
        with aside.open("wb") as stream:
            np.savez(stream, offsets=index.offsets, **arrays)  # type: ignore[arg-type]
        aside.replace(file)
        drop_old(file.parent, "lexical-*.npz")
    except OSError as error:
        logger.warning("the lexical index is not cached (%s): the next start builds it again", error)
