"""R@1/R@3/R@10 of each half and of their fusion: `python -m evaluation.calibration.measure`.

With `--fusion` it walks over the weights of `bot/search/ranking.yaml` too. `--half tune` keeps the questions
that weights may be set on, `--half report` the others (by a hash); the portal's are all of the second kind.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.search.analysis import analyse_question
from bot.search.encoder import BuiltInEncoder
from bot.search.extra import held_out
from bot.search.fusion import prior
from bot.search.model_files import MODEL
from bot.search.searcher import Searcher
from evaluation.calibration.questions import Case, cases, citizen_cases, typos
from procedures_kb import catalogue, lay_names
from vietnamese import fold

Rank = Callable[[str], Sequence[str]]
DEPTHS = (1, 3, 10)
KINDS = ("citizen", "lay", "rare", "portal")
HALVES = ("all", "tune", "report")
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
    parser.add_argument("--fusion", action="store_true", help="walk over the weights of ranking")
    parser.add_argument("--half", choices=HALVES, default="all")
    arguments = parser.parse_args()
    data = catalogue.load()
    lexical = Searcher.lexical_only(data, lay_names.by_family(lay_names.load(), data))
    both = lexical.with_encoder(BuiltInEncoder.load(arguments.model))
    questions = [case for case in (*citizen_cases(data), *cases(data)) if _in_half(case, arguments.half)]
    out = sys.stdout.write
    out("| ranking | " + " | ".join(f"{kind}, {view}" for kind in KINDS for view in VIEWS) + " |\n")
    out("|---" * (1 + len(KINDS) * len(VIEWS)) + "|\n")
    out(line("rank_bm25, raw tokens", raw_bm25(data), questions) + "\n")
    found = both.dense
    assert found is not None  # noqa: S101 - an encoder was given above
    out(
        line(
            "folded BM25", lambda t: top(lexical, lexical.lexical.search(analyse_question(t)).raw), questions
        )
        + "\n"
    )
    out(line("dense, centres", lambda t: top(both, found.broad(found.query([t]))), questions) + "\n")
    out(
        line("searcher, lexical only", lambda t: [h.family for h in lexical.search(t).hits], questions) + "\n"
    )
    out(line("searcher", lambda t: [h.family for h in both.search(t).hits], questions) + "\n")
    if arguments.fusion:
        for row in walk(both, questions):
            out(row + "\n")
    out(latency(both, questions) + "\n")


def _in_half(case: Case, half: str) -> bool:
    return half == "all" or held_out(case.text) == (half == "report")


CHANGES: tuple[tuple[str, dict[str, float]], ...] = (
    ("fusion", {"lexical": 0.05}), ("fusion", {"lexical": 0.25}), ("fusion", {"lexical": 0.35}),
    ("fusion", {"best": 0.0}), ("fusion", {"best": 0.3}), ("fusion", {"best": 1.0}),
    ("fusion", {"local": 0.0}), ("fusion", {"local": 0.4}),
    ("fusion", {"citizen": 0.0}), ("fusion", {"citizen": 0.4}),
    ("lexical", {"body": 0.0}), ("lexical", {"body": 0.5}), ("lexical", {"mended": 0.0}),
    ("marks", {"action_cued": 0.0, "action_uncued": 0.0, "special_cued": 0.0, "special_uncued": 0.0}),
    ("marks", {"action_cued": 0.3}), ("marks", {"action_uncued": 0.5}),
    ("marks", {"special_cued": 0.4}), ("marks", {"special_uncued": 0.5}),
)  # fmt: skip


def walk(searcher: Searcher, questions: Sequence[Case]) -> Sequence[str]:
    """Return a row for each change of a weight."""
    return [
        line(f"{part} {change}", _ranked(changed(searcher, part, change)), questions)
        for part, change in CHANGES
    ]


def changed(searcher: Searcher, part: str, change: Mapping[str, float]) -> Searcher:
    """Return `searcher` under other weights."""
    weights = replace(searcher.weights, **{part: replace(getattr(searcher.weights, part), **change)})
    lexical = replace(searcher.lexical, weights=weights.lexical)
    return replace(searcher, weights=weights, lexical=lexical, ahead=prior(searcher.corpus, weights.fusion))


def _ranked(searcher: Searcher) -> Rank:
    return lambda text: top(searcher, searcher.scores(text).fused)


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
