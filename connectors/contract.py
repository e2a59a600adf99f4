"""What a door asks of the server behind it. Doors know messages, and nothing else of the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.messages import Message, Reply


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reply's facts come from: the procedure's code and name, its page, the day it was read (ISO)."""

    code: str
    name: str
    url: str
    retrieved: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answered message: the reply, and what was decided, in plain words of the decision's vocabulary."""

    reply: Reply
    action: str
    codes: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    guide: str | None = None
    move: str | None = None
    event: str | None = None
    sources: tuple[Source, ...] = ()


class Handler(Protocol):
    """Answers one message of one sender of one channel; waits while an earlier one of theirs is answered."""

    def handle(self, channel: str, sender: str, message: Message) -> Outcome:
        """Return what is answered. Personal data is masked inside, before anything else happens."""


class ForgedId(ValueError):
    """A conversation id that this server did not give."""


class Ids(Protocol):
    """Gives conversation ids that cannot be guessed, and knows its own."""

    def new(self) -> str:
        """Return a fresh id."""

    def opened(self, signed: str) -> str:
        """Return the sender behind `signed`. Raises ForgedId where the server did not sign it."""
