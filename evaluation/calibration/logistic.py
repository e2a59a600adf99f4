"""Ridge logistic regression by Newton's method, on inputs with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

RIDGE = 1.0  # on standardised inputs
_ROUNDS = 60
_CLIP = 30.0


def fit(
    rows: Sequence[Mapping[str, float]], truths: Sequence[bool], weights: Sequence[float] | None = None
) -> dict[str, float]:
    """Return the coefficients, "bias" among them, that tell true `rows` from false ones.

    `weights` count rows more or less, 1 each without them. Inputs are standardised for the penalty; the
    coefficients returned belong to the inputs as given.
    """
    names = list(rows[0])
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.asarray(truths, dtype=float)
    weight = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    z = np.hstack([np.ones((len(y), 1)), (x - mean) / scale])
    ridge = np.diag([0.0] + [RIDGE] * len(names))
    beta = np.zeros(z.shape[1])
    for _ in range(_ROUNDS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -_CLIP, _CLIP)))
        gradient = z.T @ (weight * (y - p)) - ridge @ beta
        hessian = (z * (weight * p * (1 - p))[:, None]).T @ z + ridge
        beta += np.linalg.solve(hessian, gradient)
    slopes = beta[1:] / scale
    bias = beta[0] - float(slopes @ mean)
    return {"bias": round(float(bias), 4)} | {
        name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)
    }


def balanced(truths: Sequence[bool]) -> list[float]:
    """Return weights that make both sides count the same, 1 on average."""
    true = sum(truths)
    false = len(truths) - true
    return [len(truths) / 2 / (true if truth else false) for truth in truths]
