"""What a conversation remembers between two turns; stored as JSON, never with a person's words in it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from procedures_kb.aspect import Aspect

__all__ = ["Aspect", "CheckPosition", "Choice", "ConversationState", "GuidePosition"]


class Choice(BaseModel):
    """One line of the last menu: the payload that it stands for."""

    model_config = ConfigDict(frozen=True)

    payload: str


class GuidePosition(BaseModel):
    """Where somebody stands in a guide: steps have ids, so that a guide's text may change meanwhile.

    `guide` is the id of a guide, or "procedure:<code>" for a procedure's own way; `step` the id of a step, or
    "?" with the id of a question. `answers` are the options chosen, by question; `passed` the steps done.
    """

    model_config = ConfigDict(frozen=True)

    guide: str
    step: str
    running: bool = True
    answers: Mapping[str, str] = {}
    passed: tuple[str, ...] = ()


class CheckPosition(BaseModel):
    """Where somebody stands in the check of a dossier: papers have ids made of their names.

    `at` is what is asked now: "?way", "?case", the id of a paper, "" when all is answered.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    way: str | None = None
    case: str | None = None
    at: str = ""
    have: tuple[str, ...] = ()
    lack: tuple[str, ...] = ()
    other: tuple[str, ...] = ()  # not needed in this person's case
    running: bool = True

    @property
    def need_asked(self) -> bool:
        """Whether a paper is asked about now, and not the way, the case, or nothing any more."""
        return bool(self.at) and not self.at.startswith("?")


class ConversationState(BaseModel):
    """The state of one conversation; `ConversationState()` is a new one."""

    model_config = ConfigDict(frozen=True)

    introduced: bool = False
    code: str | None = None  # the procedure in hand
    history: tuple[str, ...] = ()  # procedures talked about, oldest first, without repeats
    menu: tuple[Choice, ...] = ()  # what the digits of the last reply stand for
    pending_aspects: tuple[Aspect, ...] = ()  # asked for while the procedure was still open
    ask_rounds: int = 0
    asked_about: str | None = None  # the folded words of the question that is being narrowed down
    guide: GuidePosition | None = None
    shelf: tuple[GuidePosition, ...] = ()  # other guides that were begun, the latest first
    facts: Mapping[str, str] = {}  # answers that hold in every guide: the kind of telephone
    helper: bool = False  # whoever types helps somebody else
    check: CheckPosition | None = None

    @property
    def begun(self) -> tuple[GuidePosition, ...]:
        """The guides that were begun: the one at hand first, then the shelf."""
        return (self.guide, *self.shelf) if self.guide is not None else self.shelf
