"""`troly` itself: quick help, parts imported only when used, settings shown without their secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.settings import Settings

runner = CliRunner()


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(f"TROLY_{field.upper()}", raising=False)


def test_help_names_every_part() -> None:
    result = runner.invoke(cli.app, ["--help"])
    assert result.exit_code == 0
    for name in cli.PARTS:
        assert name in result.output


def test_help_imports_none_of_the_parts() -> None:
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom bot import cli\n"
        "CliRunner().invoke(cli.app, ['--help'])\n"
        "loaded = {m.split('.')[0] for m in sys.modules} | set(sys.modules)\n"
        "print(sorted(loaded & {'fastapi', 'sqlalchemy', 'numpy', 'torch', 'bot.search', 'procedures_kb'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_part_is_there() -> None:
    for name in cli.PARTS:
        result = runner.invoke(cli.app, [name, "--help"])
        assert result.exit_code == 0, f"{name}: {result.output}"


def test_a_part_whose_library_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.PARTS, "kb", cli.Part("no_such_library", "Nothing."))
    result = runner.invoke(cli.app, ["kb"])
    assert result.exit_code == 1
    assert "no_such_library" in result.output
    assert "make setup" in result.output


def test_an_unknown_command_is_refused() -> None:
    assert runner.invoke(cli.app, ["nothing"]).exit_code == 2


def test_settings_hide_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROLY_API_KEY", "very-secret-key-123")
    for arguments in (["settings"], ["settings", "--json"]):
        output = runner.invoke(cli.app, arguments).output
        assert "very-secret-key-123" not in output
        assert "hidden" in output
    shown = json.loads(runner.invoke(cli.app, ["settings", "--json"]).output)
    assert set(shown) == set(Settings.model_fields)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROLY_PORT", "many")
    result = runner.invoke(cli.app, ["settings"])
    assert result.exit_code == 2
    assert "TROLY_PORT" in result.output


def test_the_reference_page_has_every_setting() -> None:
    page = runner.invoke(cli.app, ["settings", "--markdown"]).output
    for field, info in Settings.model_fields.items():
        assert f"| `TROLY_{field.upper()}` |" in page
        assert info.description, f"{field} has no description"
        assert info.description in page


def test_text_shows_how_it_is_read() -> None:
    output = runner.invoke(cli.app, ["text", "Đăng kí khai sinh, sđt 0912345678"]).output
    assert "[số điện thoại]" in output
    assert "dang ki khai sinh" in output
    assert "0912345678" not in output
