"""What NLU gives: the intent of a message, and the things that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing named: `kind` is procedure, commune or dossier_code; `start` and `end` index the text."""

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understanding:
    """The best intent with its confidence in [0, 1], the next ones, and the entities."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()


class Understander(Protocol):
    """Anything that reads the intent of a message."""

    def understand(self, text: str) -> Understanding | None:
        """Return what `text` means; None when no answer can be had now (down, loading, too slow)."""
