"""Training text that the repository does not hold: official text and real questions, from a folder of data.

The folder is laid out as ../shared/data: `catalogue/merged_procedures.jsonl.gz` (fields code, steps,
conditions) and `questions/portal_faq_dev.jsonl` (fields question, expected_codes); each is optional.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.search.pairs import Extra
from procedures_kb.catalogue import Catalogue
from vietnamese import normalise

TEXTS = Path("catalogue") / "merged_procedures.jsonl.gz"
QUESTIONS = Path("questions") / "portal_faq_dev.jsonl"
_SPLIT = "portal-2026:"


class NoExtraText(FileNotFoundError):
    """The folder holds neither official text nor questions; the message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """A real question with the codes that answer it."""

    text: str
    codes: tuple[str, ...]


def held_out(question: str) -> bool:
    """Return whether a question is kept from training, for validation: half of them, by a fixed hash."""
    return int(hashlib.sha256((_SPLIT + question).encode()).hexdigest(), 16) % 2 == 0


def read_questions(folder: Path) -> Iterator[Question]:
    """Yield the questions of `folder`; nothing where it has none."""
    file = folder / QUESTIONS
    if file.is_file():
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield Question(row["question"], tuple(row["expected_codes"]))


def read_extra(folder: Path, catalogue: Catalogue) -> Extra:
    """Return what `folder` adds to the training of `catalogue`, without the questions held out.

    Raises NoExtraText where the folder has neither file.
    """
    if not any((folder / part).is_file() for part in (TEXTS, QUESTIONS)):
        raise NoExtraText(f"{folder} has neither {TEXTS} nor {QUESTIONS}")
    questions: dict[str, list[str]] = defaultdict(list)
    for question in read_questions(folder):
        if not held_out(question.text):
            for family in _families(question.codes, catalogue):
                questions[family].append(normalise(question.text))
    texts: dict[str, list[str]] = defaultdict(list)
    for code, text in _official(folder):
        for family in _families((code,), catalogue):
            texts[family].append(text)
    return Extra({k: tuple(v) for k, v in texts.items()}, {k: tuple(v) for k, v in questions.items()})


def _families(codes: tuple[str, ...], catalogue: Catalogue) -> list[str]:
    found = [catalogue.by_code[code].family for code in codes if code in catalogue.by_code]
    return list(dict.fromkeys(found))


def _official(folder: Path) -> Iterator[tuple[str, str]]:
    file = folder / TEXTS
    if file.is_file():
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                text = " ".join(str(row.get(part) or "") for part in ("steps", "conditions"))
                yield row["code"], normalise(text)
