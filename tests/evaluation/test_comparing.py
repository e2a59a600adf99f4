import os
import subprocess
from pathlib import Path

import pytest

from evaluation.comparing import Change, Earlier, Origin, committed, compare, last_report
from evaluation.measuring import Measured, Observation, figures, outcomes

FILES = {"q.jsonl": "0123"}


def measured(*values: float, key: str = "find.r1") -> tuple[dict[str, Measured], dict[str, dict[str, float]]]:
    seen = [Observation(key, f"F{at}", value) for at, value in enumerate(values)]
    return {k: Measured.of(figure) for k, figure in figures(seen).items()}, outcomes(seen)


def earlier(*values: float, keeps: bool = True, files: dict[str, str] = FILES) -> Earlier:
    found, kept = measured(*values)
    return Earlier(setting=Origin(files=files), figures=found, outcomes=kept if keeps else {})


def change(before: Earlier, *values: float) -> Change:
    return compare(*measured(*values), FILES, before)["find.r1"]


def test_five_of_ten_better_is_beyond_chance() -> None:
    found = change(earlier(*[0.0] * 10), *[1.0] * 5, *[0.0] * 5)
    assert found == Change(before=0.0, change=0.5, low=0.2, high=0.8, paired=10, up=5, down=0)
    assert found.beyond


def test_two_better_and_one_worse_is_not() -> None:
    found = change(earlier(0, 0, 1, 1, 1, 1, 1, 1, 1, 1), 1, 1, 0, 1, 1, 1, 1, 1, 1, 1)
    assert (found.change, found.paired, found.up, found.down) == (0.1, 10, 2, 1)
    assert found.low < 0 < found.high
    assert not found.beyond


def test_without_outcomes_samples_are_independent() -> None:
    paired = change(earlier(*[0.0] * 4, *[1.0] * 6), *[0.0] * 2, *[1.0] * 8)
    apart = change(earlier(*[0.0] * 4, *[1.0] * 6, keeps=False), *[0.0] * 2, *[1.0] * 8)
    assert apart.paired == 0
    assert apart.low < paired.low <= paired.high < apart.high
    assert not apart.beyond


def test_other_questions_under_the_same_ids_are_not_paired() -> None:
    assert change(earlier(1.0, 0.0, files={"q.jsonl": "4567"}), 1.0, 0.0).paired == 0


def test_new_figures_have_no_change() -> None:
    found, kept = measured(1.0, key="find.r3")
    assert compare(found, kept, FILES, earlier(1.0)) == {}


def store(folder: Path, name: str, files: dict[str, str] = FILES) -> None:
    folder.mkdir(exist_ok=True)
    report = earlier(1.0, files=files)
    (folder / f"{name}.json").write_text(report.model_dump_json(), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    who = {
        f"GIT_{role}_{part}": "t@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    subprocess.run(["git", "-C", str(root), *arguments], check=True, env={**os.environ, **who})


def commit(root: Path) -> None:
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "a report")


def test_last_is_what_was_committed_last(repository: Path) -> None:
    folder = repository / "reports"
    store(folder, "2026-11-22-fff0000")
    commit(repository)
    store(folder, "2026-11-22-aaa0000")
    commit(repository)
    store(folder, "2026-11-22-zzz0000")  # never committed
    names = [file.stem for file in committed(folder, repository)]
    assert names == ["2026-11-22-fff0000", "2026-11-22-aaa0000"]
    found = last_report(folder, "2026-11-23-bbb0000", FILES, repository)
    assert found is not None and found[0] == "2026-11-22-aaa0000"
    own = last_report(folder, "2026-11-22-aaa0000", FILES, repository)
    assert own is not None and own[0] == "2026-11-22-fff0000"


def test_a_folder_is_found_from_wherever_one_stands(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(repository / "reports", "2026-11-22-abc1234")
    commit(repository)
    monkeypatch.chdir(repository / "reports")
    assert len(committed(Path(), repository)) == 1
    assert committed(Path(), repository / "reports")[0].stem == "2026-11-22-abc1234"


def test_committed_together_the_name_decides(repository: Path) -> None:
    folder = repository / "reports"
    for day in (21, 20, 22):
        store(folder, f"2026-11-{day}-abc1234")
    commit(repository)
    assert [file.stem[8:10] for file in committed(folder, repository)] == ["20", "21", "22"]


def test_reports_of_other_files_are_passed_over(tmp_path: Path) -> None:
    store(tmp_path, "2026-11-20-abc1234")
    store(tmp_path, "2026-11-21-abc1234", {"other.jsonl": "0123"})
    found = last_report(tmp_path, "none", FILES, tmp_path)
    assert found is not None and found[0] == "2026-11-20-abc1234"


def test_what_is_no_report_is_passed_over(tmp_path: Path) -> None:
    store(tmp_path, "2026-11-20-abc1234")
    for name in ("2026-11-21-old", "bench-2026-11-22", "nlu"):
        (tmp_path / f"{name}.json").write_text("{}", encoding="utf-8")
    found = last_report(tmp_path, "none", FILES, tmp_path)
    assert found is not None and found[0] == "2026-11-20-abc1234"
    assert last_report(tmp_path, "2026-11-20-abc1234", FILES, tmp_path) is None


def test_the_committed_reports_can_be_compared_with() -> None:
    root = Path(__file__).parents[2]
    for file in (root / "evaluation" / "reports").glob("20*.json"):
        assert Earlier.model_validate_json(file.read_text(encoding="utf-8")).figures["find.r1"].n > 0
