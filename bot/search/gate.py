"""The gate: is the question about public services at all, and may the first family be asserted?

Two logistic models, each over a handful of signals. Their coefficients, the limits and the measurement that
set them are data (`gate.yaml`), made by `python -m evaluation.calibration.gate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.search.analysis import Analysed, analyse_record, lexical_terms
from bot.search.bm25 import Bm25
from bot.search.encoder import Encoder, Floats
from bot.search.evidence import Evidence
from bot.search.types import Verdict
from procedures_kb.yaml_files import read_model

GATE = Path(__file__).parent / "gate.yaml"
CHITCHAT = Path(__file__).parent / "data" / "chitchat.yaml"
_EXPLAINED = ("margin", "unexplained", "rarest", "unsaid")


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

    def values(self, evidence: Evidence) -> dict[str, float]:
        """Return the inputs of the logistic model, by name, with what the first family explains.

        With `evidence` two authors' questions (`evaluation/calibration/authors.jsonl`) were told from theirs
        out of scope with an AUROC of .960, without it of .908 (2026-11-22).
        """
        known = evidence.values()
        out = {
            "lexical": self.lexical,
            "chat_lexical": self.chat_lexical,
            **{name: known[name] for name in _EXPLAINED},
            "long": math.log1p(evidence.content),
        }
        if self.dense is not None and self.chat is not None and evidence.gap_dense is not None:
            out |= {"dense": self.dense, "chat": self.chat, "gap_dense": evidence.gap_dense}
        return out


class Limits(BaseModel):
    """Where verdicts change: `decline` of in_scope, `answer` of sure, `short` content syllables, and `known`.

    The last is how much of a perfect match keeps a short question from being declined.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    decline: float
    answer: float
    short: int = 2  # so few content syllables always ask back
    known: float = 0.5


class Models(BaseModel):
    """Two logistic models by the names of their inputs, with their limits and what was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    in_scope: Mapping[str, float]
    sure: Mapping[str, float]
    limits: Limits
    measured: Mapping[str, float] = {}


class Gate(BaseModel):
    """The models for both halves of search, and for the lexical one alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    full: Models
    lexical: Models

    def in_scope(self, signals: Signals, evidence: Evidence) -> float:
        """Return the probability that the question is about public services."""
        return probability(self._models(signals.dense).in_scope, signals.values(evidence))

    def sure(self, evidence: Evidence) -> float:
        """Return the probability that the first family is what the question asks for."""
        return probability(self._models(evidence.dense).sure, evidence.values())

    def verdict(self, signals: Signals, in_scope: float, sure: float, certain: bool) -> Verdict:
        """Return what the scores allow; `certain`: a code or title of just one family was typed."""
        limits = self._models(signals.dense).limits
        if certain:
            return Verdict.ANSWER
        short = signals.content <= limits.short
        known = (
            short and signals.lexical >= limits.known
        )  # a word or two of ours sound like small talk ("xe cũ")
        if not signals.content or (in_scope < limits.decline and not known):
            return Verdict.DECLINE
        if short:
            return Verdict.ASK
        return Verdict.ANSWER if sure >= limits.answer else Verdict.ASK

    def _models(self, dense: float | None) -> Models:
        return self.lexical if dense is None else self.full


def probability(weights: Mapping[str, float], values: Mapping[str, float]) -> float:
    """Return what the logistic model of `weights` (with "bias") makes of `values`."""
    total = weights["bias"] + sum(weights[name] * value for name, value in values.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


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
    """Read the models. Raises ValueError, naming the key, for a file that is not of their form."""
    return read_model(file, Gate, ValueError)
