"""One message from a door and back: mask, load, answer, save, one at a time in each conversation."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import ConversationState
from bot.messages import Message, Reply
from bot.privacy import mask
from bot.server.locks import KeyedLocks
from bot.server.sentences import Sentences
from bot.storage.conversations import ConflictingWrite
from bot.storage.keys import conversation_key
from connectors.contract import Outcome, Source

if TYPE_CHECKING:
    from bot.assistant import Turn

logger = logging.getLogger(__name__)
ATTEMPTS = 3


class Loaded(Protocol):
    """A stored state and the number of the turn that left it."""

    @property
    def state(self) -> ConversationState:
        """The state."""

    @property
    def version(self) -> int:
        """The number of the turn, 0 for a new conversation."""


class ConversationStore(Protocol):
    """What this service needs of storage."""

    def load(self, key: str) -> Loaded:
        """Return the stored state, or a new one."""

    def save(self, key: str, state: ConversationState, version: int) -> int:
        """Store the state over turn `version`. Raises ConflictingWrite where it is no longer the last."""

    def erase(self, key: str) -> None:
        """Forget the conversation."""


class Answering(Protocol):
    """The assistant: answers one masked message in one state."""

    def reply(self, state: ConversationState, message: Message) -> Turn:
        """Return the turn."""


class Serving(Protocol):
    """What one turn is answered with from its beginning to its end (DESIGN, decision 5)."""

    @property
    def assistant(self) -> Answering:
        """The assistant."""

    def source(self, code: str) -> Source | None:
        """Return where the record of `code` in the assistant's catalogue comes from."""


class Parts(Protocol):
    """What may change while serving."""

    def serving(self) -> Serving | None:
        """Return what answers at this moment; None while nothing can answer yet."""


class Conversations:
    """The handler behind every door; safe to use from several threads."""

    def __init__(
        self,
        store: ConversationStore,
        parts: Parts,
        secret: bytes,
        sentences: Sentences,
        paused: Callable[[], str] = lambda: "",
    ) -> None:
        self._store = store
        self._parts = parts
        self._secret = secret
        self._sentences = sentences
        self._paused = paused
        self._locks = KeyedLocks()
        self.failures = 0  # turns that ended in the sentence "trouble", for health

    def handle(self, channel: str, sender: str, message: Message) -> Outcome:
        """Answer `message`; never raises for what a person can send.

        What fails is logged by kind and place, without the message, and answered with one plain sentence.
        """
        if self._paused():
            return Outcome(Reply(self._sentences.paused), "paused")
        serving = self._parts.serving()
        if serving is None:
            return Outcome(Reply(self._sentences.starting), "starting")
        key = conversation_key(self._secret, channel, sender)
        masked = Message(mask(message.text).text, message.kind)
        try:
            with self._locks.held(key):
                turn = self._turn(serving.assistant, key, masked)
        except Exception as error:  # whatever it is, the person gets a sentence and the operator a trace
            self.failures += 1
            logger.error("a turn failed: %s", place_of(error))
            return Outcome(Reply(self._sentences.trouble), "error")
        return outcome_of(serving, turn.reply, turn.decision)

    def _turn(self, assistant: Answering, key: str, message: Message) -> Turn:
        """Answer and store; where another process wrote meanwhile, answer again over what it wrote."""
        for attempt in range(1, ATTEMPTS + 1):
            stored = self._store.load(key)
            turn = assistant.reply(stored.state, message)
            if turn.decision.action is Action.ERASE:
                self._store.erase(key)
                return turn
            try:
                self._store.save(key, turn.state, stored.version)
            except ConflictingWrite:
                if attempt == ATTEMPTS:
                    raise
            else:
                return turn
        raise AssertionError("unreachable")


def outcome_of(serving: Serving, reply: Reply, decision: Decision) -> Outcome:
    """Return the turn as a door sees it, with the sources of what it shows."""
    told = decision.choices if decision.action is Action.LIFE_EVENT else decision.codes[:1]
    shown = (serving.source(code) for code in told)
    return Outcome(
        reply=reply,
        action=decision.action.value,
        codes=decision.codes,
        aspects=tuple(aspect.value for aspect in decision.aspects),
        choices=decision.choices,
        guide=decision.guide,
        event=decision.event,
        move=None if decision.move is None else decision.move.value,
        sources=tuple(source for source in shown if source is not None),
    )


def place_of(error: Exception) -> str:
    """Kind and place of an error. Its message is left out: it may quote what the person wrote."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return type(error).__name__ + " at " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
