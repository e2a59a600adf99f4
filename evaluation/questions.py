"""Reading a benchmark: questions and dialogues, one JSON object a line, checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.dialogue.decision import Move
from bot.dialogue.state import Aspect

Text = Annotated[str, StringConstraints(min_length=1)]


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Many = Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)]


class BrokenBenchmark(ValueError):
    """A line that cannot be measured with; the message names file, line and reason."""


class Kind(StrEnum):
    """What a question tests."""

    FIND = "find"
    ASPECT = "aspect"
    AMBIGUOUS = "ambiguous"
    OUT_OF_SCOPE = "out_of_scope"
    EMERGENCY = "emergency"
    ABSENT = "absent"
    GUIDE = "guide"


class ExpectedAction(StrEnum):
    """What a dialogue's turn may be expected to be."""

    ASK_BACK = "ask_back"
    PICK_OPTION = "pick_option"
    HAND_OFF = "hand_off"
    REFUSE_PII = "refuse_pii"
    THANKS = "thanks"
    MENU = "menu"
    REFUSE = "refuse"
    EMERGENCY = "emergency"


class Question(BaseModel):
    """One question. Keys that only describe it (style, group, …) are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Text
    text: Text
    kind: Kind
    gold: Many = ()
    aspect: Aspect | None = None
    answer_facts: Many = ()
    expect: str | None = None
    alt_gold: Many = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed: dict[Kind, dict[str, object]] = {
            Kind.FIND: {"gold": self.gold},
            Kind.ASPECT: {"gold": self.gold, "aspect": self.aspect, "answer_facts": self.answer_facts},
            Kind.GUIDE: {"expect": self.expect},
        }
        missing = [name for name, value in needed.get(self.kind, {}).items() if not value]
        if missing:
            raise ValueError(f"a question of kind {self.kind} needs {', '.join(missing)}")
        return self


class Expect(BaseModel):
    """What one turn of a dialogue must show; every key that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Many = ()
    gold: Many = ()
    aspect: Aspect | None = None
    answer_facts: Many = ()
    guide: str | None = None
    move: Move | None = None
    action: ExpectedAction | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a turn must expect something")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of which any is right."""
        return self.code + self.gold


class DialogueTurn(BaseModel):
    """What the user types, and what must come back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user: Text
    expect: Expect


class Dialogue(BaseModel):
    """Turns of one conversation, in order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Text
    turns: tuple[DialogueTurn, ...]

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.turns:
            raise ValueError("a dialogue needs at least one turn")
        return self


Item = TypeVar("Item", Question, Dialogue)


def read_questions(path: Path) -> tuple[Question, ...]:
    """Return the questions of a JSON Lines file.

    Raises BrokenBenchmark for a line that is not a question, FileNotFoundError where there is no file.
    """
    return _read(path, Question)


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Return the dialogues of a JSON Lines file; raises as `read_questions` does."""
    return _read(path, Dialogue)


def _read(path: Path, model: type[Item]) -> tuple[Item, ...]:
    items: list[Item] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                items.append(_parse(line, f"{path.name}:{number}", model))
                _refuse_repeated(items, f"{path.name}:{number}")
    if not items:
        raise BrokenBenchmark(f"{path.name}: holds no {model.__name__.lower()}")
    return tuple(items)


def _parse(line: str, where: str, model: type[Item]) -> Item:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BrokenBenchmark(f"{where}: {key + ': ' if key else ''}{first['msg']}") from error


def _refuse_repeated(items: Sequence[Question] | Sequence[Dialogue], where: str) -> None:
    # Ids may repeat between kinds (the development benchmark's do); the very same item must not.
    if items[-1] in items[:-1]:
        raise BrokenBenchmark(f"{where}: the very same item {items[-1].id} stands twice")
