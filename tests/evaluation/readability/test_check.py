"""Our own texts keep the limits, and every exception is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evaluation.readability import cli
from evaluation.readability.check import Report, check
from evaluation.readability.limits import Exempt, Limits, Rule


@pytest.fixture(scope="module")
def report() -> Report:
    return check()


def test_everything_that_citizens_read_keeps_the_limits(report: Report) -> None:
    assert [(v.place, v.rule, v.found, v.text) for v in report.violations] == []


def test_no_exception_is_left_over(report: Report) -> None:
    assert report.stale == ()


def test_every_kind_of_text_is_read(report: Report) -> None:
    assert report.units > 700
    assert report.texts > 5_000


@pytest.fixture
def small(tmp_path: Path, limits: Limits) -> tuple[Limits, Path]:
    (tmp_path / "demo.yaml").write_text("a: Nhập passcode.\nb: Xong.\n", "utf-8")
    kinds = {"demo": limits.kinds["server"].model_copy(update={"files": ("*.yaml",)})}
    return limits.model_copy(update={"kinds": kinds}), tmp_path


def excused(small: tuple[Limits, Path], place: str, rule: Rule, found: str | None = None) -> Report:
    limits, root = small
    exempt = Exempt(place=place, rule=rule, reason="the test wants it so", found=found)
    return check(None, limits.model_copy(update={"exceptions": (exempt,)}), root)


def test_an_exception_covers_its_place_and_rule(small: tuple[Limits, Path]) -> None:
    covered = excused(small, "demo/demo a", Rule.UNEXPLAINED_TERM, "passcode")
    assert (covered.clean, covered.excused) == (True, 1)


@pytest.mark.parametrize(
    ("place", "rule", "found"),
    [
        ("demo/demo b", Rule.UNEXPLAINED_TERM, None),
        ("demo/demo a", Rule.TOO_LONG, None),
        ("demo/demo a", Rule.UNEXPLAINED_TERM, "OTP"),
        ("demo/gone a", Rule.UNEXPLAINED_TERM, None),
    ],
)
def test_an_exception_that_covers_nothing_is_an_error(
    small: tuple[Limits, Path], place: str, rule: Rule, found: str | None
) -> None:
    left = excused(small, place, rule, found)
    assert (len(left.violations), len(left.stale), left.clean) == (1, 1, False)


def test_the_command_prints_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke(cli.app, ["lint", "server", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["clean"]) == (0, True)
    unknown = CliRunner().invoke(cli.app, ["lint", str(tmp_path)])
    assert unknown.exit_code == 1
    assert "guides" in unknown.output
