"""How much keywords alone hear, on sentences that were written before their phrases were."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from bot.nlu.keywords import Keywords
from bot.search.extra import held_out

KEYWORDS = Keywords.load()
MOVES = Path(__file__).with_name("guide_moves.tsv")
ASPECTS = Path(__file__).parents[3] / "evaluation" / "calibration" / "aspects.jsonl"
# Held-out halves, 2026-11-22: moves .976 (before: .14), aspects .957 (before: .739).
LEAST_MOVES = 0.95
LEAST_ASPECTS = 0.93


def _moves() -> list[tuple[str, str]]:
    lines = [line for line in MOVES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(row["intent"], row["text"]) for row in csv.DictReader(lines, delimiter="\t")]


def _share(right: list[bool]) -> float:
    return sum(right) / len(right)


def test_moves_are_heard_without_a_model() -> None:
    heard = [KEYWORDS.intent(text) == intent for intent, text in _moves() if held_out(text)]
    assert _share(heard) >= LEAST_MOVES


@pytest.mark.parametrize("intent", sorted({intent for intent, _ in _moves()}))
def test_each_move_is_hardly_ever_taken_for_another(intent: str) -> None:
    said = Counter(KEYWORDS.intent(text) for name, text in _moves() if name == intent)
    assert said[intent] >= 0.8 * said.total()
    assert said.total() - said[intent] - said[None] <= 1


def test_aspects_are_heard_exactly() -> None:
    rows = [json.loads(line) for line in ASPECTS.read_text(encoding="utf-8").splitlines()]
    heard = [_aspects(row["text"]) == set(row["aspects"]) for row in rows if held_out(row["text"])]
    assert _share(heard) >= LEAST_ASPECTS


def _aspects(text: str) -> set[str]:
    """Return what the policy would answer with keywords alone."""
    weak = () if KEYWORDS.residue(text) else KEYWORDS.weak_aspects(text)
    return {aspect.value for aspect in KEYWORDS.aspects(text) or weak}
