"""What a conversation remembers between two turns; stored as JSON, never with a person's words in it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from procedures_kb.aspect import Aspect

__all__ = ["Aspect", "Choice", "ConversationState", "GuidePosition"]


class Choice(BaseModel):
    """One line of the last menu: the payload that it stands for."""

    model_config = ConfigDict(frozen=True)

    payload: str


class GuidePosition(BaseModel):
    """Where somebody stands in a guide: steps have ids, so that a guide's text may change meanwhile.

    `guide` is the id of a guide, or "procedure:<code>" for a procedure's own steps.
    """

    model_config = ConfigDict(frozen=True)

    guide: str
    step: str
    running: bool = True


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
