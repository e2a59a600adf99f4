"""Fits the gate and its thresholds, and prints what they keep: `python -m evaluation.calibration.gate`.

Fitted on `gate_fit.jsonl`, on the small talk of `bot/search/data/chitchat.yaml` and on the half of the
portal's questions that training may use; thresholds are set, and everything is reported, on the
validation questions. `--write` writes `bot/search/gate.yaml`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.search.encoder import BuiltInEncoder
from bot.search.extra import held_out, read_questions
from bot.search.gate import GATE, Gate, Signals, exemplars
from bot.search.model_files import MODEL
from bot.search.searcher import Searcher
from bot.search.types import Verdict
from evaluation.calibration.measure import VIEWS
from evaluation.calibration.questions import Case, cases, shared_data
from procedures_kb import catalogue, lay_names

FIT = Path(__file__).with_name("gate_fit.jsonl")
KEEP = 0.97  # of questions in scope, all views together
PRECISION = 0.9  # of direct answers, for each kind of question
SHORT_WEIGHT = 4  # our short questions in scope count that often beside the portal's long ones
RIDGE = 0.5
REAL = ("lay", "rare", "portal")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """One question as the searcher saw it; `right` says that its first family is one of the answers."""

    signals: Signals
    margin: float
    exact: bool
    right: bool
    kind: str


def fit_questions() -> tuple[list[str], list[str]]:
    """Return the questions to fit on: in scope, out of scope."""
    rows = [json.loads(line) for line in FIT.read_text(encoding="utf-8").splitlines()]
    inside = [row["question"] for row in rows if row["kind"] == "in"] * SHORT_WEIGHT
    inside += [q.text for q in read_questions(shared_data()) if not held_out(q.text)]
    return inside, [row["question"] for row in rows if row["kind"] == "out"]


def see(searcher: Searcher, text: str, case: Case | None = None) -> Seen:
    """Return what the searcher makes of `text`."""
    scores = searcher.scores(text)
    order = np.argsort(-scores.fused)[:2]
    family = searcher.corpus.families[order[0]].family
    margin = float(scores.fused[order[0]] - scores.fused[order[1]])
    right = case is not None and family in case.families
    return Seen(scores.signals, margin, len(scores.exact) == 1, right, case.kind if case else "")


def small_talk(searcher: Searcher) -> Iterable[Signals]:
    """Yield the signals of each sentence of small talk, compared with the others only."""
    vectors = searcher.chitchat.vectors
    likeness = None if vectors is None else vectors @ vectors.T
    for at, text in enumerate(exemplars()):
        signals = replace(searcher.scores(text).signals, chat_lexical=0.2)
        if likeness is not None:
            signals = replace(signals, chat=float(np.delete(likeness[at], at).max()))
        yield signals


def logistic(inside: Sequence[Signals], outside: Sequence[Signals]) -> dict[str, float]:
    """Return the coefficients of a ridge logistic regression with balanced classes, by Newton's method."""
    rows = [signals.values() for signals in (*inside, *outside)]
    names = list(rows[0])
    x = np.array([[1.0, *(row[name] for name in names)] for row in rows])
    y = np.array([1.0] * len(inside) + [0.0] * len(outside))
    weight = np.where(y == 1.0, 0.5 / len(inside), 0.5 / len(outside)) * len(rows)
    ridge = np.diag([0.0] + [RIDGE] * len(names))
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (weight * (y - p)) - ridge @ beta
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + ridge
        beta += np.linalg.solve(hessian, gradient)
    return {"bias": round(float(beta[0]), 4)} | {
        name: round(float(b), 4) for name, b in zip(names, beta[1:], strict=True)
    }


def auroc(inside: Floats, outside: Floats) -> float:
    """Return how often a question in scope scores above one out of scope."""
    return float((inside[:, None] > outside[None, :]).mean())


def decline_limit(inside: Floats) -> float:
    """Return the limit that keeps KEEP of the questions in scope."""
    return round(float(np.quantile(inside, 1 - KEEP)), 3)


def answer_limits(seen: Sequence[Seen], dense: bool) -> dict[str, float]:
    """Return the two rules that answer most questions directly, each kind at PRECISION at least."""
    likeness, margin = _best_rule(seen, [], dense)
    told = [s for s in seen if s.margin >= margin and _likeness(s, dense) >= likeness]
    close_likeness, close_margin = _best_rule(seen, told, dense, likeness, margin)
    return {
        "cosine": likeness,
        "margin": margin,
        "close_cosine": close_likeness,
        "close_margin": close_margin,
    }


