import os
from datetime import date
from pathlib import Path
from time import sleep

import httpx
import pytest

from evaluation.bench import (
    Benchmark,
    Budget,
    read_bench_questions,
    read_budgets,
    time_each,
    write_benchmark,
)
from evaluation.serving import load, tree_mb


def benchmark(**figures: float) -> Benchmark:
    return Benchmark(
        made=date(2026, 11, 22),
        command="troly bench",
        cores=2,
        load_average=0.5,
        runs=1,
        questions=60,
        procedures=4,
        search="lexical only",
        nlu="off",
        figures=figures,
    )


def test_data_files_are_sound() -> None:
    questions = read_bench_questions()
    assert 50 <= len(questions) == len(set(questions))
    assert {budget.key for budget in read_budgets()} >= {"search.p50_ms", "turn.p95_ms", "load.turns_per_s"}


def test_a_budget_has_one_bound() -> None:
    with pytest.raises(ValueError, match="one bound"):
        Budget(key="a", what="a")
    with pytest.raises(ValueError, match="one bound"):
        Budget(key="a", what="a", at_most=1, at_least=1)


def test_times_each_text_after_a_warm_up() -> None:
    asked: list[str] = []
    figures = time_each(asked.append, ["a", "b"], runs=3)
    assert asked == ["a", "b"] * 4
    assert 0 <= figures["p50_ms"] <= figures["p95_ms"] < 50


def test_lines_against_budgets() -> None:
    figures = {"search.p50_ms": 9.0, "search.p95_ms": 4.0, "load.turns_per_s": 31.0, "parse.p50_ms": 12.0}
    lines = benchmark(**figures).against_budgets()
    verdicts = {line.what: line.met for line in lines}
    assert verdicts["search of one question, warm, p50 (ms)"] is False
    assert verdicts["search of one question, warm, p95 (ms)"] is True
    assert verdicts["sustained load over HTTP, 8 clients (turns/s)"] is True
    assert verdicts["memory of the bot (MB)"] is None
    assert lines[-1].what == "parse.p50_ms"


def test_writes_by_date(tmp_path: Path) -> None:
    path = write_benchmark(benchmark(a=1.0), tmp_path / "reports")
    assert path.name == "bench-2026-11-22.json"
    assert Benchmark.model_validate_json(path.read_text(encoding="utf-8")) == benchmark(a=1.0)


def test_load_counts_answers_and_failures() -> None:
    heard: list[str] = []

    def send(sender: str, text: str) -> None:
        heard.append(sender)
        sleep(0.01)
        if text == "bad":
            raise httpx.ReadTimeout("slow")

    figures = load(send, ["good", "bad"], seconds=0.3)
    assert figures["load.turns_per_s"] > 20
    assert figures["load.failed"] > 0
    assert figures["load.p50_ms"] >= 10
    assert {"bench-0-0", "bench-7-0"} <= set(heard)


def test_memory_of_this_process() -> None:
    assert 10 < tree_mb(os.getpid()) < 20_000
    assert tree_mb(2**30) == 0
