"""Checks `data/beyond/` against the catalogue: nothing that we serve may be called beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from procedures_kb.beyond import Beyond, BeyondMatch, Subject
from procedures_kb.beyond_phrases import GAP, SLOT
from procedures_kb.catalogue import Catalogue
from procedures_kb.event_words import Units
from procedures_kb.lay_names import LayName
from vietnamese import fold


@dataclass(frozen=True, slots=True)
class BeyondCounts:
    """How much the list holds."""

    subjects: int
    phrases: int
    exceptions: int

    @classmethod
    def of(cls, beyond: Beyond) -> BeyondCounts:
        """Return the counts of `beyond`."""
        return cls(len(beyond.by_id), len(beyond.patterns), len(beyond.exceptions))


def wrongs(beyond: Beyond, catalogue: Catalogue, lay_names: Iterable[LayName]) -> Iterator[tuple[str, str]]:
    """Yield each place of the list that is wrong, with the reason.

    A subject that a title or a lay name of the catalogue starts, typed with or without accents, a code of
    `near` that cannot be served, a phrase of two subjects, and what is not written as it is read.
    """
    yield from _unread(beyond)
    yield from _twice(beyond)
    for subject in beyond.by_id.values():
        for code in subject.near:
            if not catalogue.may_serve(code):
                yield f"{subject.id}.near", f"{code}: the catalogue has no such procedure to serve"
    for code, name in names(catalogue, lay_names):
        if (match := blocks(beyond, name)) is not None:
            said = " ".join(match.said)
            yield f"{match.subject.id}.phrases", f"{said!r} stands in a name of {code}: {name!r}"


def names(catalogue: Catalogue, lay_names: Iterable[LayName]) -> Iterator[tuple[str, str]]:
    """Yield every title and lay name of what may be served, each once, with its code."""
    seen: set[str] = set()
    official = ((p.code, text) for p in catalogue for text in (p.name, p.short_name))
    lay = ((entry.code, text) for entry in lay_names for text in entry.names)
    for code, text in (*official, *lay):
        if text not in seen and catalogue.may_serve(code):
            seen.add(text)
            yield code, text


def blocks(beyond: Beyond, name: str) -> BeyondMatch | None:
    """Return what keeps `name` from being found, as it stands or typed without accents; else None."""
    units = Units.of(name)  # once: writing short forms out is what takes the time
    return beyond.match_units(units) or beyond.match_units(Units(units.folded, units.folded))


def _unread(beyond: Beyond) -> Iterator[tuple[str, str]]:
    """Yield each phrase and word that is not written as a sentence is read."""
    for place, text in _texts(beyond):
        plain = " ".join(step for step in text.split() if step != GAP and not SLOT.fullmatch(step))
        read = " ".join(Units.of(plain).written)
        if plain != read:
            yield place, f"{text!r} is read {read!r}: write it so"


def _texts(beyond: Beyond) -> Iterator[tuple[str, str]]:
    yield from (("_words.unless", text) for text in beyond.words.unless)
    yield from ((f"_words.{slot}", text) for slot, texts in beyond.words.slots.items() for text in texts)
    for name, theme in beyond.themes.items():
        yield from ((f"{name}.unless", text) for text in theme.unless)
        for subject in theme.subjects:
            yield from ((f"{subject.id}.phrases", text) for text in subject.phrases)
            yield from ((f"{subject.id}.unless", text) for text in subject.unless)


def _twice(beyond: Beyond) -> Iterator[tuple[str, str]]:
    owners: dict[str, Subject] = {}
    for subject in beyond.by_id.values():
        for text in subject.phrases:
            other = owners.setdefault(fold(text), subject)
            if other is not subject:
                yield f"{subject.id}.phrases", f"{text!r} stands in {other.id} too"
        folded = [fold(text) for text in subject.phrases]
        for text in sorted({text for text in folded if folded.count(text) > 1}):
            yield f"{subject.id}.phrases", f"{text!r} stands in it twice"
