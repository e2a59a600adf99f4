"""The searcher: families ranked for a question, with what the gate makes of it. Immutable and thread-safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bot.search.analysis import Analysed, analyse_question, content_syllables
from bot.search.bm25 import Floats
from bot.search.corpus import Corpus
from bot.search.dense import DenseIndex
from bot.search.encoder import Encoder
from bot.search.evidence import Evidence, Witness
from bot.search.exact import ExactNames
from bot.search.fusion import RankingWeights, Scale, load_weights, mix, prior, standard
from bot.search.gate import Chitchat, Gate, Signals, load_gate
from bot.search.lexical import LexicalIndex, LexicalScores
from bot.search.marks import FamilyMarks
from bot.search.prepared import prepare
from bot.search.spelling import Spelling
from bot.search.types import Hit, Ranking, Verdict
from procedures_kb.catalogue import Catalogue

_EXACT_LEAD = 1.0  # an exact name stands this many z above everything else


@dataclass(frozen=True)
class Scores:
    """All that one question gave: `fused` and `dense` have shape (families,).

    `certain`: a code or title of one family was typed. `evidence` is of the first family, without the lead
    that an exact name gives it.
    """

    fused: Floats
    lexical: LexicalScores
    dense: Floats | None
    certain: bool
    signals: Signals
    evidence: Evidence


@dataclass(frozen=True)
class Searcher:
    """Ranks families; `dense` is None until an encoder has joined."""

    corpus: Corpus = field(repr=False)
    lexical: LexicalIndex = field(repr=False)
    spelling: Spelling = field(repr=False)
    exact: ExactNames = field(repr=False)
    marks: FamilyMarks = field(repr=False)
    ahead: Floats = field(repr=False)
    chitchat: Chitchat = field(repr=False)
    gate: Gate
    weights: RankingWeights
    cache: Path | None = None
    dense: DenseIndex | None = field(default=None, repr=False)

    @classmethod
    def lexical_only(
        cls, catalogue: Catalogue, lay_names: Mapping[str, tuple[str, ...]], cache: Path | None = None
    ) -> Searcher:
        """Return a searcher that is up at once, without any model.

        `lay_names` maps a family to its lay names; with `cache`, indexes made once are read again from there.
        """
        weights = load_weights()
        made = prepare(catalogue, lay_names, weights.lexical, cache)
        return cls(
            corpus=made.corpus,
            lexical=made.lexical,
            spelling=made.spelling,
            marks=made.marks,
            exact=made.exact,
            ahead=prior(made.corpus, weights.fusion),
            chitchat=Chitchat.load(),
            gate=load_gate(),
            weights=weights,
            cache=cache,
        )

    def with_encoder(self, encoder: Encoder) -> Searcher:
        """Return a searcher with the dense half added; this one goes on unchanged."""
        return replace(
            self,
            dense=DenseIndex.build(self.corpus, encoder, self.cache),
            chitchat=self.chitchat.with_encoder(encoder),
        )

    @cached_property
    def witness(self) -> Witness:
        """What reads the evidence for the first family."""
        return Witness(self.corpus, self.lexical.titles)

    @property
    def parts(self) -> tuple[str, ...]:
        """The halves that take part."""
        return ("lexical",) if self.dense is None else ("lexical", "dense")

    def search(self, text: str, limit: int = 10) -> Ranking:
        """Rank at most `limit` families for `text`, as typed; an empty text gives no hits and DECLINE."""
        scores = self.scores(text)
        in_scope = self.gate.in_scope(scores.signals, scores.evidence)
        if not scores.signals.syllables:
            return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, self.parts)
        order = _best(scores.fused, max(limit, 2))
        margin = float(scores.fused[order[0]] - scores.fused[order[1]]) if len(order) > 1 else float("inf")
        sure = 1.0 if scores.certain else self.gate.sure(scores.evidence)
        return Ranking(
            hits=tuple(self._hit(int(at), scores) for at in order[:limit]),
            verdict=self.gate.verdict(scores.signals, in_scope, sure, scores.certain),
            in_scope=1.0 if scores.certain else in_scope,
            margin=margin,
            content=scores.signals.content,
            parts=self.parts,
            sure=sure,
        )

    def scores(self, text: str) -> Scores:
        """Return the scores of every family and the gate's signals, for ranking and for calibration."""
        question = analyse_question(text)
        mended = self.spelling.mend(question)
        reading = mended or question
        lexical = self.lexical.search(question, mended)
        query = None
        if self.dense is not None:
            readings = [text] if mended is None else [text, " ".join(mended.accented)]
            query = self.dense.query(readings)
        fused, dense = self._fused(reading, lexical.raw, query)
        plain = fused.copy()
        exact = self.exact.find(text, question)
        if exact:
            fused[list(exact)] += float(fused.max()) - fused[list(exact)].min() + _EXACT_LEAD
        return Scores(
            fused=fused,
            lexical=lexical,
            dense=dense,
            certain=self.exact.certain(text, question),
            signals=self._signals(reading, lexical, dense, query),
            evidence=self.witness.of(reading, int(fused.argmax()), plain, lexical.normalised, dense),
        )

    def _fused(
        self, question: Analysed, lexical: Floats, query: Floats | None
    ) -> tuple[Floats, Floats | None]:
        """Return the fused scores and the cosines of all families.

        Only the shortlist is looked at closely: by its marks, and by its best names on the scale of centres.
        """
        weights = self.weights.fusion
        words = standard(lexical)
        if self.dense is None or query is None:
            fused, dense = words + self.ahead, None
            chosen = _some_best(fused, weights.shortlist)
        else:
            dense = self.dense.broad(query)
            scale = Scale.of(dense)
            fused = mix(words, scale.apply(dense), weights) + self.ahead
            chosen = _some_best(fused, weights.shortlist)
            nearer = np.float32(weights.best) * (self.dense.best(query, chosen) - dense[chosen])
            dense[chosen] += nearer
            fused[chosen] += np.float32(weights.share / scale.deviation) * nearer
        fused[chosen] += self.marks.shift(question, chosen, self.weights.marks)
        return fused, dense

    def _signals(
        self, question: Analysed, lexical: LexicalScores, dense: Floats | None, query: Floats | None
    ) -> Signals:
        return Signals(
            lexical=float(lexical.normalised.max()),
            chat_lexical=self.chitchat.lexical(question),
            content=len(content_syllables(question)),
            syllables=len(question.folded),
            dense=None if dense is None else float(dense.max()),
            chat=None if query is None else self.chitchat.dense(query),
        )

    def _hit(self, at: int, scores: Scores) -> Hit:
        text = self.corpus.families[at]
        return Hit(
            family=text.family,
            codes=text.codes,
            score=float(scores.fused[at]),
            lexical=float(scores.lexical.normalised[at]),
            dense=None if scores.dense is None else float(scores.dense[at]),
        )


def _best(scores: Floats, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the indexes of the `count` best scores, best first; ties go to the earlier family."""
    top = _some_best(scores, count)
    return top[np.lexsort((top, -scores[top]))]


def _some_best(scores: Floats, count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the same in no order."""
    count = min(count, len(scores))
    return np.argpartition(-scores, count - 1)[:count]
