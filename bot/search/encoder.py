"""The encoder: texts to unit vectors. The built-in model needs NumPy alone; larger ones bring torch.

The shipped files are a sentence-transformers model (`SentenceTransformer(MODEL)` reads them and gives the
same vectors: a test holds that), but a StaticEmbedding is a mean of rows, so serving it needs no torch:
a question costs microseconds, and the process starts seconds sooner and hundreds of megabytes lighter.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.search.analysis import analyse_question, features
from bot.search.model_files import MODEL, TOKENIZER, WEIGHTS, check_manifest
from vietnamese import expand, normalise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)
BUILT_IN = "built-in"

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """Anything that turns texts into unit vectors; `digest` changes whenever its vectors would."""

    @property
    def name(self) -> str:
        """How operators call it."""

    @property
    def digest(self) -> str:
        """Key of caches."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one unit vector a text, shape (texts, dimensions); a text of nothing known gives zeros."""


@dataclass(frozen=True)
class BuiltInEncoder:
    """The shipped StaticEmbedding: `weights` has shape (features, dimensions)."""

    ids: Mapping[str, int] = field(repr=False)
    weights: Floats = field(repr=False)
    digest: str
    name: str = BUILT_IN

    @classmethod
    def load(cls, folder: Path = MODEL) -> BuiltInEncoder:
        """Read the model of `folder`.

        Raises BrokenModel where a file is missing or not the one of the manifest.
        """
        from safetensors.numpy import load_file

        digest = check_manifest(folder)
        ids = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))["model"]["vocab"]
        weights = load_file(str(folder / WEIGHTS))["embedding.weight"]
        return cls(ids, weights.astype(np.float32), digest)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the mean of the features' rows, scaled to length 1; unknown features count as one row."""
        out = np.zeros((len(texts), self.weights.shape[1]), dtype=np.float32)
        for at, text in enumerate(texts):
            rows = [self.ids.get(feature, 0) for feature in features(analyse_question(text))]
            if rows:
                out[at] = self.weights[rows].sum(axis=0)
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        out /= np.maximum(norms, 1e-9)
        return out


@dataclass(frozen=True)
class LargeEncoder:
    """A sentence-transformers model of any kind, given canonical text."""

    name: str
    model: SentenceTransformer = field(repr=False)

    @property
    def digest(self) -> str:
        """The model's name: its files are its publisher's."""
        return self.name

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the model's unit vectors."""
        lines = [expand(normalise(text)) for text in texts]
        vectors = self.model.encode(
            lines, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(model: str | None = None, folder: Path = MODEL) -> Encoder:
    """Return the encoder that the setting names, the built-in one for None or "built-in".

    A named model is first looked for on this machine, then fetched; when it cannot be had, the log says so
    and the built-in one serves. Raises BrokenModel where the built-in files are not the committed ones.
    """
    if model in {None, "", BUILT_IN}:
        return BuiltInEncoder.load(folder)
    large = _load_large(str(model))
    return large or BuiltInEncoder.load(folder)


def _load_large(model: str) -> LargeEncoder | None:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        logger.warning(
            "search model %s needs sentence-transformers (%s); the built-in model serves", model, error
        )
        return None
    for local in (True, False):
        try:
            return LargeEncoder(model, SentenceTransformer(model, device="cpu", local_files_only=local))
        except Exception as error:  # a dozen classes of three libraries mean the same here
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            logger.info("search model %s, local_files_only=%s: %s", model, local, reason)
    logger.warning(
        "search model %s cannot be had: neither on this machine nor from its hub; the built-in model serves. "
        "To use it, fetch it once with a connection (`hf download %s`) and start again.",
        model,
        model,
    )
    return None
