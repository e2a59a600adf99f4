from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from bot.search import cli
from procedures_kb.catalogue import Catalogue


@pytest.fixture
def runner(
    catalogue: Catalogue, lay_names: Mapping[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    monkeypatch.setattr(cli, "_read", lambda _: (catalogue, lay_names))
    return CliRunner()


@pytest.mark.parametrize("arguments", [["lam ho chieu"], ["find", "làm hộ chiếu"]])
def test_bare_question_prints_a_ranking(runner: CliRunner, arguments: list[str]) -> None:
    result = runner.invoke(cli.app, [*arguments, "--lexical"])
    assert result.exit_code == 0
    assert "1.001456" in result.output
    assert "parts=lexical" in result.output


PASSPORT = "cấp hộ chiếu phổ thông ở trong nước"


def test_json_first_or_last(runner: CliRunner) -> None:
    for arguments in (["--json", PASSPORT], [PASSPORT, "--json", "--limit", "2"]):
        data = json.loads(runner.invoke(cli.app, arguments).stdout)
        assert data["verdict"] == "answer"
        assert data["hits"][0]["name"] == "Cấp hộ chiếu phổ thông ở trong nước"
        assert data["parts"] == ["lexical", "dense"]


def test_help_names_both_forms(runner: CliRunner) -> None:
    output = runner.invoke(cli.app, ["--help"]).output
    assert "train" in output
    assert "troly search" in output


def test_train_is_a_command_and_says_what_is_missing(runner: CliRunner, tmp_path: object) -> None:
    result = runner.invoke(cli.app, ["train", "--from", f"{tmp_path}/nowhere"])
    assert result.exit_code == 1
    assert "has neither" in result.output
