"""Diagrams of guides: every arrow is a pair of neighbours on a real way, and docs/guides is not stale."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.dialogue.decision import Move
from bot.dialogue.guide import AskView, GuideView, OptionView, StepView
from bot.server.diagrams import engine_diagram, engine_rows, guide_diagram, ways
from bot.server.guide_pages import WRITTEN, Extent, page_name, pages, procedure_page, write
from bot.server.guide_showing import load_texts, view_lines, written_views
from procedures_kb import guides

DOCS = Path(__file__).parents[3] / "docs" / "guides"
ARROW = re.compile(r"    (\[\*\]|\w+) --> (\[\*\]|\w+)(?: : [^:;\"\n]+)?")
STATE = re.compile(r'    state "[^":;#<>%\n]+" as (\w+)')


def step(name: str, **when: str) -> StepView:
    return StepView(name, f"làm {name}", when={ask: tuple(ids.split()) for ask, ids in when.items()})


FORKED = GuideView(
    "forked",
    "Việc",
    (),
    (step("a"), step("b", phone="one"), step("c", phone="two three"), step("d")),
    "xong",
    (
        AskView(
            "phone",
            'Máy "nào": chọn?',
            (
                OptionView("one", "Một"),
                OptionView("two", "Hai; ba"),
                OptionView("three", "Ba"),
                OptionView("none", "Không có", go="other"),
            ),
        ),
    ),
)


@pytest.fixture(scope="module")
def views() -> Mapping[str, GuideView]:
    return written_views()


def test_a_fork_is_drawn_with_the_answers_that_lead_along_each_branch() -> None:
    assert guide_diagram(FORKED, {"other": "Việc khác"}).splitlines() == [
        "stateDiagram-v2",
        "    state \"? Máy 'nào' – chọn?\" as ask1",
        '    state "1 · làm a" as step1',
        '    state "2 · làm b" as step2',
        '    state "3 · làm c" as step3',
        '    state "4 · làm d" as step4',
        '    state "→ Việc khác" as go_other',
        "    [*] --> step1",
        "    step1 --> ask1",
        "    ask1 --> step2 : Một",
        "    step2 --> step4",
        "    step4 --> [*]",
        "    ask1 --> step3 : Hai, ba / Ba",
        "    step3 --> step4",
        "    ask1 --> go_other : Không có",
        "    go_other --> [*]",
    ]


def test_an_arrow_from_a_step_tells_the_earlier_answer_it_depends_on() -> None:
    asks = (AskView("who", "Ai?", (OptionView("me", "Tôi"), OptionView("child", "Con"))),)
    guide = GuideView("g", "G", (), (step("a", who="me child"), step("b", who="me"), step("c")), "xong", asks)
    drawn = f"{guide_diagram(guide, {})}\n"
    assert "    ask1 --> step1 : Tôi / Con" in drawn
    assert "    step1 --> step2 : Tôi\n" in drawn
    assert "    step1 --> step3 : Con\n" in drawn


def test_lengths_are_those_of_the_shortest_and_the_longest_way() -> None:
    assert Extent.of(FORKED) == Extent(3, 3, 1)
    assert len(list(ways(FORKED))) == 3
    longer = GuideView("g", "G", (), (*FORKED.steps, step("e", phone="one")), "xong", FORKED.asks)
    assert Extent.of(longer).steps == "3–4"


def test_every_guide_is_drawn_whole_and_so_that_mermaid_reads_it(views: Mapping[str, GuideView]) -> None:
    for view in views.values():
        lines = guide_diagram(view, {}).splitlines()
        assert lines[0] == "stateDiagram-v2"
        states = {found.group(1) for line in lines if (found := STATE.fullmatch(line))}
        arrows = [found.groups() for line in lines if (found := ARROW.fullmatch(line))]
        assert len(lines) == 1 + len(states) + len(arrows), view.id
        assert {f"step{n}" for n in range(1, len(view.steps) + 1)} <= states, view.id
        assert {start for start, _ in arrows} == states | {"[*]"}, f"{view.id}: a state without a way out"
        assert {end for _, end in arrows} == states | {"[*]"}, f"{view.id}: a state that is never reached"


def test_the_engine_is_drawn_with_every_move() -> None:
    rows = {(start, end): moves for start, end, moves in engine_rows()}
    for state in ("step", "question", "stopped"):
        told = {move for (start, _), moves in rows.items() if start == state for move in moves}
        assert set(Move) <= told, state
    assert rows["not_begun", "step"] == ("any move",)
    assert rows["stopped", "stopped"] == (Move.STOP,)
    drawn = engine_diagram()
    for arrow in (
        "step --> waiting : any other question",
        "waiting --> step : resume",
        "question --> another_guide : choose",
        "over --> [*]",
    ):
        assert f"    {arrow}\n" in f"{drawn}\n"
    assert "waiting --> over" not in drawn


def test_docs_are_what_make_docs_writes(views: Mapping[str, GuideView]) -> None:
    wanted = pages(guides.load(), views)
    there = {file.name: file.read_text(encoding="utf-8") for file in DOCS.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    assert stale == [], "run `make docs`"


def test_writing_removes_pages_of_guides_that_are_gone_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text(f"# Gone\n\n{WRITTEN}\n", encoding="utf-8")
    (tmp_path / "own.md").write_text("# By hand\n", encoding="utf-8")
    write(tmp_path, {"new.md": "x\n"})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.md", "own.md"]


def test_a_procedure_s_own_way_is_drawn_too() -> None:
    text = procedure_page(FORKED)
    assert text.startswith("# Việc\n\n```mermaid\nstateDiagram-v2\n")
    assert page_name("procedure:1.001193") == "procedure-1.001193.md"


def test_the_terminal_prints_every_word_of_a_guide(views: Mapping[str, GuideView]) -> None:
    known = guides.load()
    for name, view in views.items():
        text = "\n".join(view_lines(view, known[name].sources, load_texts()))
        for s in view.steps:
            told = (s.do, s.where, s.see, s.helper, *(word for c in s.stuck for word in (c.when, c.then)))
            assert [word for word in told if word and word not in text] == [], name
        assert all(source.url in text for source in known[name].sources)
