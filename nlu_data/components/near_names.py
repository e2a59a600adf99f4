"""How near a text stands to the names of procedures, by the vectors of the search model.

A name that shares hardly a word with the text may be near it all the same, and so tells that it is about a
procedure. The search model is a mean of rows, so NumPy alone reads it; the features are those of
`bot.search.analysis.features`, which this environment cannot import (a test holds that they are the same).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vietnamese import bigrams, expand, fold, normalise, syllables

DIMENSIONS = 128  # of 256: the first half alone was trained, too
_COUNTED = (1, 3, 10)  # the nearest name, the third, and the mean of ten
_STEPS = 20
_GRAM = 3
_WEIGHTS = "embedding.weight"
_LENGTH_BYTES = 8  # a safetensors file: the header's length, the header as JSON, the numbers


def features(text: str) -> list[str]:
    """Return the words of the search model's vocabulary that `text` has.

    `a:` accented syllables, `f:` folded ones, `b:` folded pairs, `c:` character 3-grams of folded syllables.
    """
    accented = syllables(expand(normalise(text)))
    folded = [fold(unit) for unit in accented]
    found = [f"a:{unit}" for unit in accented] + [f"f:{unit}" for unit in folded]
    found += [f"b:{pair}" for pair in bigrams(folded)]
    bordered = (f"<{unit}>" for unit in folded)
    return found + [f"c:{u[i : i + _GRAM]}" for u in bordered for i in range(len(u) - _GRAM + 1)]


def read_model(folder: Path) -> tuple[list[str], np.ndarray]:
    """Return the vocabulary of the search model in `folder` and its rows, (features, DIMENSIONS).

    Raises OSError or KeyError where its files are not those of a static embedding.
    """
    ids = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    content = (folder / "model.safetensors").read_bytes()
    start = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "little")
    told = json.loads(content[_LENGTH_BYTES:start])[_WEIGHTS]
    first, last = told["data_offsets"]
    numbers = np.frombuffer(content[start + first : start + last], dtype=np.float16)
    return sorted(ids, key=ids.get), numbers.reshape(told["shape"])[:, :DIMENSIONS]


@dataclass(frozen=True)
class NearNames:
    """Names with their unit vectors, and the rows that vectors are made of; immutable."""

    ids: Mapping[str, int]
    rows: np.ndarray
    names: Mapping[str, int]
    vectors: np.ndarray

    @classmethod
    def of(cls, vocabulary: Sequence[str], rows: np.ndarray, names: Iterable[str]) -> NearNames:
        """Return what tells how near a text is to one of `names`."""
        ids = {feature: place for place, feature in enumerate(vocabulary)}
        keys = list(dict.fromkeys(map(_key, names)))
        vectors = [_vector(key, ids, rows) for key in keys]
        known = np.array(vectors, dtype=np.float32).reshape(len(keys), rows.shape[1])
        return cls(ids, rows, {key: place for place, key in enumerate(keys)}, known)

    def arrays(self) -> dict[str, Any]:
        """Return what `of` needs as plain arrays."""
        return {"vocabulary": np.array([*self.ids]), "rows": self.rows, "names": np.array([*self.names])}

    def find(self, text: str) -> Iterator[str]:
        """Yield how near the nearest names are, in twentieths; the same name does not count."""
        if len(self.names) <= max(_COUNTED):
            return
        near = self.vectors @ _vector(text, self.ids, self.rows)
        same = self.names.get(_key(text))
        if same is not None:
            near[same] = -1
        best = np.sort(np.partition(near, -max(_COUNTED))[-max(_COUNTED) :])[::-1]
        told = (best[0], best[_COUNTED[1] - 1], best.mean())
        for count, value in zip(_COUNTED, told, strict=True):
            yield f"{count} {int(np.clip(value * _STEPS, 0, _STEPS))}"


def _key(text: str) -> str:
    return fold(text.lower())


def _vector(text: str, ids: Mapping[str, int], rows: np.ndarray) -> np.ndarray:
    places = [ids.get(feature, 0) for feature in features(text)]
    if not places:
        return np.zeros(rows.shape[1], dtype=np.float32)
    total = rows[places].astype(np.float32).sum(axis=0)
    return total / max(float(np.linalg.norm(total)), 1e-9)
