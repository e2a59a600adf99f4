"""No procedure's name, official or lay, with accents or without, is taken for an alarm or a complaint."""

from __future__ import annotations

import pytest

from bot.nlu.keywords import Keywords
from procedures_kb import lay_names
from procedures_kb.catalogue import load
from vietnamese import fold

KEYWORDS = Keywords.load()
TALK = {
    "feedback",
    "complaint_extra_papers",
    "human",
    "scam_check",
    "track_dossier",
    "delete_data",
    "emergency",
}


@pytest.fixture(scope="module")
def names() -> list[str]:
    said = [name for entry in lay_names.load() for name in entry.names]
    written = [name for p in load() for name in {p.name, p.short_name}]
    return [*said, *written]


@pytest.mark.slow
def test_no_name_is_an_emergency(names: list[str]) -> None:
    assert [name for name in names if KEYWORDS.emergency(name) or KEYWORDS.emergency(fold(name))] == []


@pytest.mark.slow
def test_no_name_is_talk(names: list[str]) -> None:
    wrong = [name for name in names if {KEYWORDS.intent(name), KEYWORDS.intent(fold(name))} & TALK]
    assert wrong == []
