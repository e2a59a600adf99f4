"""`troly bench`: latencies, load, start and memory of this machine against the budgets of the design."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from bot.dialogue.state import ConversationState
from bot.messages import Message
from evaluation.measuring import percentile
from evaluation.nlu import Nlu
from evaluation.system import System, system

DATA = Path(__file__).parent / "data"
Progress = Callable[[str], None]


class Budget(BaseModel):
    """One line of the budgets: a figure's key, its bound, and what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    what: str
    at_most: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a budget has one bound: at_most or at_least")
        return self

    def met(self, value: float) -> bool:
        """Return whether `value` keeps to the budget."""
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is not None and value >= self.at_least


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `met` is None where there is no budget or no measurement."""

    what: str
    measured: str
    budget: str
    met: bool | None


class Benchmark(BaseModel):
    """What one run measured, with what took part."""

    model_config = ConfigDict(frozen=True)

    made: date
    command: str
    cores: int
    load_average: float  # of the minute before: a busy machine explains slow figures
    runs: int
    questions: int
    procedures: int
    search: str
    nlu: str
    figures: Mapping[str, float]

    def against_budgets(self) -> list[Line]:
        """Return the budgets with what was measured, then every other figure."""
        budgets = read_budgets()
        lines = [self._line(budget) for budget in budgets]
        named = {budget.key for budget in budgets}
        return lines + [
            Line(key, f"{value:.2f}", "", None) for key, value in self.figures.items() if key not in named
        ]

    def _line(self, budget: Budget) -> Line:
        bound = f"≤ {budget.at_most:g}" if budget.at_most is not None else f"≥ {budget.at_least:g}"
        value = self.figures.get(budget.key)
        if value is None:
            return Line(budget.what, "not measured", bound, None)
        return Line(budget.what, f"{value:.2f}", bound, budget.met(value))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: `runs` to take medians over, `seconds` of load, whether to start the real server."""

    nlu: str = "auto"
    runs: int = 5
    seconds: float = 10
    server: bool = True
    dense: bool = True


def read_budgets() -> tuple[Budget, ...]:
    """Return the budgets of the data file."""
    lines = yaml.safe_load((DATA / "budgets.yaml").read_text(encoding="utf-8"))
    return TypeAdapter(tuple[Budget, ...]).validate_python(lines)


def read_bench_questions() -> tuple[str, ...]:
    """Return the questions that the benchmark asks."""
    lines = (DATA / "bench_questions.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def time_each(work: Callable[[str], object], texts: Sequence[str], runs: int) -> dict[str, float]:
    """Return medians over `runs` of p50 and p95 of the milliseconds a text takes, after one warm-up run."""
    for text in texts:
        work(text)
    laps = [[_lap(work, text) for text in texts] for _ in range(runs)]
    return {f"p{cut}_ms": round(median(percentile(lap, cut) for lap in laps), 3) for cut in (50, 95)}


def _lap(work: Callable[[str], object], text: str) -> float:
    start = perf_counter()
    work(text)
    return (perf_counter() - start) * 1000


def bench(plan: Plan, progress: Progress = lambda _: None) -> Benchmark:
    """Measure this working tree; raises as `evaluation.system.system` does."""
    texts = read_bench_questions()
    busy = os.getloadavg()[0]
    with system(plan.nlu, plan.dense, progress) as tested:
        figures = _inside(tested, texts, plan.runs, progress)
        if plan.server:
            figures |= _outside(tested.nlu, texts, plan, progress)
        return Benchmark(
            made=date.today(),
            command=f"troly bench --nlu {'URL' if '://' in plan.nlu else plan.nlu} --runs {plan.runs}",
            cores=os.cpu_count() or 1,
            load_average=round(busy, 2),
            runs=plan.runs,
            questions=len(texts),
            procedures=len(tested.catalogue),
            search=tested.search_note,
            nlu=tested.nlu.note,
            figures=figures,
        )


def _inside(tested: System, texts: Sequence[str], runs: int, progress: Progress) -> dict[str, float]:
    """Measure search, baselines, turns and parsing in this process.

    What lacks a part is named so, and not held against the budget of the whole.
    """
    progress("search")
    figures = _named(
        "search" if tested.dense else "search_lexical", time_each(tested.search.search, texts, runs)
    )
    try:
        from evaluation.baselines import build_baselines
    except ImportError:
        progress("rank_bm25 is not installed: no baseline beside ours")
    else:
        progress("rank_bm25")
        for baseline in build_baselines(tested.catalogue):
            figures |= _named(baseline.name, time_each(baseline.search, texts, runs))
    progress("turns")

    def turn(text: str) -> object:
        return tested.assistant.reply(ConversationState(), Message(tested.mask(text)))

    figures |= _named("turn" if tested.nlu.witness else "turn_without_nlu", time_each(turn, texts, runs))
    if tested.nlu.witness:
        progress("parsing")
        figures |= _named("parse", time_each(tested.nlu.witness.understand, texts, runs))
        figures["parse.answered"] = round(tested.nlu.witness.answered, 4)
    return figures


def _outside(nlu: Nlu, texts: Sequence[str], plan: Plan, progress: Progress) -> dict[str, float]:
    """Measure the real server: its start, its load, the memory of both processes; at last the channels."""
    from evaluation.delivery_bench import measure_delivery
    from evaluation.serving import measure_server, tree_mb

    figures = measure_server(texts, plan.seconds, nlu.url, progress)
    if nlu.start_s is not None:
        figures["start.nlu_s"] = round(nlu.start_s, 1)
    if nlu.pid is not None:
        figures["memory.nlu_mb"] = round(tree_mb(nlu.pid))
    return figures | measure_delivery(progress)


def _named(prefix: str, values: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}.{key}": value for key, value in values.items()}


def write_benchmark(measured: Benchmark, folder: Path) -> Path:
    """Write `measured` as bench-<date>.json into `folder`; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"bench-{measured.made:%Y-%m-%d}.json"
    path.write_text(measured.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path
