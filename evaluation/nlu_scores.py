"""The scores of NLU's cross-validation, read from what `troly nlu test --report …` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.bootstrap import RESAMPLES, SEED, Floats, bounds
from evaluation.measuring import Figure

COMMAND = "troly nlu test --report evaluation/reports/nlu.json"


class IntentScore(BaseModel):
    """Precision, recall and F1 of one intent, with the number of its sentences."""

    model_config = ConfigDict(frozen=True)

    intent: str
    precision: float
    recall: float
    f1: float
    sentences: int


class Scores(BaseModel):
    """One way of typing: scores in [0, 1], and which intent was taken for which: (wanted, got, times)."""

    model_config = ConfigDict(frozen=True)

    accuracy: float
    macro_f1: float
    intents: tuple[IntentScore, ...]
    confusions: tuple[tuple[str, str, int], ...]

    def shortened(self, confusions: int) -> Scores:
        """Return the same with the most frequent `confusions` only; of equally frequent ones, by name."""
        often = sorted(self.confusions, key=lambda one: (-one[2], one[0], one[1]))
        return self.model_copy(update={"confusions": tuple(often[:confusions])})


class CrossValidation(BaseModel):
    """The same held-out sentences as written and with their accents taken away."""

    model_config = ConfigDict(frozen=True)

    folds: int
    sentences: int
    with_accents: Scores
    without_accents: Scores

    def figures(self) -> dict[str, Figure]:
        """Return intent.* and intent_folded.*: accuracy and macro-F1 with their intervals."""
        return _figures("intent", self.with_accents) | _figures("intent_folded", self.without_accents)

    def shortened(self, confusions: int) -> CrossValidation:
        """Return the same with the most frequent `confusions` only."""
        ways = {"with_accents": self.with_accents, "without_accents": self.without_accents}
        return self.model_copy(update={name: scores.shortened(confusions) for name, scores in ways.items()})


class BrokenScores(ValueError):
    """A file that is not the report of a cross-validation; the message says how to make one."""


def read_scores(file: Path) -> CrossValidation | None:
    """Return the cross-validation; None where none has been made.

    Raises BrokenScores where the file holds something else.
    """
    if not file.exists():
        return None
    try:
        return CrossValidation.model_validate_json(file.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BrokenScores(f"{file.name}: {where}: {first['msg']}; make it again: {COMMAND}") from error


def _figures(prefix: str, scores: Scores) -> dict[str, Figure]:
    table = confusion_table(scores)
    count = int(table.sum())
    if not count:
        return {}
    shares = (table / count).ravel()
    drawn = np.random.default_rng(SEED).multinomial(count, shares, RESAMPLES).reshape(-1, *table.shape)
    accuracy, f1 = _scored(drawn.astype(np.float64))
    return {
        f"{prefix}.accuracy": Figure(scores.accuracy, *bounds(accuracy), count),
        f"{prefix}.macro_f1": Figure(scores.macro_f1, *bounds(f1), count),
    }


def confusion_table(scores: Scores) -> Floats:
    """Return how often each wanted intent (row) got each intent (column), both in the order of `intents`.

    An intent that was only ever given and never wanted has no row; what went there stands in one last column.
    """
    place: Mapping[str, int] = {one.intent: at for at, one in enumerate(scores.intents)}
    table = np.zeros((len(place), len(place) + 1))
    for one in scores.intents:
        table[place[one.intent], place[one.intent]] = round(one.recall * one.sentences)
    for wanted, got, times in scores.confusions:
        table[place[wanted], place.get(got, len(place))] += times
    return table


def _scored(tables: Floats) -> tuple[Floats, Floats]:
    """Return accuracy and macro-F1 of each table, shape (tables, intents, intents + 1)."""
    right = np.diagonal(tables, axis1=1, axis2=2)
    wanted, got = tables.sum(axis=2), tables[:, :, :-1].sum(axis=1)
    f1 = 2 * right / np.maximum(wanted + got, 1)
    return right.sum(axis=1) / tables.sum(axis=(1, 2)), f1.mean(axis=1)
