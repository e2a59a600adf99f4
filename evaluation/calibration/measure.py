"""R@1/R@3/R@10 of each half and of their fusion: `python -m evaluation.calibration.measure`.

With `--fusion` it walks over weights too, for `bot/search/ranking.yaml`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.search.analysis import analyse_question
from bot.search.bm25 import Floats
from bot.search.encoder import BuiltInEncoder
from bot.search.fusion import FusionWeights, fuse, prior
from bot.search.model_files import MODEL
from bot.search.searcher import Searcher
from evaluation.calibration.questions import Case, cases, typos
from procedures_kb import catalogue, lay_names
from vietnamese import fold

Rank = Callable[[str], Sequence[str]]
DEPTHS = (1, 3, 10)
KINDS = ("lay", "rare", "portal")
VIEWS: dict[str, Callable[[str], str]] = {"accented": str, "folded": fold, "typos": typos}


def recall(rank: Rank, questions: Sequence[Case], view: Callable[[str], str]) -> str:
    """Return "R@1/R@3/R@10" of `rank` over `questions` as `view` types them."""
    hits = [0] * len(DEPTHS)
    for case in questions:
        found = rank(view(case.text))
        for at, depth in enumerate(DEPTHS):
            hits[at] += any(family in case.families for family in found[:depth])
    return "/".join(f"{hit / max(1, len(questions)):.2f}" for hit in hits)


def line(name: str, rank: Rank, all_cases: Sequence[Case]) -> str:
    """Return one row of the table: every kind of question in every view."""
    cells = []
    for kind in KINDS:
        questions = [case for case in all_cases if case.kind == kind and case.families]
        cells += [recall(rank, questions, view) for view in VIEWS.values()]
    return f"| {name} | " + " | ".join(cells) + " |"


def raw_bm25(data: catalogue.Catalogue) -> Rank:
    """Return what the public peers do: rank_bm25 over the raw tokens of the names."""
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([p.name.lower().split() for p in data])
    families = [p.family for p in data]

    def rank(text: str) -> Sequence[str]:
        order = np.argsort(-index.get_scores(text.lower().split()))[:60]
        return list(dict.fromkeys(families[at] for at in order))[: DEPTHS[-1]]

    return rank


def top(searcher: Searcher, scores: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Sequence[str]:
    """Return the best families of an array of scores."""
    return [searcher.corpus.families[at].family for at in np.argsort(-scores)[: DEPTHS[-1]]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--fusion", action="store_true", help="walk over the weights of fusion")
    arguments = parser.parse_args()
    data = catalogue.load()
    lexical = Searcher.lexical_only(data, lay_names.by_family(lay_names.load(), data))
    both = lexical.with_encoder(BuiltInEncoder.load(arguments.model))
    questions = cases(data)
    out = sys.stdout.write
    out("| ranking | " + " | ".join(f"{kind}, {view}" for kind in KINDS for view in VIEWS) + " |\n")
    out("|---" * 10 + "|\n")
    out(line("rank_bm25, raw tokens", raw_bm25(data), questions) + "\n")
    found = both.dense
    assert found is not None  # noqa: S101 - an encoder was given above
    out(
        line(
            "folded BM25", lambda t: top(lexical, lexical.lexical.search(analyse_question(t)).raw), questions
        )
        + "\n"
    )
    out(line("dense", lambda t: top(both, found.search(t)), questions) + "\n")
    out(
        line("searcher, lexical only", lambda t: [h.family for h in lexical.search(t).hits], questions) + "\n"
    )
    out(line("searcher", lambda t: [h.family for h in both.search(t).hits], questions) + "\n")
    if arguments.fusion:
        for row in walk(both, questions):
            out(row + "\n")
    out(latency(both, questions) + "\n")


def walk(searcher: Searcher, questions: Sequence[Case]) -> Sequence[str]:
    """Return rows for a walk over the lexical weight and the priors."""
    rows = []
    for change in (
        {"lexical": 0.2}, {"lexical": 0.35}, {"lexical": 0.5}, {"lexical": 0.7}, {"lexical": 1.0},
        {"local": 0.1}, {"local": 0.3}, {"local": 0.6}, {"citizen": 0.1}, {"citizen": 0.3}, {"citizen": 0.6},
    ):  # fmt: skip
        weights = replace(searcher.weights.fusion, **change)
        ahead = prior(searcher.corpus, weights)

        rows.append(line(str(change), fused(searcher, weights, ahead), questions))
    return rows


def fused(searcher: Searcher, weights: FusionWeights, ahead: Floats) -> Rank:
    """Return the ranking of `searcher` under other weights, exact names left out."""

    def rank(text: str) -> Sequence[str]:
        scores = searcher.scores(text)
        return top(searcher, fuse(scores.lexical.raw, scores.dense, ahead, weights))

    return rank


def latency(searcher: Searcher, questions: Sequence[Case]) -> str:
    """Return p50 and p95 of one warm search, in milliseconds."""
    times = []
    for case in (*questions, *questions, *questions):
        start = time.perf_counter()
        searcher.search(case.text)
        times.append((time.perf_counter() - start) * 1000)
    cuts = statistics.quantiles(times, n=20)
    return f"search, warm: p50 {statistics.median(times):.2f} ms, p95 {cuts[-1]:.2f} ms over {len(times)}"


if __name__ == "__main__":
    main()
