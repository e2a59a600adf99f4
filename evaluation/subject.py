"""What is measured: anything that replies as the assistant does, so that tests can measure a fake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.dialogue.decision import Decision
from bot.dialogue.state import ConversationState
from bot.messages import Message, Reply
from bot.search.types import Ranking

Mask = Callable[[str], str]
"""Gives back what a person typed with personal data masked, as the server does before all else."""


class Turn(Protocol):
    """One turn of the assistant: what it said, what it remembers, what it decided, and the ranking behind."""

    @property
    def reply(self) -> Reply:
        """What the citizen reads."""

    @property
    def state(self) -> ConversationState:
        """What the conversation remembers from here on."""

    @property
    def decision(self) -> Decision:
        """What the policy decided."""

    @property
    def ranking(self) -> Ranking | None:
        """The families found; None where the turn needed no search."""


class Assistant(Protocol):
    """Anything that answers a message."""

    def reply(self, state: ConversationState, message: Message) -> Turn:
        """Answer `message` in the conversation that `state` stands for."""
