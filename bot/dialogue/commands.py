"""What is understood without any model: slash commands, the keys of buttons, the digits of the last menu."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.dialogue.decision import Mark, Move
from bot.dialogue.state import Aspect, ConversationState
from procedures_kb.model import CODE_PATTERN
from procedures_kb.yaml_files import read_yaml
from vietnamese import fold

MAX_CHOICES = 12
_CODE = re.compile(rf"(?<![\d.]){CODE_PATTERN}(?![\d])")
_WORD = re.compile(r"[^\W_]+")
# "H56.17.34-251120-0001", "000.00.17.H56-251120-0001"
_DOSSIER = re.compile(r"\b(?:[A-Z]?\d{1,3}\.){2,}[A-Z]?\d{1,3}-\d{6}-\d{3,6}\b", re.IGNORECASE)


class Kind(StrEnum):
    """What a button's key asks for."""

    PICK = "pick"
    ASPECT = "aspect"
    GUIDE = "guide"
    RESUME = "resume"  # a guide that was begun
    OPTION = "option"  # an answer to a guide's question: "phone.android"
    CHECK = "check"  # the check of a procedure's dossier
    MARK = "mark"  # a move in it: "have", "case.hospital"
    MOVE = "move"
    CASE = "case"  # a case of the card of the procedure in hand
    EVENT = "event"  # a life event
    SAY = "say"  # one of the simple turns: menu, none, human, centre, track, erase, start, helper


@dataclass(frozen=True, slots=True)
class Command:
    """A parsed key: `pick:1.001193`, `aspect:fee`, `guide:vneid_install`, `move:next`, `say:menu`."""

    kind: Kind
    value: str

    @property
    def payload(self) -> str:
        """The key that a button sends back."""
        return f"{self.kind.value}:{self.value}"


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    slash: dict[str, str]
    ordinals: dict[str, int]
    choosing: tuple[str, ...]
    first: tuple[str, ...]
    previous: tuple[str, ...]
    correction: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]
    marks: dict[Mark, tuple[str, ...]]
    resume_check: tuple[str, ...]
    resume_guide: tuple[str, ...]
    before_answers: tuple[str, ...]
    after_answers: tuple[str, ...]


@lru_cache(maxsize=1)
def words() -> _Words:
    """Read `commands.yaml`. Raises pydantic.ValidationError, naming the key, for a wrong value."""
    return _Words.model_validate(read_yaml(Path(__file__).with_name("commands.yaml")))


def parse_payload(payload: str) -> Command | None:
    """Return the command of a button's key; None for one that we never gave."""
    kind, _, value = payload.partition(":")
    if kind not in set(Kind):
        return None
    allowed: dict[Kind, set[str]] = {Kind.ASPECT: set(Aspect), Kind.MOVE: set(Move), Kind.MARK: set(Mark)}
    named = value.partition(".")[0] if kind == Kind.MARK else value
    if not value or named not in allowed.get(Kind(kind), {named}):
        return None
    return Command(Kind(kind), value)


def parse_slash(text: str) -> Command | None:
    """Return the command of "/xoa" and the like; None where the text is no command of ours."""
    said = words().slash.get(fold(text.strip()).removesuffix("."))
    return Command(Kind.SAY, said) if said else None


def parse_choice(text: str, state: ConversationState) -> Command | None:
    """Return what a typed digit or ordinal stands for in the last menu; None where it stands for nothing."""
    if not state.menu:
        return None
    table = words()
    said = " ".join(_WORD.findall(fold(text)))
    for opening in table.choosing:
        said = said.removeprefix(f"{opening} ")
    number = int(said) if said.isdecimal() and len(said) <= 2 else table.ordinals.get(said)
    if number is None or not 1 <= number <= len(state.menu):
        return None
    return parse_payload(state.menu[number - 1].payload)


def parse_mark(text: str) -> Mark | None:
    """Return the answer that the whole of `text` gives in the check of a dossier; None for anything else."""
    for said in (" ".join(_WORD.findall(fold(text))), bare_answer(text)):
        for mark, phrases in words().marks.items():
            if said in phrases:
                return mark
    return None


def bare_answer(text: str) -> str:
    """Return `text` folded, without the courtesy around a short answer ("dạ tôi dùng … ạ")."""
    said = " ".join(_WORD.findall(fold(text)))
    table = words()
    while shorter := _without_edges(said, table.before_answers, table.after_answers):
        said = shorter
    return said


def _without_edges(said: str, before: tuple[str, ...], after: tuple[str, ...]) -> str | None:
    """Return `said` without one word of courtesy at an edge; None where there is none, or nothing else."""
    for word in before:
        if said.startswith(f"{word} "):
            return said.removeprefix(f"{word} ")
    for word in after:
        if said.endswith(f" {word}"):
            return said.removesuffix(f" {word}")
    return None


def procedure_codes(text: str) -> tuple[str, ...]:
    """Return the procedure codes that stand in `text`, in their order."""
    return tuple(match.group() for match in _CODE.finditer(text))


def names_dossier(text: str) -> bool:
    """Return whether `text` holds the code of a dossier."""
    return _DOSSIER.search(text) is not None


def mentions(text: str, phrases: tuple[str, ...]) -> bool:
    """Return whether one of `phrases` (folded) stands in `text` on syllable boundaries."""
    padded = f" {' '.join(_WORD.findall(fold(text)))} "
    return any(f" {phrase} " in padded for phrase in phrases)


def without(text: str, openings: tuple[str, ...]) -> str | None:
    """Return what follows one of `openings` (folded) at the beginning of `text`, folded; None for none."""
    said = " ".join(_WORD.findall(fold(text)))
    found = (opening for opening in openings if said.startswith(f"{opening} "))
    longest = max(found, key=len, default=None)
    return None if longest is None else said.removeprefix(f"{longest} ")


def named_level(text: str) -> str | None:
    """Return the level that `text` names ("commune", "province", "ministry"), None for none or several."""
    found = [level for level, phrases in words().levels.items() if mentions(text, phrases)]
    return found[0] if len(found) == 1 else None
