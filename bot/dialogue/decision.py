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
    CHECK = "check"  # the papers of a dossier, one after another, after `mark`
    HELPER = "helper"  # who types helps somebody else; or no longer
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
    SKIP = "skip"  # done already: on to the next one
    RESTART = "restart"
    CHOOSE = "choose"  # answers the question that decides the way


class Mark(StrEnum):
    """A move in the check of a dossier."""

    START = "start"
    WAY = "way"
    CASE = "case"
    HAVE = "have"
    LACK = "lack"
    OTHER = "other"  # the paper is not needed in this person's case
    BACK = "back"
    SUMMARY = "summary"
    RESUME = "resume"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    `codes` are the members of the family shown (its first is the one answered), `choices` the codes offered
    (beside an answer: what else may have been meant), `guide` a guide's id or "procedure:<code>" (offered,
    where the turn is no move in it), `case` a case of the procedure's card, `event` a life event, `option`
    what was chosen at a guide's or a check's question, `mark` the move in the check of a dossier,
    `beyond` a subject that the catalogue does not have. `likely` is the choice whose `aspects` (or brief
    facts) are told already under the question back, as what holds if it is the one.
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
    option: str | None = None
    mark: Mark | None = None
    reason: str = ""  # the row of the precedence table that fired, for logs and tests

    @property
    def code(self) -> str | None:
        """The procedure that the turn shows, None where it shows none."""
        return self.codes[0] if self.codes else None
