"""The guide engine: every move from every place that any moves lead to, also after a change of the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import pytest

from bot.dialogue.decision import Move
from bot.dialogue.guide import (
    BEFORE_FIRST,
    UNSURE,
    AskView,
    GuideView,
    Node,
    OptionView,
    StepView,
    Walk,
    passed,
    walk,
)
from bot.dialogue.procedure_steps import code_of, guide_id, steps_of
from bot.dialogue.state import GuidePosition
from bot.replies.renderer import Replies
from tests.factories import birth, procedure

MOST_PLACES = 60_000
MOST_NODES = 12


def step(name: str, **when: str) -> StepView:
    """A step; `phone="android iphone"` ties it to those answers."""
    return StepView(name, f"làm {name}", when={ask: tuple(ids.split()) for ask, ids in when.items()})


def ask(name: str, *options: str, remembered: bool = False) -> AskView:
    """A question; an option "old>other" leads into the guide "other"."""
    parts = [option.partition(">") for option in options]
    views = tuple(OptionView(own, own.upper(), go=go or None) for own, _, go in parts)
    return AskView(name, f"{name}?", views, f"giúp {name}", remembered)


PLAIN = GuideView("plain", "Việc", (), (step("a"), step("b"), step("c")), "xong")
FORKED = GuideView(
    "forked",
    "Việc",
    (),
    (step("a"), step("b", phone="android"), step("c", phone="iphone unsure"), step("d")),
    "xong",
    (ask("phone", "android", "iphone", UNSURE, remembered=True),),
)
LEADING = GuideView(
    "leading",
    "Việc",
    (),
    (step("a", who="self other"), step("b", who="other", paper="yes"), step("c", paper="no"), step("d")),
    "xong",
    (
        ask("level", "two", "none>plain"),
        ask("who", "self", "other", "child>forked"),
        ask("paper", "yes", "no"),
    ),
)
GUIDES = (PLAIN, FORKED, LEADING)
FACTS: Mapping[str, str] = {"phone": "iphone", "who": "other", "level": "gone"}


@dataclass(frozen=True)
class Moved:
    """One move: from where, what, and where it led."""

    guide: GuideView
    before: GuidePosition | None
    move: Move
    option: str | None
    walked: Walk


def options_of(guide: GuideView) -> tuple[str | None, ...]:
    return (None, "no such option", *dict.fromkeys(o.id for asked in guide.asks for o in asked.options))


def moves_from(guide: GuideView, position: GuidePosition | None) -> Iterator[Moved]:
    for move in Move:
        for option in options_of(guide) if move is Move.CHOOSE else (None,):
            yield Moved(guide, position, move, option, walk(guide, position, move, option, FACTS))


def everything(guide: GuideView) -> Iterator[Moved]:
    """Yield every move from every position that can be reached at all."""
    seen: set[str] = set()
    waiting: list[GuidePosition | None] = [None]
    while waiting:
        for moved in moves_from(guide, waiting.pop()):
            yield moved
            after = moved.walked.position
            if after is not None and after.model_dump_json() not in seen:
                seen.add(after.model_dump_json())
                waiting.append(after)
    assert len(seen) < MOST_PLACES


def check(moved: Moved) -> None:
    """Hold one move against what must be true of every one."""
    guide, walked = moved.guide, moved.walked
    position, node = walked.position, walked.node
    assert 1 <= walked.number <= walked.count, moved
    assert (position is None) == (node is None), moved
    if position is None or node is None:
        assert moved.move in {Move.NEXT, Move.SKIP, Move.CHOOSE}, moved
        assert walked.number == walked.count
        return
    nodes = guide.nodes(position.answers)
    assert position.guide == guide.id
    assert node in nodes, moved
    assert position.step == node.node, moved
    stopped = moved.move is Move.STOP and moved.before is not None  # what is not begun cannot stop
    assert position.running != stopped, moved
    assert GuidePosition.model_validate_json(position.model_dump_json()) == position
    assert set(position.passed) <= {
        *(s.id for s in guide.steps),
        *(moved.before.passed if moved.before else ()),
    }
    check_answers(moved, position)
    check_number(walked, nodes, node)


def check_answers(moved: Moved, position: GuidePosition) -> None:
    """An answer that leads into another guide is never kept; the place stays at its question."""
    for ask_id, option_id in position.answers.items():
        asked = moved.guide.ask(ask_id)
        option = asked.option(option_id) if asked else None
        old = moved.before.answers.get(ask_id) if moved.before else None
        assert option is not None or option_id == old, moved
        assert option is None or option.go is None or option_id == old, moved
    if moved.walked.go is not None:
        assert moved.move is Move.CHOOSE
        assert isinstance(moved.walked.node, AskView)
        chosen = moved.walked.node.option(moved.option)
        assert chosen is not None
        assert chosen.go == moved.walked.go


def check_number(walked: Walk, nodes: tuple[Node, ...], node: Node) -> None:
    """A step carries its place among the steps, a question that of the step after it."""
    before = sum(isinstance(one, StepView) for one in nodes[: nodes.index(node)])
    assert walked.number == min(before + 1, walked.count)
    assert walked.count >= sum(isinstance(one, StepView) for one in nodes)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.id)
def test_every_move_from_every_place(guide: GuideView) -> None:
    moves = 0
    for moved in everything(guide):
        check(moved)
        moves += 1
    assert moves > 100


def forward(guide: GuideView, position: GuidePosition | None, answers: Mapping[str, str]) -> list[str]:
    """Return the nodes on the way to the end; `answers` are given where they are asked for."""
    walked = walk(guide, position, Move.START if position is None else Move.RESUME)
    shown: list[str] = []
    while walked.node is not None:
        shown.append(walked.node.node)
        assert len(shown) <= MOST_NODES, "no end"
        if isinstance(walked.node, AskView):
            walked = walk(guide, walked.position, Move.CHOOSE, answers[walked.node.id])
        else:
            walked = walk(guide, walked.position, Move.NEXT)
    return shown


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.id)
def test_the_end_is_reached_on_every_way(guide: GuideView) -> None:
    asked = [[(a.id, o.id) for o in a.options if o.go is None] for a in guide.asks]
    ways = [forward(guide, None, dict(choice)) for choice in product(*asked)]
    assert {node for way in ways for node in way} == {
        *(s.node for s in guide.steps),
        *(a.node for a in guide.asks),
    }


def test_questions_stand_before_the_first_step_that_depends_on_them() -> None:
    assert forward(FORKED, None, {"phone": "android"}) == ["a", "?phone", "b", "d"]
    assert forward(LEADING, None, {"level": "two", "who": "self", "paper": "no"}) == [
        "?level",
        "?who",
        "a",
        "?paper",
        "c",
        "d",
    ]


def test_a_question_is_not_asked_where_nothing_depends_on_it_any_more() -> None:
    guide = replace(LEADING, steps=(step("a"), step("b", who="other", paper="yes"), step("d")))
    assert forward(guide, None, {"level": "two", "who": "self"}) == ["?level", "a", "?who", "d"]


# ---- moves -------------------------------------------------------------------------------------------------


def at(node: str, guide: str = "plain", *, running: bool = True, **answers: str) -> GuidePosition:
    return GuidePosition(guide=guide, step=node, running=running, answers=answers)


@pytest.mark.parametrize(
    ("start", "move", "end"),
    [
        (None, Move.START, "a"),
        (None, Move.NEXT, "a"),
        (at("c"), Move.START, "a"),
        (at("c"), Move.RESTART, "a"),
        (at(BEFORE_FIRST), Move.NEXT, "a"),
        (at("a"), Move.NEXT, "b"),
        (at("a"), Move.SKIP, "b"),
        (at("b"), Move.PREVIOUS, "a"),
        (at("a"), Move.PREVIOUS, "a"),
        (at("b"), Move.REPEAT, "b"),
        (at("b"), Move.STUCK, "b"),
        (at("b"), Move.CHOOSE, "b"),
        (at("b", running=False), Move.RESUME, "b"),
        (at(BEFORE_FIRST, running=False), Move.RESUME, "a"),
    ],
)
def test_moves(start: GuidePosition | None, move: Move, end: str) -> None:
    walked = walk(PLAIN, start, move)
    assert walked.position is not None
    assert (walked.position.step, walked.position.running) == (end, True)
    assert walked.node == PLAIN.steps["abc".index(end)]


def test_what_is_done_is_remembered_once() -> None:
    position = walk(PLAIN, at("a"), Move.NEXT).position
    assert position is not None
    assert position.passed == ("a",)
    back = walk(PLAIN, position, Move.PREVIOUS).position
    again = walk(PLAIN, back, Move.NEXT).position
    assert again is not None
    assert again.passed == ("a",)
    assert passed(again)
    assert not passed(at("a"))
    assert not passed(None)


def test_the_last_step_ends_the_guide() -> None:
    assert walk(PLAIN, at("c"), Move.NEXT) == Walk(None, None, 3, 3)


def test_stopping_keeps_the_place() -> None:
    for place in ("a", "b", "c"):
        stopped = walk(PLAIN, at(place), Move.STOP).position
        assert stopped == at(place, running=False)
        assert walk(PLAIN, stopped, Move.RESUME).position == at(place)


def test_going_back_from_the_first_node_says_so() -> None:
    assert walk(PLAIN, at("a"), Move.PREVIOUS).at_start
    assert not walk(PLAIN, at("b"), Move.PREVIOUS).at_start
    assert walk(LEADING, at("?level", "leading"), Move.PREVIOUS).at_start


def test_back_at_a_question_another_answer_may_be_given() -> None:
    there = at("b", "forked", phone="android")
    asked = walk(FORKED, there, Move.PREVIOUS)
    assert asked.node == FORKED.asks[0]
    other = walk(FORKED, asked.position, Move.CHOOSE, "iphone")
    assert other.node == FORKED.steps[2]
    assert other.position == at("c", "forked", phone="iphone")


def test_saying_next_at_a_question_means_not_knowing() -> None:
    assert walk(FORKED, at("?phone", "forked"), Move.NEXT).position == at("c", "forked", phone=UNSURE)
    stays = walk(LEADING, at("?who", "leading", level="two"), Move.NEXT)
    assert stays.node == LEADING.asks[1], "it has no such option: asked again"


def test_an_answer_may_lead_into_another_guide() -> None:
    led = walk(LEADING, at("?level", "leading"), Move.CHOOSE, "none")
    assert led.go == "plain"
    assert led.position == at("?level", "leading")


def test_what_is_remembered_is_not_asked_again() -> None:
    begun = walk(FORKED, None, Move.START, facts=FACTS)
    assert begun.position == at("a", "forked", phone="iphone")
    assert walk(FORKED, begun.position, Move.NEXT).node == FORKED.steps[2]
    again = walk(FORKED, begun.position, Move.RESTART, facts=FACTS)
    assert again.position == at("a", "forked"), "from the beginning everything is asked"
    asked = walk(LEADING, None, Move.START, facts={"who": "other"})
    assert asked.position is not None
    assert asked.position.answers == {}, "this one is not remembered"


def test_an_answer_that_is_no_more_is_asked_for_again() -> None:
    forgotten = walk(FORKED, None, Move.START, facts={"phone": "nokia"})
    assert forgotten.position == at("a", "forked")


def test_the_count_is_that_of_the_longest_way_until_it_is_known() -> None:
    assert LEADING.count({}) == 3
    assert LEADING.count({"who": "other", "paper": "yes"}) == 3
    assert LEADING.count({"who": "self", "paper": "yes"}) == 2


# ---- the text changes while somebody is on the way ---------------------------------------------------------


def changed(guide: GuideView) -> Iterator[GuideView]:
    """Yield what an editor may make of a guide: a step, an option or a question more or less."""
    for place in range(len(guide.steps)):
        yield replace(guide, steps=(*guide.steps[:place], *guide.steps[place + 1 :]))
        yield replace(guide, steps=(*guide.steps[:place], step("new"), *guide.steps[place:]))
    yield replace(guide, steps=guide.steps[::-1])
    yield replace(guide, asks=(), steps=tuple(replace(s, when={}) for s in guide.steps))
    yield replace(guide, asks=(*guide.asks, ask("more", "yes", "no>plain")))
    yield replace(guide, asks=(*guide.asks, ask("deep", "x", "y")), steps=(*guide.steps, step("e", deep="x")))
    for place, asked in enumerate(guide.asks):
        for lost in asked.options:
            left = tuple(o for o in asked.options if o != lost)
            leads = tuple(replace(o, go="plain") if o == lost else o for o in asked.options)
            for options in (left, leads):
                if all(option.go for option in options):
                    continue  # no guide may have a question that nobody can get beyond
                asks = (*guide.asks[:place], replace(asked, options=options), *guide.asks[place + 1 :])
                yield replace(guide, asks=asks)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.id)
def test_every_move_after_a_change_of_the_text(guide: GuideView) -> None:
    led_to = (moved.walked.position for moved in stale(guide))
    positions = {position.model_dump_json(): position for position in led_to if position is not None}
    for new in changed(guide):
        for position in positions.values():
            for moved in moves_from(new, position):
                check(moved)


def stale(guide: GuideView) -> Iterator[Moved]:
    """Yield moves that lead to enough different places: onwards, in order, with every answer."""
    waiting: list[GuidePosition | None] = [None]
    while waiting:
        for moved in moves_from(guide, waiting.pop()):
            if moved.move in {Move.START, Move.NEXT, Move.CHOOSE} and moved.walked.position != moved.before:
                yield moved
                if moved.walked.position is not None and moved.move is not Move.START:
                    waiting.append(moved.walked.position)
            elif moved.move is Move.STOP:
                yield moved


def test_a_step_that_is_gone_leads_to_the_first_one_not_done() -> None:
    there = GuidePosition(guide="plain", step="gone", passed=("a", "b"))
    assert walk(PLAIN, there, Move.RESUME).node == PLAIN.steps[2]
    done = GuidePosition(guide="plain", step="gone", passed=("a", "b", "c"))
    assert walk(PLAIN, done, Move.RESUME).node == PLAIN.steps[2], "all is done: the last one is shown"
    assert walk(PLAIN, done, Move.NEXT).node is None


def test_an_option_that_is_gone_is_asked_for_again() -> None:
    there = GuidePosition(guide="forked", step="c", answers={"phone": "nokia"}, passed=("a",))
    assert walk(FORKED, there, Move.RESUME).node == FORKED.asks[0]


# ---- a procedure's own -------------------------------------------------------------------------------------


def test_a_procedures_own_steps() -> None:
    replies = Replies.load()
    assert [one.act for one in steps_of(birth(), replies)] == ["nộp hồ sơ", "kiểm tra hồ sơ", "trả kết quả"]
    assert len(steps_of(procedure(), replies)) == 4
    assert code_of(guide_id("1.001193")) == "1.001193"
    assert code_of("vneid_install") is None
