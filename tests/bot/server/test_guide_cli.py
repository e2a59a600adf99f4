"""`troly guide`: what it lists, walks, prints and refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.assistant import Assistant
from bot.cli import app
from bot.dialogue.guide import GuideView
from bot.search.types import Ranking, Verdict
from bot.server import guide_showing, guide_walk
from bot.settings import Settings
from procedures_kb import guides
from tests.factories import catalogue

runner = CliRunner()
LEVEL2 = "vneid_activate_level2"
OWN = "procedure:1.000001"


class Nothing:
    """A search that finds nothing."""

    def search(self, text: str, limit: int = 10) -> Ranking:
        return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.build(catalogue(), Nothing(), None)


@pytest.fixture(scope="module")
def views() -> Mapping[str, GuideView]:
    return guide_showing.written_views()


@pytest.fixture(autouse=True)
def _small(
    assistant: Assistant, views: Mapping[str, GuideView], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real data, read once; a small catalogue; no settings of the developer."""
    known = assistant.reader.known.guides

    @contextmanager
    def small(_settings: Settings) -> Iterator[Assistant]:
        yield assistant

    monkeypatch.setattr(guide_walk, "lexical_assistant", small)
    monkeypatch.setattr(guide_showing, "written_views", lambda: views)
    monkeypatch.setattr(guides, "load", lambda: known)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def guide(*arguments: str, said: str = "") -> Result:
    return runner.invoke(app, ["guide", *arguments], input=said)


def test_the_list_names_every_guide_with_its_oldest_day() -> None:
    lines = json.loads(guide("list", "--json").output)
    known = guides.load()
    assert [line["id"] for line in lines] == list(known)
    assert len(lines) >= 24
    for line in lines:
        assert line["checked"] == min(s.checked for s in known[line["id"]].sources).isoformat()
        assert 1 <= line["shortest"] <= line["longest"] <= len(known[line["id"]].steps)
    shown = guide("list").output
    assert all(line["id"] in shown and line["title"] in shown for line in lines)
    assert shown.splitlines()[-1].startswith(f"{len(lines)} hướng dẫn.")


def test_a_walk_takes_what_a_citizen_types_and_ends_with_the_input() -> None:
    said = "1\ntiếp\ntôi bị kẹt\nquay lại\nxin chào\nlàm tiếp\ndừng\n"
    walked = guide("run", LEVEL2, said=said)
    assert walked.exit_code == 0, walked.output
    told = walked.output
    places = ["Bạn đã đến công an", "Bước 1/10", "Bước 2/10", "Bước 2 hay vướng", "Bước 1/10"]
    places += ["đang chờ ở bước 1", "Bước 1/10", "Tôi dừng"]
    at = 0
    for place in places:
        at = told.index(place, at) + 1
    assert "[Hình: " in told
    assert "Cho người giúp" not in told


def test_a_helper_is_told_what_helpers_are_told() -> None:
    assert "Cho người giúp: " in guide("run", LEVEL2, "--helper").output


def test_a_typed_code_is_masked_before_anything_sees_it() -> None:
    told = guide("run", LEVEL2, said="mã otp của tôi là 123456\n").output
    assert "123456" not in told.split("> ")[-1].replace("mã otp của tôi là 123456", "")


def test_a_procedure_s_own_way_is_walked_and_printed() -> None:
    walked = guide("run", OWN, said="tiếp\n")
    assert walked.exit_code == 0, walked.output
    assert "Đăng ký khai sinh" in walked.output
    printed = guide("show", OWN)
    assert printed.exit_code == 0
    assert "Giấy chứng sinh" in printed.output
    assert "Nguồn: Cổng Dịch vụ công quốc gia, mã thủ tục 1.000001" in printed.output
    drawn = guide("diagram", OWN)
    assert drawn.exit_code == 0
    assert "stateDiagram-v2" in drawn.output


def test_showing_a_guide_names_its_sources() -> None:
    printed = guide("show", LEVEL2)
    assert printed.exit_code == 0
    assert all(source.what in printed.output for source in guides.load()[LEVEL2].sources)


@pytest.mark.parametrize("command", ["run", "show", "diagram"])
@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("vneid_activate_level", LEVEL2),
        ("1.000001", OWN),
        ("procedure:1.000009", "procedure:1.00000"),
        ("", "troly guide list"),
    ],
)
def test_an_unknown_guide_is_refused_with_those_near_it(command: str, name: str, near: str) -> None:
    refused = guide(command, name)
    assert refused.exit_code == 1
    assert near in refused.output
    assert "Traceback" not in refused.output


def test_diagrams_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    assert guide("diagram", LEVEL2, "--out", "one").exit_code == 0
    assert [file.name for file in (tmp_path / "one").iterdir()] == [f"{LEVEL2}.md"]
    assert guide("diagram", "--out", "all").exit_code == 0
    written = {file.name for file in (tmp_path / "all").iterdir()}
    assert written == {"README.md", "engine.md", *(f"{name}.md" for name in guides.load())}
    assert guide("diagram", LEVEL2).output == (tmp_path / "all" / f"{LEVEL2}.md").read_text(encoding="utf-8")


def test_without_a_catalogue_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken(_settings: Settings) -> Iterator[Assistant]:
        raise guide_walk.NoAssistant("the catalogue could not be loaded: run `troly kb check`")
        yield

    monkeypatch.setattr(guide_walk, "lexical_assistant", broken)
    refused = guide("run", LEVEL2)
    assert refused.exit_code == 1
    assert "troly kb check" in refused.output
