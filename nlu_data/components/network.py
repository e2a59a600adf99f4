"""Small neural networks over sparse rows, learnt and asked with NumPy and SciPy alone.

Several networks that differ by their seed answer together: each errs on other sentences. One hidden layer,
with features and hidden units left out at random while learning, so that no single word decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse

_FIRST_DEVIATION = 0.05
_DECAYS = (0.9, 0.999)
_TINY = np.float32(1e-7)


@dataclass(frozen=True)
class Settings:
    """How networks learn.

    `hidden` units a network; `epochs` over the rows, `batch` rows a step; `input_dropout` and
    `hidden_dropout` are the shares left out; `smoothing` is the share of certainty given to other intents;
    `rate` of the first layer (Adagrad) and `upper_rate` of the rest (Adam), raised over `warm_up` steps,
    then lowered to `floor` of it.
    """

    hidden: int = 256
    epochs: int = 6
    batch: int = 128
    input_dropout: float = 0.5
    hidden_dropout: float = 0.3
    smoothing: float = 0.05
    rate: float = 0.06
    upper_rate: float = 2e-3
    warm_up: int = 200
    floor: float = 0.02


class Networks:
    """Networks that have learnt; immutable.

    Arrays: `intents` (C,), `first` (features, K * H) in half precision, `bias` (K * H,), `second` (K, H, C)
    and `offset` (K, C). `temperature` below 1 makes confidences surer, above 1 less sure.
    """

    def __init__(self, arrays: Mapping[str, Any], temperature: float) -> None:
        self.arrays = arrays
        self.classes_ = arrays["intents"]
        self._temperature = temperature

    @classmethod
    def learn(
        cls,
        rows: scipy.sparse.csr_matrix,
        intents: Sequence[str],
        seeds: int,
        settings: Settings,
        temperature: float,
    ) -> Networks:
        """Return `seeds` networks that learnt `intents` from `rows`; the same rows give the same networks."""
        names, wanted = np.unique(np.array(intents, dtype=str), return_inverse=True)
        rows = rows.astype(np.float32).tocsr()
        learnt = [_Learning(rows, wanted, len(names), settings, seed).run() for seed in range(seeds)]
        arrays = {
            "intents": names,
            "first": np.hstack([one.first for one in learnt]).astype(np.float16),
            "bias": np.concatenate([one.bias for one in learnt]),
            "second": np.stack([one.second for one in learnt]),
            "offset": np.stack([one.offset for one in learnt]),
        }
        return cls(arrays, temperature)

    def predict_proba(self, rows: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return confidences, one row a text, one column an intent."""
        rows = rows.tocsr()
        said = [
            self._one(rows.indices[start:end], rows.data[start:end])
            for start, end in zip(rows.indptr[:-1], rows.indptr[1:], strict=True)
        ]
        return np.array(said, dtype=np.float64).reshape(len(said), len(self.classes_))  # JSON knows no less

    def _one(self, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        second = self.arrays["second"]
        first = self.arrays["first"][columns].astype(np.float32)
        hidden = np.maximum(values.astype(np.float32) @ first + self.arrays["bias"], 0)
        scores = np.einsum("kh,khc->kc", hidden.reshape(second.shape[:2]), second) + self.arrays["offset"]
        return softmax(scores.mean(axis=0, keepdims=True) / self._temperature)[0]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return shares of each row that add up to 1."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


class _Adam:
    """Changes one dense array in place."""

    def __init__(self, weights: np.ndarray, rate: float) -> None:
        self._weights, self._rate, self._steps = weights, rate, 0
        self._mean, self._square = np.zeros_like(weights), np.zeros_like(weights)

    def step(self, gradient: np.ndarray, scale: float) -> None:
        self._steps += 1
        one, two = _DECAYS
        self._mean += (1 - one) * (gradient - self._mean)
        self._square += (1 - two) * (gradient * gradient - self._square)
        mean, square = self._mean / (1 - one**self._steps), self._square / (1 - two**self._steps)
        self._weights -= (self._rate * scale * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


class _Learning:
    """One network while it learns."""

    def __init__(
        self, rows: scipy.sparse.csr_matrix, wanted: np.ndarray, intents: int, settings: Settings, seed: int
    ) -> None:
        self._rows, self._wanted, self._settings = rows, wanted, settings
        self._random = np.random.default_rng(seed)
        hidden = settings.hidden
        normal = self._random.standard_normal
        self.first = normal((rows.shape[1], hidden), dtype=np.float32) * np.float32(_FIRST_DEVIATION)
        self._squares = np.zeros_like(self.first)
        self.bias = np.zeros(hidden, np.float32)
        self.second = normal((hidden, intents), dtype=np.float32) * np.float32((2 / hidden) ** 0.5)
        self.offset = np.zeros(intents, np.float32)
        self._upper = [_Adam(one, settings.upper_rate) for one in (self.bias, self.second, self.offset)]

    def run(self) -> _Learning:
        """Learn, and return itself."""
        texts, size = self._rows.shape[0], self._settings.batch
        steps, done = self._settings.epochs * -(-texts // size), 0
        for _ in range(self._settings.epochs):
            order = self._random.permutation(texts)
            for start in range(0, texts, size):
                done += 1
                risen = min(1.0, done / self._settings.warm_up)
                self._step(order[start : start + size], risen * max(self._settings.floor, 1 - done / steps))
        return self

    def _step(self, places: np.ndarray, scale: float) -> None:
        rows, columns = self._some_features(self._rows[places])
        weights = self.first[columns]
        before = rows @ weights + self.bias
        kept = self._kept(before.shape, self._settings.hidden_dropout)
        hidden = np.maximum(before, 0) * kept
        blame = self._blame(hidden, places)
        back = (blame @ self.second.T) * kept * (before > 0)
        for one, gradient in zip(
            self._upper, (back.sum(axis=0), hidden.T @ blame, blame.sum(axis=0)), strict=True
        ):
            one.step(gradient, scale)
        self._first_layer(columns, weights, rows.T @ back, scale)

    def _first_layer(
        self, columns: np.ndarray, weights: np.ndarray, gradient: np.ndarray, scale: float
    ) -> None:
        """Adagrad over the features of this step alone: tens of thousands of others stay untouched."""
        squares = self._squares[columns] + gradient * gradient
        self._squares[columns] = squares
        rate = np.float32(self._settings.rate * scale)
        self.first[columns] = weights - rate * gradient / (np.sqrt(squares) + _TINY)

    def _blame(self, hidden: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return how far each score is from what it should be, a text's share of the step."""
        said = softmax(hidden @ self.second + self.offset)
        smoothing, (texts, intents) = self._settings.smoothing, said.shape
        said -= np.float32(smoothing / intents)
        said[np.arange(texts), self._wanted[places]] -= np.float32(1 - smoothing)
        return (said / np.float32(texts)).astype(np.float32)

    def _some_features(self, rows: scipy.sparse.csr_matrix) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
        """Return the rows without the features left out, over their own columns, and which these are."""
        values = rows.data * self._kept(rows.data.shape, self._settings.input_dropout)
        columns, places = np.unique(rows.indices, return_inverse=True)
        shape = (rows.shape[0], len(columns))
        return scipy.sparse.csr_matrix((values, places, rows.indptr), shape=shape), columns

    def _kept(self, shape: tuple[int, ...], dropout: float) -> np.ndarray:
        """Return 0 for what is left out, and for the rest what keeps the sum."""
        chosen = self._random.random(shape, dtype=np.float32) >= dropout
        return chosen * np.float32(1 / (1 - dropout))
