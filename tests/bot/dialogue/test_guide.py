"""Walking a guide: every move from every place."""

from __future__ import annotations

import pytest

from bot.dialogue.decision import Move
from bot.dialogue.guide import BEFORE_FIRST, GuideView, StepView, walk
from bot.dialogue.procedure_steps import code_of, guide_id, steps_of
from bot.dialogue.state import GuidePosition
from bot.replies.renderer import Replies
from tests.factories import birth, procedure

GUIDE = GuideView("g", "Việc", (), tuple(StepView(i, f"làm {i}") for i in "abc"), "xong", None)


def at(step: str, *, running: bool = True) -> GuidePosition:
    return GuidePosition(guide="g", step=step, running=running)


@pytest.mark.parametrize(
    ("start", "move", "end"),
    [
        (None, Move.START, "a"),
        (at("c"), Move.START, "a"),
        (at(BEFORE_FIRST), Move.NEXT, "a"),
        (at("a"), Move.NEXT, "b"),
        (at("b"), Move.PREVIOUS, "a"),
        (at("a"), Move.PREVIOUS, "a"),
        (at("b"), Move.REPEAT, "b"),
        (at("b"), Move.STUCK, "b"),
        (at("b", running=False), Move.RESUME, "b"),
        (at(BEFORE_FIRST, running=False), Move.RESUME, "a"),
        (at("gone"), Move.NEXT, "b"),
    ],
)
def test_moves(start: GuidePosition | None, move: Move, end: str) -> None:
    walked = walk(GUIDE, start, move)
    assert walked.position == at(end)
    assert walked.step is not None
    assert walked.step.id == end


def test_the_end_is_reached_from_every_step() -> None:
    position: GuidePosition | None = None
    seen = []
    while (walked := walk(GUIDE, position, Move.START if position is None else Move.NEXT)).position:
        position = walked.position
        seen.append(position.step)
    assert seen == ["a", "b", "c"]


@pytest.mark.parametrize("step", ["a", "b", "c"])
def test_stopping_keeps_the_place(step: str) -> None:
    stopped = walk(GUIDE, at(step), Move.STOP).position
    assert stopped == at(step, running=False)
    assert walk(GUIDE, stopped, Move.RESUME).position == at(step)


def test_going_back_from_the_first_step_says_so() -> None:
    assert walk(GUIDE, at("a"), Move.PREVIOUS).at_start
    assert not walk(GUIDE, at("b"), Move.PREVIOUS).at_start


def test_a_procedures_own_steps() -> None:
    replies = Replies.load()
    assert [step.act for step in steps_of(birth(), replies)] == ["nộp hồ sơ", "kiểm tra hồ sơ", "trả kết quả"]
    assert len(steps_of(procedure(), replies)) == 4
    assert code_of(guide_id("1.001193")) == "1.001193"
    assert code_of("vneid_install") is None
