"""The validation questions of search: ours (committed), and half of the portal's (where at hand)."""

from __future__ import annotations

import hashlib
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

from bot.search.extra import held_out, read_questions
from procedures_kb.catalogue import Catalogue

DEV = Path(__file__).parent / "search_dev.jsonl"
ROOT = Path(__file__).parents[2]
_SHORTEST = 3


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
