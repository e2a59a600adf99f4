"""How each part of the bot is doing, for health and for the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

logger = logging.getLogger(__name__)


class Part(StrEnum):
    """The parts that come up one after the other."""

    CATALOGUE = "catalogue"
    LEXICAL = "search_lexical"
    MODEL = "search_model"
    NLU = "nlu"


class State(StrEnum):
    """LOADING for the first time, READY, DOWN for now (tried again), FAILED for good, OFF by a setting."""

    LOADING = "loading"
    READY = "ready"
    DOWN = "down"
    FAILED = "failed"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Status:
    """The state of one part, since when, a plain sentence about it, and facts such as counts."""

    state: State
    since: datetime
    message: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)


class Board:
    """The status of every part; safe to read and write from several threads."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        self._lock = threading.Lock()
        self._statuses = {part: Status(State.LOADING, now) for part in Part}

    def set(self, part: Part, state: State, message: str = "", **facts: str | int) -> None:
        """Note a new state; the same one again, said in the same words, keeps its time and is not logged."""
        with self._lock:
            known = self._statuses[part]
            if (known.state, known.message, dict(known.facts)) == (state, message, facts):
                return
            self._statuses[part] = Status(state, datetime.now(UTC), message, MappingProxyType(facts))
        level = (
            logging.ERROR
            if state is State.FAILED
            else logging.WARNING
            if state is State.DOWN
            else logging.INFO
        )
        logger.log(level, "%s: %s%s", part.value, state.value, f" ({message})" if message else "")

    def statuses(self) -> Mapping[Part, Status]:
        """Return all statuses as they are at this moment."""
        with self._lock:
            return MappingProxyType(dict(self._statuses))
