from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from evaluation.baselines import build_baselines
from evaluation.comparing import Change, Earlier, last_report
from evaluation.finders import measure
from evaluation.grouping import breakdown
from evaluation.measuring import timed
from evaluation.nlu_scores import CrossValidation, read_scores
from evaluation.page import mark, page
from evaluation.questions import Question
from evaluation.report import Evaluation, Report, Setting, as_json, compose, name_of, write
from evaluation.targets import read_targets
from tests.evaluation.fakes import catalogue
from tests.evaluation.test_nlu_scores import written
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


def evaluation(day: int = 22, commit: str = "abc1234", nlu: CrossValidation | None = None) -> Evaluation:
    questions = [Question.model_validate(question) for question in QUESTIONS]
    measured = outcome()
    return Evaluation(
        measured,
        setting(day, commit),
        {baseline.name: measure(baseline, questions) for baseline in build_baselines(catalogue())},
        breakdown(measured.observations, questions, catalogue()),
        timed("search", [1.0, 2.0]),
        nlu,
        "2 folds over 20 sentences",
    )


def report(day: int = 22, commit: str = "abc1234", previous: tuple[str, Earlier] | None = None) -> Report:
    return compose(evaluation(day, commit), read_targets(), previous)


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


def test_page_shows_baselines_groups_and_misses() -> None:
    text = page(report())
    assert "|  | ours | bm25_raw | bm25_folded |" in text
    assert "### By ministry" in text and "| 4–8 syllables |" not in text
    assert "- inscope.refused: F3" in text
    assert "- absent.not_asserted: X1" in text


def test_page_holds_each_target_with_its_verdict() -> None:
    lines = page(report()).partition("## Finding")[0].splitlines()
    of = {line.split(" | ")[0].removeprefix("| "): line.split(" | ")[-1].removesuffix(" |") for line in lines}
    assert of["find.r1"] == "not met ?"
    assert of["ambiguous.ask_back"] == "aim met ?"
    assert of["intent.macro_f1"] == "not measured"
    assert of["search.p95_ms"] == "aim met"


def test_pages_of_the_same_run_are_the_same() -> None:
    runs = [evaluation(), evaluation()]
    runs = [replace(run, outcome=replace(run.outcome, took_ms=(1.0,))) for run in runs]
    first, second = (compose(run, read_targets(), None) for run in runs)
    assert page(first) == page(second)
    assert as_json(first) == as_json(second)


def test_intents_that_were_not_measured_are_said_to_be_so() -> None:
    run = replace(evaluation(), nlu_note="not measured: run `troly nlu test`")
    text = page(compose(run, read_targets(), None))
    assert "## Intents, by cross-validation\n\nnot measured: run `troly nlu test`.\n" in text


def test_intents_come_with_their_confusions(tmp_path: Path) -> None:
    crossed = read_scores(written(tmp_path))
    assert crossed is not None
    run = evaluation(nlu=crossed)
    run = replace(run, further={**run.further, **crossed.figures()})
    text = page(compose(run, read_targets(), None))
    assert "2 folds over 20 sentences." in text
    assert "| with accents | 0.850 [0.70–1.00] | 0.873" in text
    assert "| fee | time | 2 | 20.0% |" in text
    assert text.index("| time | 10 |") < text.index("| fee | 10 |")  # the worst first


def test_outcomes_stand_by_id_on_one_line(tmp_path: Path) -> None:
    machine, _ = write(report(), tmp_path)
    text = machine.read_text(encoding="utf-8")
    assert '"find.r1": {"F1": 1, "F2": 0, "F3": 0}' in text
    assert max(map(len, text.splitlines())) < 1000


def test_compares_with_the_report_before(tmp_path: Path) -> None:
    before = report(21)
    better = before.figures["find.r1"].model_copy(update={"value": 0.5})
    before = before.model_copy(update={"figures": {**before.figures, "find.r1": better}})
    write(before, tmp_path)
    found = last_report(tmp_path, name_of(setting()), setting().files, tmp_path)
    after = report(previous=found)
    assert after.previous == "2026-11-21-abc1234"
    assert after.changes["find.r1"].change == pytest.approx(-1 / 6, abs=1e-3)
    assert after.changes["find.r1"].paired == 3
    assert "| find.r1 | 0.500 | 0.333 | -0.167" in page(after)
    assert "compared question by question" in page(after)


def test_page_says_what_two_runs_do_not_have_in_common() -> None:
    before = report(21)
    others = {"nlu_answered": 1.0, "judges": "other", "search": "none", "files": {"q.jsonl": "0"}}
    setting = before.setting.model_copy(update=others)
    after = report(previous=("x", before.model_copy(update={"setting": setting})))
    (line,) = (line for line in page(after).splitlines() if line.startswith("- Compared with"))
    assert line == (
        "- Compared with: x; it measured other questions; the code that judges has changed since; "
        "its search had other parts; NLU took part in one of the two only"
    )
    assert "as independent samples" in page(after)


def test_a_change_beyond_chance_is_marked() -> None:
    now = report()
    changes = {
        "find.r1": Change(before=0.1, change=0.2, low=0.1, high=0.3, paired=3),
        "direct.wrong": Change(before=0.1, change=0.2, low=0.1, high=0.3, paired=3),
        "oos.refused": Change(before=0.1, change=-0.2, low=-0.3, high=0.1, paired=3),
    }
    marked = now.model_copy(update={"changes": changes, "previous": "x"})
    assert [mark(marked, key) for key in (*changes, "find.r3")] == ["▲", "▼", "", ""]
    assert "| find.r1 | 0.100 | 0.333 | +0.200 [+0.100, +0.300] | 0 / 0 | ▲ |" in page(marked)
