import json
import subprocess
from datetime import date
from pathlib import Path

import pytest

from evaluation.baselines import build_baselines, measure
from evaluation.page import page
from evaluation.questions import Question
from evaluation.report import Report, Setting, compose, last_report, name_of, write
from tests.evaluation.fakes import catalogue
from tests.evaluation.test_runner import QUESTIONS, outcome


def setting(day: int = 22, commit: str = "abc1234") -> Setting:
    return Setting(
        made=date(2026, 11, day),
        command="troly eval --questions q.jsonl",
        commit=commit,
        procedures=4,
        catalogue="0123456789ab",
        files={"q.jsonl": "ba9876543210"},
        search="lexical only",
        nlu="off",
        nlu_answered=0.0,
    )


def report(day: int = 22, previous: tuple[str, Report] | None = None) -> Report:
    questions = [Question.model_validate(question) for question in QUESTIONS]
    baselines = {b.name: measure(b, questions) for b in build_baselines(catalogue())}
    return compose(outcome(), baselines, setting(day), previous)


def test_writes_both_files_that_read_back(tmp_path: Path) -> None:
    written = report()
    machine, human = write(written, tmp_path / "reports")
    assert machine.name == "2026-11-22-abc1234.json"
    assert Report.model_validate_json(machine.read_text(encoding="utf-8")) == written
    assert "| find.r1 | 0.333" in human.read_text(encoding="utf-8")


def test_holds_ids_but_no_word_of_the_benchmark(tmp_path: Path) -> None:
    for file in write(report(), tmp_path):
        text = file.read_text(encoding="utf-8")
        assert "F2" in text
        assert not any(str(question["text"]) in text for question in QUESTIONS)


def test_page_shows_baselines_and_misses() -> None:
    text = page(report())
    assert "| bm25_raw | bm25_folded | change |" in text
    assert "- inscope.refused: F3" in text
    assert "- absent.not_asserted: X1" in text


def test_compares_with_the_report_before(tmp_path: Path) -> None:
    before = report(21)
    better = before.figures["find.r1"].model_copy(update={"value": 0.5})
    before = before.model_copy(update={"figures": {**before.figures, "find.r1": better}})
    write(before, tmp_path)
    found = last_report(tmp_path, name_of(setting()), tmp_path)
    after = report(22, found)
    assert after.previous == "2026-11-21-abc1234"
    assert after.changes["find.r1"] == pytest.approx(-1 / 6, abs=1e-3)
    assert "-0.167" in page(after)


def test_passes_over_reports_that_it_cannot_read_and_over_its_own(tmp_path: Path) -> None:
    write(report(20), tmp_path)
    (tmp_path / "2026-11-21-old.json").write_text(json.dumps({"form": 0}), encoding="utf-8")
    (tmp_path / "bench-2026-11-22.json").write_text("{}", encoding="utf-8")
    write(report(22), tmp_path)
    found = last_report(tmp_path, name_of(setting(22)), tmp_path)
    assert found is not None
    assert found[0] == "2026-11-20-abc1234"


def test_only_committed_reports_count_where_there_is_git(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    write(report(20), tmp_path)
    assert last_report(tmp_path, "none", tmp_path) is None
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    assert last_report(tmp_path, "none", tmp_path) is not None
