"""What the key of a tapped button, or a typed choice of the last menu, decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.dialogue.commands import Kind
from bot.dialogue.decision import Action, Decision, Mark, Move
from bot.dialogue.guide_rules import marked, moved
from bot.dialogue.state import Aspect
from bot.dialogue.turning import Turning, answer, happened

_SAYS = {
    "menu": Action.MENU,
    "start": Action.GREET,
    "human": Action.HAND_OFF,
    "centre": Action.CENTRE,
    "track": Action.TRACK,
    "erase": Action.ERASE,
    "helper": Action.HELPER,
    "helper_off": Action.HELPER,
}


def _told(turning: Turning, value: str) -> Decision | None:
    if value == "none":
        return _none_of_these(turning)
    action = _SAYS.get(value)
    return Decision(action) if action else None


def _picked(turning: Turning, _value: str) -> Decision | None:
    picked = turning.signals.picked
    return answer(picked, turning.state.pending_aspects) if picked else None


def _of_aspect(turning: Turning, value: str) -> Decision | None:
    return answer((turning.state.code,), (Aspect(value),)) if turning.state.code else None


def _of_case(turning: Turning, value: str) -> Decision | None:
    code = turning.state.code
    return Decision(Action.ANSWER, codes=(code,), case=value) if code else None


def _of_event(turning: Turning, _value: str) -> Decision | None:
    return happened(turning.signals.event) if turning.signals.event else None


def _chosen(turning: Turning, value: str) -> Decision | None:
    return replace(moved(turning, Move.CHOOSE), option=value.partition(".")[2])


def _none_of_these(turning: Turning) -> Decision:
    spent = turning.state.ask_rounds >= turning.limits.ask_rounds
    return Decision(Action.HAND_OFF if spent else Action.ASK_BACK)


_TAPPED: Mapping[Kind, Callable[[Turning, str], Decision | None]] = {
    Kind.SAY: _told,
    Kind.PICK: _picked,
    Kind.ASPECT: _of_aspect,
    Kind.CASE: _of_case,
    Kind.EVENT: _of_event,
    Kind.MOVE: lambda turning, value: moved(turning, Move(value)),
    Kind.GUIDE: lambda _, value: Decision(Action.GUIDE, guide=value, move=Move.START),
    Kind.RESUME: lambda _, value: Decision(Action.GUIDE, guide=value, move=Move.RESUME),
    Kind.OPTION: _chosen,
    Kind.CHECK: lambda _, value: Decision(Action.CHECK, codes=(value,), mark=Mark.START),
    Kind.MARK: marked,
}


def tapped(turning: Turning) -> Decision | None:
    """What a button's key asks for; None where nothing was tapped, or it asks for nothing now."""
    command = turning.signals.command
    return _TAPPED[command.kind](turning, command.value) if command else None
