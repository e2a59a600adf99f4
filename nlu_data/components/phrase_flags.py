"""The phrases of `bot/nlu/keywords.yaml` as features: which fire, and what the text holds beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.phrases import Phrase, PhraseIndex, Sentence
from vietnamese import fold

_MOST_COUNTED = 4


def read_phrases(path: Path) -> dict[str, Any]:
    """Return the phrases of `path` by label, and its lists of words, as plain JSON data."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    labels: dict[str, list[list[Any]]] = {}
    for prefix in ("aspects", "intents", "emergency"):
        for label, entries in data[prefix].items():
            for entry in entries:
                name = f"{prefix} {label}{' weak' if entry.get('weak') else ''}"
                only = bool(entry.get("accented_only"))
                labels.setdefault(name, []).extend([phrase, only] for phrase in entry["phrases"])
    return {
        "labels": labels,
        "shields": data["shields"],
        "subjects": data["shields"] + data["subjects"],
        "calm": data["calm"],
        "noise": data["noise"]["words"].split() + data["noise"]["phrases"],
        "polite": data["polite"].split(),
    }


@dataclass(frozen=True)
class PhraseFlags:
    """Phrases ready to be found; immutable."""

    labels: PhraseIndex[str]
    subjects: PhraseIndex[bool]
    calm: PhraseIndex[bool]
    noise: PhraseIndex[bool]
    polite: frozenset[str]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> PhraseFlags:
        """Return the flags of what `read_phrases` gives."""
        labelled = [
            (Phrase.of(phrase, only), label)
            for label, phrases in data["labels"].items()
            for phrase, only in phrases
        ]
        return cls(
            PhraseIndex([(Phrase.of(phrase), "") for phrase in data["shields"]] + labelled),
            *(
                PhraseIndex((Phrase.of(phrase), True) for phrase in data[key])
                for key in ("subjects", "calm", "noise")
            ),
            frozenset(map(fold, data["polite"])),
        )

    def find(self, text: str, known: Set[str]) -> Iterator[str]:
        """Yield the flags of `text`; `known` are its folded syllables that stand in names of procedures.

        A label fires alone, together with what is left of the text (nothing, known things, unknown things),
        and as the whole where only politeness stands around it.
        """
        sentence = Sentence.of(text)
        matches = self.labels.longest(sentence)
        said = {place for match in matches if match.value for place in match.fixed}
        subjects = {place for match in self.subjects.find(sentence) for place in match.fixed}
        idle = {place for match in self.noise.find(sentence) for place in match.fixed} - subjects
        left = [unit for place, unit in enumerate(sentence.folded) if place not in said | idle]
        rest = _kind(left, known)
        whole = all(p in said or unit in self.polite for p, unit in enumerate(sentence.folded))
        labels = {match.value for match in matches if match.value}
        for label in labels:
            yield label
            yield f"{label} | {rest}"
            if whole:
                yield f"{label} | whole"
        yield f"{'some' if labels else 'no'} phrase | {rest} {min(len(left), _MOST_COUNTED)}"
        if self.calm.any(sentence):
            yield "calm"


def _kind(left: list[str], known: Set[str]) -> str:
    if not left:
        return "nothing"
    inside = sum(unit in known for unit in left)
    return "known" if inside == len(left) else "mostly known" if 2 * inside >= len(left) else "unknown"
