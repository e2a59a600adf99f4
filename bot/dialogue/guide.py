"""The guide engine: where somebody stands in a guide, and what a move does. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.answers.formatting import day
from bot.dialogue.decision import Move
from bot.dialogue.procedure_steps import code_of, steps_of
from bot.dialogue.state import GuidePosition
from bot.replies.renderer import Replies
from procedures_kb.catalogue import Catalogue
from procedures_kb.guides import Guides

BEFORE_FIRST = ""


@dataclass(frozen=True, slots=True)
class StuckView:
    """A cause of being stuck, and what then."""

    when: str
    then: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as it is shown."""

    id: str
    do: str
    where: str | None = None
    see: str | None = None
    stuck: tuple[StuckView, ...] = ()


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide as it is walked: a written one, or a procedure's own steps."""

    id: str
    title: str
    needs: tuple[str, ...]
    steps: tuple[StepView, ...]
    done: str
    source: str | None

    def index(self, step: str) -> int:
        """Return the place of the step with that id; -1 before the first; 0 where the step is gone."""
        if step == BEFORE_FIRST:
            return -1
        return next((i for i, s in enumerate(self.steps) if s.id == step), 0)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a move leads to: the new position (None: the guide is over) and the step to show, if any."""

    position: GuidePosition | None
    step: StepView | None
    number: int
    at_start: bool = False


def find_guide(name: str, guides: Guides, catalogue: Catalogue, replies: Replies) -> GuideView | None:
    """Return the guide of that id, written or a procedure's own; None where neither is there (any more)."""
    code = code_of(name)
    if code is not None:
        procedure = catalogue.by_code.get(code)
        if procedure is None or not catalogue.may_serve(code):
            return None
        steps = tuple(
            StepView(str(number), replies.render("procedure_step", step=step))
            for number, step in enumerate(steps_of(procedure, replies), start=1)
        )
        done = replies.render("procedure_done")
        return GuideView(name, procedure.short_name, (), steps, done, None)
    guide = guides.get(name)
    if guide is None:
        return None
    source = guide.sources[0]
    return GuideView(
        guide.id,
        guide.title,
        tuple(guide.needs),
        tuple(
            StepView(s.id, s.do, s.where, s.see, tuple(StuckView(k.when, k.then) for k in s.stuck))
            for s in guide.steps
        ),
        guide.done,
        replies.render("guide_source", what=source.what, checked=day(source.checked)),
    )


def walk(guide: GuideView, position: GuidePosition | None, move: Move) -> Walk:
    """Return where `move` leads from `position` (None: not begun)."""
    here = guide.index(position.step) if position is not None else -1
    last = len(guide.steps) - 1
    if move is Move.STOP and position is not None:
        stopped = position.model_copy(update={"running": False})
        return Walk(stopped, None, max(here, 0) + 1)
    if move is Move.NEXT and here >= last:
        return Walk(None, None, last + 1)
    targets = {Move.START: 0, Move.NEXT: here + 1, Move.PREVIOUS: here - 1}
    target = max(0, targets.get(move, here))
    step = guide.steps[target]
    return Walk(
        GuidePosition(guide=guide.id, step=step.id, running=True),
        step,
        target + 1,
        at_start=move is Move.PREVIOUS and here <= 0,
    )
