import json
from pathlib import Path

import pytest

from evaluation import evaluate
from evaluation.evaluate import NLU_SCORES, Request
from evaluation.system import System
from tests.evaluation.fakes import catalogue
from tests.evaluation.test_nlu_scores import written
from tests.evaluation.test_runner import QUESTIONS


def test_scores_of_other_sentences_are_said_to_be_old(tmp_path: Path) -> None:
    found, note = evaluate.read_crossed(written(tmp_path))
    assert found is not None and found.sentences == 20
    assert note.startswith("5 folds over 20 sentences; there are ") and "older data" in note


def test_scores_that_are_missing_or_broken_do_not_end_the_run(tmp_path: Path) -> None:
    assert evaluate.read_crossed(tmp_path / "nlu.json") == (None, f"not measured: run `{evaluate.COMMAND}`")
    (tmp_path / "nlu.json").write_text("{}", encoding="utf-8")
    found, note = evaluate.read_crossed(tmp_path / "nlu.json")
    assert found is None and note.startswith("not measured: nlu.json: folds")


def test_the_command_holds_no_path_of_this_machine(tmp_path: Path) -> None:
    inside = Path(evaluate.__file__).parent / "calibration" / "citizen_find.jsonl"
    request = Request(inside, tmp_path / "d.jsonl", "http://127.0.0.1:5", dense=False)
    asked = "--questions evaluation/calibration/citizen_find.jsonl --dialogues d.jsonl --nlu URL --lexical"
    assert evaluate.command_of(request) == f"troly eval {asked}"
    assert NLU_SCORES.parent.name == "reports"


def test_without_rank_bm25_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "evaluation.baselines", None)
    said: list[str] = []
    tested = System(catalogue(), None, False, "", None, str, None)  # type: ignore[arg-type]
    questions = [evaluate.Question.model_validate_json(json.dumps(QUESTIONS[0]))]
    assert evaluate.measure_finders(tested, questions, said.append) == {}
    assert "rank_bm25" in said[0]
