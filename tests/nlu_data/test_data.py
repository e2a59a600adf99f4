"""The data keeps its promises: how much of it there is, and which communes it names."""

from __future__ import annotations

import csv
from collections import Counter

from bot.nlu.corpus import load_corpus
from bot.nlu.project import Project
from vietnamese import fold, normalise

PROJECT = Project.here()
CORPUS = load_corpus(PROJECT)
UNITS = PROJECT.root / "procedures_kb" / "data" / "centres" / "communes" / "units" / "thanh_hoa.tsv"
LEAST = {
    "find_procedure": 150,
    "emergency": 70,
    "scam_check": 60,
    "complaint_extra_papers": 60,
    "track_dossier": 60,
    "ask_centre": 60,
    "human": 60,
    "feedback": 60,
    "delete_data": 50,
    "guide_restart": 150,
    "guide_skip": 150,
    "check_dossier": 150,
    "helper_mode": 150,
    "out_of_scope": 500,
}


def _least(intent: str) -> int:
    if intent in LEAST:
        return LEAST[intent]
    return 70 if intent.startswith("ask_") else 60


def present_communes() -> set[str]:
    lines = [line for line in UNITS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row["new_name"] for row in csv.DictReader(lines, delimiter="\t")}


def test_every_intent_has_enough_source_sentences() -> None:
    count = Counter(example.intent for example in CORPUS.examples)
    assert {intent: n for intent, n in count.items() if n < _least(intent)} == {}


def test_a_sentence_stands_under_one_intent() -> None:
    intents: dict[str, set[str]] = {}
    for example in CORPUS.examples:
        intents.setdefault(normalise(example.text).lower(), set()).add(example.intent)
    assert {text for text, found in intents.items() if len(found) > 1} == set()


def test_lookup_holds_the_present_communes() -> None:
    assert set(dict(CORPUS.lookups)["commune"]) == present_communes()


def test_marked_communes_are_present_ones() -> None:
    present = {fold(name) for name in present_communes()}
    marked = {name for example in CORPUS.examples for name in example.names("commune")}
    assert {name for name in marked if fold(name) not in present} == set()
    assert len(marked) >= 40
