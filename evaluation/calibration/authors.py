"""Questions of four authors who saw nothing of our data (2026-11-22), dealt into two halves by a hash.

Thresholds, keywords and lay names may be set with an eye on the first half; of the second (`held_out`) only
figures are looked at.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.dialogue.state import Aspect
from bot.search.extra import held_out
from evaluation.questions import BrokenBenchmark, Text

AUTHORS = Path(__file__).with_name("authors.jsonl")
HALVES = {False: "tune", True: "report"}


class AuthorKind(StrEnum):
    """What a question is for; `odd`: in scope, told in an odd way; `find`: needs no question back."""

    ASPECT = "aspect"
    FIND = "find"
    ODD = "odd"
    AMBIGUOUS = "ambiguous"
    OUT_OF_SCOPE = "out_of_scope"


class AuthorQuestion(BaseModel):
    """One question: `codes` are all that answer it; `in_hand`, that the first one is talked of already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    author: str
    kind: AuthorKind
    text: Text
    codes: tuple[str, ...] = ()
    aspect: Aspect | None = None
    in_hand: bool = False
    sub: str | None = None

    @property
    def half(self) -> str:
        """The half that it is dealt into."""
        return HALVES[held_out(self.text)]


@cache
def author_questions(file: Path = AUTHORS) -> tuple[AuthorQuestion, ...]:
    """Return all questions. Raises BrokenBenchmark for a line that is not one."""
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(AuthorQuestion.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            raise BrokenBenchmark(f"{file.name}:{number}: {first['loc']}: {first['msg']}") from error
    return tuple(found)
