"""What citizens ask for and the catalogue does not have: reviewed subjects, with who usually handles each.

A search finds some near procedure for any known word. Where the words are known and the thing is not ours
("visa đi Nhật"), this list says so before the search is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures_kb.beyond_phrases import Pattern, PatternIndex, SlotWords
from procedures_kb.event_words import Units, Words
from procedures_kb.model import Code, Record, Text
from procedures_kb.yaml_files import read_model

BEYOND = Path(__file__).parent / "data" / "beyond"
WORDS = "_words.yaml"
EVERY = "every subject"  # whose `unless` holds for all

Shown = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=90, pattern=r"[^.!?]$")
]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,39}$")]
Phrases = Annotated[tuple[Text, ...], Field(min_length=3, max_length=15)]


class BrokenBeyond(ValueError):
    """A file of `data/beyond/` that cannot be served; the message names the file and the reason."""


class Subject(Record):
    """A thing that no procedure of ours serves.

    `subject` and `who` are shown, and fit into a sentence ("về {subject}", "hãy hỏi {who}"); nobody is
    `who` where we know of no office that gives it. `phrases` are how people ask for it, `unless` words that
    make it a procedure of ours after all, `near` our procedures that it is often mistaken for.
    """

    id: Id
    subject: Shown
    who: Shown | None = None
    phrases: Phrases
    unless: tuple[Text, ...] = ()
    near: Annotated[tuple[Code, ...], Field(max_length=3)] = ()


class Theme(Record):
    """One file: subjects of a kind, and what no phrase of any of them may stand beside."""

    unless: tuple[Text, ...] = ()
    subjects: Annotated[tuple[Subject, ...], Field(min_length=1)]


class BeyondWords(Record):
    """The words file: what each slot stands for, and the words that make anything a procedure of ours."""

    unless: tuple[Text, ...] = ()
    slots: Mapping[str, Words] = {}


@dataclass(frozen=True, slots=True)
class BeyondMatch:
    """A subject that a sentence asks for.

    `said` are the folded syllables from the phrase's first to its last, gaps among them; `span` are their
    places [start, end) among the syllables of the sentence, short forms written out.
    """

    subject: Subject
    said: tuple[str, ...]
    span: tuple[int, int]


@dataclass(frozen=True)
class Beyond:
    """All subjects, by theme (the stem of the file), and the `words` that their phrases are read with.

    Raises BrokenBeyond, naming the subject, for a phrase that cannot be found: at `patterns`, so at `load`.
    """

    themes: Mapping[str, Theme]
    words: BeyondWords

    @cached_property
    def by_id(self) -> Mapping[str, Subject]:
        """Each subject under its id, in the order of the files."""
        return {subject.id: subject for theme in self.themes.values() for subject in theme.subjects}

    def match(self, text: str) -> BeyondMatch | None:
        """Return the subject of the phrase in `text` that says most; None where none stands in it.

        A sentence of accents must hold the phrase's own; one that is typed without them, in whole or where
        the phrase stands, need not. A subject is passed over where any word of its `unless` stands in `text`.
        """
        return self.match_units(Units.of(text))

    def match_units(self, units: Units) -> BeyondMatch | None:
        """Return what `match` does for a text that is read already."""
        hits = self._phrases.find(units)
        if not hits:
            return None
        ours = {hit.owner for hit in self._unless.find(units)}
        for hit in sorted(hits, key=lambda hit: (-hit.weight, hit.end - hit.start)):
            if ours.isdisjoint((EVERY, self._theme_of[hit.owner], hit.owner)):
                return BeyondMatch(
                    self.by_id[hit.owner], units.folded[hit.start : hit.end], (hit.start, hit.end)
                )
        return None

    @cached_property
    def patterns(self) -> tuple[tuple[Pattern, str], ...]:
        """Every phrase as it is found, with the id of its subject."""
        subjects = self.by_id.values()
        return tuple(pair for subject in subjects for pair in self._read(subject.id, subject.phrases))

    @cached_property
    def exceptions(self) -> tuple[tuple[Pattern, str], ...]:
        """Every `unless` as it is found, with the id of its subject, the name of its theme, or EVERY."""
        owners = [(EVERY, self.words.unless)]
        owners += [(name, theme.unless) for name, theme in self.themes.items()]
        owners += [(subject.id, subject.unless) for subject in self.by_id.values()]
        return tuple(pair for owner, texts in owners for pair in self._read(owner, texts, least=1))

    def _read(self, owner: str, texts: tuple[str, ...], least: int = 2) -> Iterator[tuple[Pattern, str]]:
        try:
            yield from ((Pattern.of(text, self._slots.names, least), owner) for text in texts)
        except ValueError as error:
            raise BrokenBeyond(f"{owner}: {error}") from error

    @cached_property
    def _slots(self) -> SlotWords:
        return SlotWords(self.words.slots)

    @cached_property
    def _phrases(self) -> PatternIndex[str]:
        return PatternIndex(self.patterns, self._slots)

    @cached_property
    def _unless(self) -> PatternIndex[str]:
        return PatternIndex(self.exceptions, self._slots)

    @cached_property
    def _theme_of(self) -> Mapping[str, str]:
        return {subject.id: name for name, theme in self.themes.items() for subject in theme.subjects}


def load(folder: Path = BEYOND) -> Beyond:
    """Read every theme of `folder` in the order of the names, and its words file.

    Raises BrokenBeyond, naming the file or the subject and the reason.
    """
    words = read_model(folder / WORDS, BeyondWords, BrokenBeyond)
    files = sorted(file for file in folder.glob("*.yaml") if file.name != WORDS)
    themes = {file.stem: read_model(file, Theme, BrokenBeyond) for file in files}
    owners: dict[str, str] = {}
    for name, theme in themes.items():
        for subject in theme.subjects:
            if subject.id in owners or subject.id in themes:
                where = f"{owners[subject.id]}.yaml" if subject.id in owners else "the name of a file"
                raise BrokenBeyond(f"{name}.yaml: {subject.id} is {where} too: choose another id")
            owners[subject.id] = name
    known = Beyond(themes, words)
    _ = known.patterns, known.exceptions  # a phrase that cannot be found stops the start, not a conversation
    return known
