"""Marks: what tells a procedure from its siblings (`data/actions.yaml`), in its name and in a question.

"Cấp lại" and "có yếu tố nước ngoài" are a few syllables of a long name, and the halves of search hardly
weigh them. So a name that has a mark gains where the question cues it ("bị mất", "lấy vợ Đài Loan"), and
loses where it does not. A name of several actions at once ("Cấp mới, cấp lại …") loses nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.search.analysis import Analysed, analyse_record
from bot.search.bm25 import Floats
from bot.search.corpus import Corpus
from procedures_kb.yaml_files import read_model
from vietnamese import fold, syllables

ACTIONS = Path(__file__).parent / "data" / "actions.yaml"
_Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Mark(BaseModel):
    """One mark: phrases of names that have it, phrases of questions that cue it, and phrases that do not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[tuple[_Phrase, ...], Field(min_length=1)]
    cues: Annotated[tuple[_Phrase, ...], Field(min_length=1)]
    unlike: tuple[_Phrase, ...] = ()


class Marks(BaseModel):
    """The data file: actions (what is done), special cases (for whom, where), and how plain names begin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actions: dict[str, Mark]
    special: dict[str, Mark]
    plain: tuple[_Phrase, ...]

    @property
    def every(self) -> tuple[Mark, ...]:
        """The marks in the order of their numbers: actions, then special cases."""
        return (*self.actions.values(), *self.special.values())


@dataclass(frozen=True, slots=True)
class MarkWeights:
    """In z units (`ranking.yaml`): what a mark gains that the question cues, and loses that it does not.

    A family gains or loses once for its actions and once for its special cases, however many it has.
    """

    action_cued: float = 0.0
    action_uncued: float = 0.0
    special_cued: float = 0.0
    special_uncued: float = 0.0


@lru_cache(maxsize=4)
def load_marks(file: Path = ACTIONS) -> Marks:
    """Read the marks. Raises ValueError where the file is not as the schema says."""
    return read_model(file, Marks, ValueError)


@dataclass(frozen=True)
class Phrases:
    """Phrases to look for, by their first folded syllable; each with the number of what it stands for."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]]) -> Phrases:
        """Number the groups from 0."""
        found: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
        for number, phrases in enumerate(groups):
            for phrase in phrases:
                words = tuple(syllables(phrase))
                found[fold(words[0])].append((words, number))
        return cls({first: tuple(rest) for first, rest in found.items()})

    def find(self, text: Analysed) -> Iterator[tuple[int, range]]:
        """Yield each number found with the places of its syllables.

        A text with accents must have the right ones ("kem" is no "kèm"); one without any may have lost them.
        """
        bare = text.accented == text.folded
        for at, first in enumerate(text.folded):
            for words, number in self.by_first.get(first, ()):
                places = range(at, at + len(words))
                typed = text.accented[at : places.stop]
                if typed == words or (bare and typed == tuple(map(fold, words))):
                    yield number, places


@dataclass(frozen=True, slots=True)
class TitleMarks:
    """What stands in one title: the numbers of its marks, and whether it begins as plain names do."""

    found: tuple[int, ...]
    plain: bool


@dataclass(frozen=True)
class FamilyMarks:
    """The marks of every family: `cued` and `uncued` have shape (families, marks), 1 where it gains or loses.

    The first `actions` marks are actions, the others special cases. `titles` are what they were made of.
    """

    cues: Phrases = field(repr=False)
    unlike: Phrases = field(repr=False)
    cued: Floats = field(repr=False)
    uncued: Floats = field(repr=False)
    actions: int
    titles: tuple[TitleMarks, ...] = field(repr=False)

    @classmethod
    def of(cls, corpus: Corpus, marks: Marks | None = None) -> FamilyMarks:
        """Read the marks of the first title of every family of `corpus`."""
        marks = marks or load_marks()
        names = Phrases.of(mark.name for mark in marks.every)
        plain = Phrases.of([marks.plain])
        titles = []
        for text in corpus.families:
            title = analyse_record(text.titles[0])
            found = sorted({number for number, _ in names.find(title)})
            titles.append(TitleMarks(tuple(found), any(p.start == 0 for _, p in plain.find(title))))
        return cls.of_titles(titles, marks)

    @classmethod
    def of_titles(cls, titles: Sequence[TitleMarks], marks: Marks | None = None) -> FamilyMarks:
        """Return the marks of families whose first titles were read already."""
        marks = marks or load_marks()
        every = marks.every
        cued = np.zeros((len(titles), len(every)), dtype=np.float32)
        uncued = np.zeros_like(cued)
        for at, title in enumerate(titles):
            for number in title.found:
                cued[at, number] = uncued[at, number] = 1.0
            if title.plain:
                uncued[at, : len(marks.actions)] = 0.0
        phrases = (Phrases.of(mark.cues for mark in every), Phrases.of(mark.unlike for mark in every))
        return cls(*phrases, cued, uncued, len(marks.actions), tuple(titles))

    def cues_of(self, question: Analysed) -> Floats:
        """Return 1 for each mark that `question` cues, shape (marks,)."""
        found = np.zeros(self.cued.shape[1], dtype=np.float32)
        barred: dict[int, set[int]] = defaultdict(set)
        for number, places in self.unlike.find(question):
            barred[number].update(places)
        for number, places in self.cues.find(question):
            if barred[number].isdisjoint(places):
                found[number] = 1.0
        return found

    def shift(self, question: Analysed, families: NDArray[np.intp], weights: MarkWeights) -> Floats:
        """Return what each of `families` gains or loses, in their order."""
        cues, cued, uncued = self.cues_of(question), self.cued[families], self.uncued[families]
        out = np.zeros(len(families), dtype=np.float32)
        parts = (
            (slice(None, self.actions), weights.action_cued, weights.action_uncued),
            (slice(self.actions, None), weights.special_cued, weights.special_uncued),
        )
        for part, gain, loss in parts:
            out += gain * np.minimum(cued[:, part] @ cues[part], 1.0)
            out -= loss * np.minimum(uncued[:, part] @ (1.0 - cues[part]), 1.0)
        return out
