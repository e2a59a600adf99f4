"""The gate: is the question about public services at all, and may the first family be asserted?

A logistic model over a handful of signals. Its coefficients, the thresholds and the measurement that set
them are data (`gate.yaml`), made by `python -m evaluation.calibration.gate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from bot.search.analysis import Analysed, analyse_record, lexical_terms
from bot.search.bm25 import Bm25
from bot.search.encoder import Encoder, Floats
from bot.search.types import Verdict
from procedures_kb.yaml_files import read_model

GATE = Path(__file__).parent / "gate.yaml"
CHITCHAT = Path(__file__).parent / "data" / "chitchat.yaml"


@dataclass(frozen=True, slots=True)
class Signals:
    """What the gate looks at.

    `dense` is the best cosine (None while the model loads), `lexical` BM25 against its ideal, `chat` the
    likeness to small talk by cosine (None without a model) and `chat_lexical` by BM25, `content` and
    `syllables` how many were typed that carry content, and in all.
    """

    lexical: float
    chat_lexical: float
    content: int
    syllables: int
    dense: float | None = None
    chat: float | None = None

    def values(self) -> dict[str, float]:
        """Return the inputs of the logistic model, by name.

        Two that were tried stay out: the length of a question tells the portal's questions from small talk,
        but not "sổ đỏ"; and the part of its idf that our titles know got no weight beside the others.
        """
        out = {
            "lexical": self.lexical,
            "chat_lexical": self.chat_lexical,
        }
        if self.dense is not None and self.chat is not None:
            out |= {"dense": self.dense, "chat": self.chat}
        return out


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where verdicts change: `decline` and `answer` of in_scope, likeness and margin of the first family.

    A family is asserted that stands `margin` above the second at likeness `cosine`, or `close_margin` above
    it at the higher likeness `close_cosine`. The likeness is the best cosine, or lexical without a model.
    """

    decline: float
    answer: float
    cosine: float
    margin: float
    close_cosine: float
    close_margin: float
    short: int = 2  # so few content syllables always ask back

    def sure(self, likeness: float, margin: float) -> bool:
        """Return whether likeness and margin allow a direct answer."""
        far = likeness >= self.cosine and margin >= self.margin
        return far or (likeness >= self.close_cosine and margin >= self.close_margin)


@dataclass(frozen=True)
class Gate:
    """Coefficients for the full set of signals and for the lexical ones alone, each with its thresholds."""

    full: Mapping[str, float] = field(repr=False)
    lexical: Mapping[str, float] = field(repr=False)
    thresholds: Thresholds
    lexical_thresholds: Thresholds

    def in_scope(self, signals: Signals) -> float:
        """Return the probability that the question is about public services."""
        weights = self.lexical if signals.dense is None else self.full
        values = signals.values()
        total = weights["bias"] + sum(weights[name] * value for name, value in values.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def verdict(self, signals: Signals, in_scope: float, margin: float, exact: bool) -> Verdict:
        """Return what the scores allow; `exact`: the code or a name of just one family was typed."""
        limits = self.lexical_thresholds if signals.dense is None else self.thresholds
        if exact:
            return Verdict.ANSWER
        if in_scope < limits.decline or not signals.content:
            return Verdict.DECLINE
        likeness = signals.lexical if signals.dense is None else signals.dense
        sure = in_scope >= limits.answer and limits.sure(likeness, margin)
        if sure and signals.content > limits.short:
            return Verdict.ANSWER
        return Verdict.ASK


@dataclass(frozen=True)
class Chitchat:
    """Sentences that are no question about a public service, ready to compare with."""

    sentences: tuple[str, ...]
    index: Bm25 = field(repr=False)
    vectors: Floats | None = field(default=None, repr=False)

    @classmethod
    def load(cls, file: Path = CHITCHAT) -> Chitchat:
        """Read the exemplars."""
        sentences = exemplars(file)
        return cls(sentences, Bm25.build(lexical_terms(analyse_record(line)) for line in sentences))

    def with_encoder(self, encoder: Encoder) -> Chitchat:
        """Return the same with vectors."""
        return Chitchat(self.sentences, self.index, encoder.encode(self.sentences))

    def lexical(self, question: Analysed) -> float:
        """Return the likeness of the nearest sentence by BM25, in [0, 1]."""
        terms = dict.fromkeys(lexical_terms(question), 1.0)
        ideal = self.index.ideal(terms)
        return min(1.0, float(self.index.scores(terms).max()) / ideal) if ideal else 0.0

    def dense(self, query: Floats) -> float | None:
        """Return the cosine of the nearest sentence to a query of shape (1, dimensions)."""
        return None if self.vectors is None else float((self.vectors @ query[0]).max())


class _Chitchat(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    exemplars: dict[str, tuple[str, ...]]


@lru_cache(maxsize=4)
def exemplars(file: Path = CHITCHAT) -> tuple[str, ...]:
    """Return the sentences of the data file, in its order."""
    groups = read_model(file, _Chitchat, ValueError).exemplars
    return tuple(line for lines in groups.values() for line in lines)


def load_gate(file: Path = GATE) -> Gate:
    """Read the coefficients and thresholds."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Gate(
        full={str(k): float(v) for k, v in data["full"]["coefficients"].items()},
        lexical={str(k): float(v) for k, v in data["lexical"]["coefficients"].items()},
        thresholds=Thresholds(**data["full"]["thresholds"]),
        lexical_thresholds=Thresholds(**data["lexical"]["thresholds"]),
    )
