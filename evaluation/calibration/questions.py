"""The calibration questions: of search (ours, and half of the portal's where at hand), and of citizens.

`citizen_*.jsonl` are of the form of a benchmark, so that `troly eval --questions F` measures them too. They
were written from situations, not from lay names; `drawn` says at which level the family was drawn by lot.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import ConfigDict, ValidationError

from bot.search.extra import held_out, read_questions
from evaluation.calibration.authors import AuthorKind, author_questions
from evaluation.questions import BrokenBenchmark, Kind, Question, Text
from procedures_kb.catalogue import Catalogue

DEV = Path(__file__).parent / "search_dev.jsonl"
CITIZENS = tuple(
    Path(__file__).parent / f"citizen_{kind}.jsonl"
    for kind in (Kind.FIND, Kind.ASPECT, Kind.AMBIGUOUS, Kind.ABSENT, Kind.OUT_OF_SCOPE)
)
ROOT = Path(__file__).parents[2]
_SHORTEST = 3
_AUTHORS = {
    AuthorKind.FIND: "others",
    AuthorKind.ASPECT: "others",
    AuthorKind.ODD: "odd",
    AuthorKind.AMBIGUOUS: "others ambiguous",
    AuthorKind.OUT_OF_SCOPE: "out",
}
_NAMES = {Kind.FIND: "citizen", Kind.OUT_OF_SCOPE: "out"}


class Style(StrEnum):
    """How a question is typed."""

    PLAIN = "plain"
    SHORT = "short"
    LONG = "long"
    UNACCENTED = "unaccented"
    TYPO = "typo"
    DIALECT = "dialect"
    TEENCODE = "teencode"


class Drawn(StrEnum):
    """Where the question's family comes from: drawn by lot at a level, or thought of by the writer."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"
    OTHER = "other"
    OWN = "own"


class CitizenQuestion(Question):
    """A question of the citizens' set: as in a benchmark, with the style, the draw and why it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    style: Style
    note: Text
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question: its kind (lay, rare, portal, absent, out) and the families that answer it."""

    text: str
    kind: str
    families: frozenset[str]


def shared_data() -> Path:
    """Return the folder of the shared data: TROLY_SHARED, else ../shared beside the repository."""
    return Path(os.environ.get("TROLY_SHARED", ROOT.parent / "shared")) / "data"


def cases(catalogue: Catalogue, data: Path | None = None) -> list[Case]:
    """Return our own cases, then the portal's held-out ones where the shared data is there."""
    found = []
    for line in DEV.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.append(Case(row["question"], row["kind"], _families(row["codes"], catalogue)))
    for question in read_questions(data or shared_data()):
        families = _families(question.codes, catalogue)
        if families and held_out(question.text):
            found.append(Case(question.text, "portal", families))
    return found


def citizen_questions() -> tuple[CitizenQuestion, ...]:
    """Return the citizens' questions, kind after kind. Raises BrokenBenchmark for a line that is not one."""
    found: list[CitizenQuestion] = []
    for file in CITIZENS:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(CitizenQuestion.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                raise BrokenBenchmark(f"{file.name}:{number}: {first['loc']}: {first['msg']}") from error
    return tuple(found)


def citizen_cases(catalogue: Catalogue) -> list[Case]:
    """Return the citizens' questions as cases: of kind citizen, aspect, ambiguous, absent, out."""
    return [
        Case(
            question.text, _NAMES.get(question.kind, question.kind.value), _families(question.gold, catalogue)
        )
        for question in citizen_questions()
    ]


def author_cases(catalogue: Catalogue) -> list[Case]:
    """Return the first half of the four authors' questions that name their subject."""
    return [
        Case(question.text, _AUTHORS[question.kind], _families(question.codes, catalogue))
        for question in author_questions()
        if question.half == "tune" and not question.in_hand
    ]


def _families(codes: list[str] | tuple[str, ...], catalogue: Catalogue) -> frozenset[str]:
    return frozenset(catalogue.by_code[code].family for code in codes if code in catalogue.by_code)


def typos(text: str) -> str:
    """Return `text` with a slip of the keyboard in about every sixth word, the same each time.

    Written apart from the noise of training, so that the measurement is not of the noise trained on.
    """
    rng = random.Random(hashlib.sha256(text.encode()).hexdigest())
    words = text.split()
    for _ in range(max(1, len(words) // 6)):
        at = rng.randrange(len(words))
        word = words[at]
        if len(word) < _SHORTEST:
            continue
        cut = rng.randrange(len(word) - 1)
        kind = rng.random()
        if kind < 0.4:
            words[at] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
        elif kind < 0.7:
            words[at] = word[:cut] + word[cut + 1 :]
        else:
            words[at] = word[:cut] + word[cut] + word[cut:]
    return " ".join(words)