def _best_rule(
    seen: Sequence[Seen], told: Sequence[Seen], dense: bool, above: float = 0.4, below: float = 3.0
) -> tuple[float, float]:
    """Return the likeness from `above` and the margin up to `below` that add most to those `told` already."""
    best, rule = len(told), (1.0, below)
    kept = {id(s) for s in told}
    for likeness in np.arange(above, 0.99, 0.05):
        for margin in np.arange(0.2, below + 0.01, 0.1):
            more = [s for s in seen if s.margin >= margin and _likeness(s, dense) >= likeness]
            together = [*told, *(s for s in more if id(s) not in kept)]
            if len(together) > best and _worst(together) >= PRECISION:
                best, rule = len(together), (round(float(likeness), 2), round(float(margin), 2))
    return rule


def _worst(told: Sequence[Seen]) -> float:
    """Return the lowest precision over the kinds of question."""
    groups = [[s.right for s in told if s.kind == kind] for kind in REAL]
    return min(sum(group) / len(group) if group else 1.0 for group in groups)


def _likeness(seen: Seen, dense: bool) -> float:
    return float(seen.signals.dense or 0.0) if dense else seen.signals.lexical


def calibrate(searcher: Searcher, questions: Sequence[Case]) -> dict[str, object]:
    """Return coefficients, thresholds and the measurement for one searcher."""
    inside, outside = fit_questions()
    coefficients = logistic(
        [see(searcher, view(text)).signals for text in inside for view in VIEWS.values()],
        [see(searcher, view(text)).signals for text in outside for view in VIEWS.values()]
        + list(small_talk(searcher)),
    )
    gate = replace(searcher.gate, full=coefficients, lexical=coefficients)
    real = [case for case in questions if case.families]
    seen = [see(searcher, view(case.text), case) for case in real for view in VIEWS.values()]
    scope = np.array([gate.in_scope(s.signals) for s in seen])
    decline = decline_limit(scope)
    rules = answer_limits([s for s in seen if s.signals.content > 2], searcher.dense is not None)
    thresholds = {"decline": decline, "answer": 0.5, **rules, "short": 2}
    return {
        "coefficients": coefficients,
        "thresholds": thresholds,
        "measured": report(searcher, gate, thresholds, questions),
    }


def report(
    searcher: Searcher, gate: Gate, thresholds: dict[str, float], questions: Sequence[Case]
) -> dict[str, float]:
    """Return what is declined and answered, the AUROC, and the precision of answers, by kind and view."""
    limits = replace(gate.thresholds, **thresholds)  # type: ignore[arg-type]
    gate = replace(gate, thresholds=limits, lexical_thresholds=limits)
    out: dict[str, float] = {}
    for name, view in VIEWS.items():
        seen = {
            kind: [see(searcher, view(c.text), c) for c in questions if c.kind == kind]
            for kind in ("lay", "rare", "portal", "absent", "out")
        }
        scope = {kind: np.array([gate.in_scope(s.signals) for s in group]) for kind, group in seen.items()}
        out[f"auroc {name}"] = round(auroc(np.concatenate([scope[k] for k in REAL]), scope["out"]), 3)
        for kind, group in seen.items():
            verdicts = [gate.verdict(s.signals, gate.in_scope(s.signals), s.margin, s.exact) for s in group]
            told = [s.right for s, v in zip(group, verdicts, strict=True) if v is Verdict.ANSWER]
            declined = sum(v is Verdict.DECLINE for v in verdicts)
            out[f"declined {kind} {name}"] = round(declined / max(1, len(group)), 3)
            out[f"answered {kind} {name}"] = round(len(told) / max(1, len(group)), 3)
            if kind in REAL and told:
                out[f"precision {kind} {name}"] = round(sum(told) / len(told), 3)
    return out


def main() -> None:
    """Fit, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    data = catalogue.load()
    lexical = Searcher.lexical_only(data, lay_names.by_family(lay_names.load(), data))
    both = lexical.with_encoder(BuiltInEncoder.load(arguments.model))
    questions = cases(data)
    result = {"full": calibrate(both, questions), "lexical": calibrate(lexical, questions)}
    text = yaml.safe_dump(result, allow_unicode=True, sort_keys=False, width=110)
    sys.stdout.write(text)
    if arguments.write:
        head = "# Made by `python -m evaluation.calibration.gate --write`, with what was measured.\n"
        GATE.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
