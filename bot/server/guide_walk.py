"""`troly guide run`: one conversation with an assistant that begins in a guide; nothing is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.assistant import Assistant
from bot.dialogue.commands import Command, Kind
from bot.dialogue.state import ConversationState
from bot.messages import Message, MessageKind, Reply
from bot.privacy import mask
from bot.server.parts import LiveParts, PartsFailed
from bot.server.wiring import wire
from bot.settings import Settings

LOADING_S = 60.0


class NoAssistant(RuntimeError):
    """The catalogue could not be loaded, so nothing can be walked; the message says what to do."""


@contextmanager
def lexical_assistant(settings: Settings) -> Iterator[Assistant]:
    """Give the assistant that `settings` describe, without NLU and search model: it is there in seconds.

    Raises NoAssistant, and what `wire` raises for what the operator has to repair first.
    """
    wired = wire(settings.model_copy(update={"nlu": False, "encoder": False}))
    wired.parts.start()
    try:
        yield _loaded(wired.parts)
    finally:
        wired.parts.stop()


def _loaded(parts: LiveParts) -> Assistant:
    try:
        serving = parts.serving() if parts.wait(LOADING_S) else None
    except PartsFailed:
        serving = None
    if serving is None or not isinstance(serving.assistant, Assistant):
        raise NoAssistant("the catalogue could not be loaded: run `troly kb check`")
    return serving.assistant


@dataclass(slots=True)
class WalkedGuide:
    """One conversation; `tell` is given every reply."""

    assistant: Assistant
    tell: Callable[[Reply], None]
    state: ConversationState = field(default_factory=lambda: ConversationState(introduced=True))

    def begin(self, guide: str, *, helper: bool = False) -> None:
        """Begin `guide`, as somebody who helps another person where `helper`."""
        self.state = self.state.model_copy(update={"helper": helper})
        self._answer(Message(Command(Kind.GUIDE, guide).payload, MessageKind.PAYLOAD))

    def run(self, ask: Callable[[], str | None]) -> None:
        """Answer line by line until `ask` gives None. Digits choose from the last reply."""
        while (line := ask()) is not None:
            if line.strip():
                self._answer(Message(mask(line).text))

    def _answer(self, message: Message) -> None:
        turn = self.assistant.reply(self.state, message)
        self.state = turn.state
        self.tell(turn.reply)
