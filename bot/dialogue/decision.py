"""What the policy decides for one turn, before any word is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.state import Aspect


class Action(StrEnum):
    """The kinds of turn."""

    EMERGENCY = "emergency"
    REFUSE_PII = "refuse_pii"
    ANSWER = "answer"  # asserts one procedure (`code`) and answers `aspects` (none: the overview)
    ASK_BACK = "ask_back"  # offers `choices`, asserts none
    DECLINE = "decline"  # in the domain perhaps, but nothing fits: says so, offers the centre
    BEYOND = "beyond"  # known to be none of ours: says so, and whom to ask; offers `choices`
    REFUSE = "refuse"  # out of scope, politely
    LIFE_EVENT = "life_event"  # what has to be done, in order, when `event` happens
    GUIDE = "guide"  # a step of `guide`, after `move`
    GREET = "greet"
    THANKS = "thanks"
    BYE = "bye"
    MENU = "menu"
    HAND_OFF = "hand_off"
    FEEDBACK = "feedback"
    COMPLAINT = "complaint"
    CENTRE = "centre"
    TRACK = "track"
    SCAM = "scam"
    ERASE = "erase"
    ACKNOWLEDGE = "acknowledge"  # a bare yes or no with nothing to apply it to
    UNREADABLE = "unreadable"  # empty, too long, a picture


class Move(StrEnum):
    """A move inside a guide."""

    START = "start"
    NEXT = "next"
    PREVIOUS = "previous"
    REPEAT = "repeat"
    STOP = "stop"
    RESUME = "resume"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    `codes` are the members of the family shown (its first is the one answered), `choices` the codes offered
    (beside an answer: what else may have been meant),
    `guide` a guide's id or "procedure:<code>", `case` a case of the procedure's card, `event` a life event,
    `beyond` a subject that the catalogue does not have. `likely` is the choice whose `aspects` are told
    already under the question back, as what holds if it is the one.
    """

    action: Action
    codes: tuple[str, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    choices: tuple[str, ...] = ()
    guide: str | None = None
    case: str | None = None
    event: str | None = None
    beyond: str | None = None
    likely: str | None = None
    move: Move | None = None
    reason: str = ""  # the row of the precedence table that fired, for logs and tests

    @property
    def code(self) -> str | None:
        """The procedure that the turn shows, None where it shows none."""
        return self.codes[0] if self.codes else None
