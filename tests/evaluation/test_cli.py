import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation import evaluate
from evaluation.cli import app
from evaluation.nlu import Nlu, NluUnavailable
from evaluation.runner import MAIN_KEYS
from evaluation.system import System
from tests.evaluation.fakes import FakeAssistant, catalogue, ranking
from tests.evaluation.test_runner import QUESTIONS, TURNS


class NoSearch:
    def search(self, text: str, limit: int = 10) -> object:
        return ranking()


@pytest.fixture
def fake_system(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def fake(option: str, dense: bool, progress: object) -> Iterator[System]:
        if option == "start":
            raise NluUnavailable("run `make setup`")
        parts = Nlu(None, "off, as asked")
        yield System(catalogue(), NoSearch(), False, "lexical only", FakeAssistant(TURNS), str, parts)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluate, "system", fake)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    questions, dialogues = tmp_path / "q.jsonl", tmp_path / "d.jsonl"
    questions.write_text("\n".join(json.dumps(q) for q in QUESTIONS), encoding="utf-8")
    turns = [{"user": "nuôi chim", "expect": {"code": "1.000001"}}]
    dialogues.write_text(json.dumps({"id": "D1", "turns": turns}), encoding="utf-8")
    return questions, dialogues


@pytest.mark.usefixtures("fake_system")
def test_eval_prints_one_flat_object_and_writes_a_report(files: tuple[Path, Path], tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    inputs = ["--questions", str(files[0]), "--dialogues", str(files[1])]
    result = CliRunner().invoke(app, ["eval", *inputs, "--json", "--report", str(reports)])
    assert result.exit_code == 0, result.output
    flat = json.loads(result.stdout)
    assert set(MAIN_KEYS) <= set(flat)
    assert flat["dialogue.turns"] == 1
    assert {"n.find", "bm25_raw.find.r1", "find.r1.low", "latency.p95_ms", "search.p95_ms"} <= set(flat)
    assert all(isinstance(value, int | float) for value in flat.values())
    (machine,) = reports.glob("*.json")
    assert "q.jsonl" in machine.read_text(encoding="utf-8")
    assert str(tmp_path) not in machine.read_text(encoding="utf-8")


@pytest.mark.usefixtures("fake_system")
def test_eval_shows_a_table(files: tuple[Path, Path]) -> None:
    result = CliRunner().invoke(app, ["eval", "--questions", str(files[0])], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert all(key in result.stdout for key in ("find_folded.shown_or_offered", "ours", "bm25_folded"))


@pytest.mark.usefixtures("fake_system")
def test_eval_shows_the_targets_and_where_the_report_is(files: tuple[Path, Path], tmp_path: Path) -> None:
    arguments = ["eval", "--questions", str(files[0]), "--report", str(tmp_path / "reports")]
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    lines = {line.split("│")[1].strip(): line for line in result.stdout.splitlines() if line.count("│") == 6}
    assert "not met" in lines["find.r1"] and "aim met" in lines["ambiguous.ask_back"]
    (human,) = (tmp_path / "reports").glob("*.md")
    assert f"written: {human}" in result.stderr


@pytest.mark.usefixtures("fake_system")
def test_the_next_run_is_compared_with_the_last(files: tuple[Path, Path], tmp_path: Path) -> None:
    arguments = ["eval", "--questions", str(files[0]), "--report", str(tmp_path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    (first,) = tmp_path.glob("*.json")
    first.rename(tmp_path / "2026-11-01-abc1234.json")
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})
    assert "change since 2026-11-01-abc1234" in result.stdout
    second = next(file for file in tmp_path.glob("*.md") if file.stem != first.stem or file.exists())
    assert "| find.r1 | 0.333 | 0.333 | +0.000 [+0.000, +0.000] | 0 / 0 |  |" in second.read_text(
        encoding="utf-8"
    )


@pytest.mark.usefixtures("fake_system")
def test_what_cannot_be_measured_is_one_plain_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["eval", "--questions", str(broken)])
    assert result.exit_code == 1
    assert "broken.jsonl:1" in result.stderr
    result = CliRunner().invoke(app, ["eval", "--questions", str(files[0]), "--nlu", "start"])
    assert result.exit_code == 1
    assert "make setup" in result.stderr
