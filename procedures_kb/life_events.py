"""Life events: what has to be done, in which order and why, when something happens in a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from procedures_kb.card_check import beyond
from procedures_kb.cards import EVENTS, Plain
from procedures_kb.catalogue import Catalogue
from procedures_kb.event_phrases import Phrase, PhraseTree
from procedures_kb.event_words import EventWords, Lexicon, Reader
from procedures_kb.model import Code, Detail, Flag, Record, Text
from procedures_kb.yaml_files import read_model

LIFE_EVENTS = Path(__file__).parent / "data" / "life_events"
WORDS = Path(__file__).parent / "data" / "rules" / "life_events.yaml"

Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]


class BrokenLifeEvent(ValueError):
    """A file of `data/life_events/` that cannot be served; the message names the file and the reason."""


class Task(Record):
    """One procedure of a life event: `why` it is needed, and `when` to do it."""

    code: Code
    why: Plain
    when: Plain | None = None


class LifeEvent(Record):
    """One life event. `phrases` are what people say when it happens, short, with slots ("{recent} sinh").

    `unless` are words that name one thing of it, so that the person gets that one instead of the list.
    """

    id: Text
    title: Heading
    intro: Plain
    phrases: Annotated[tuple[Text, ...], Field(min_length=5, max_length=30)]
    unless: tuple[Text, ...] = ()
    tasks: Annotated[tuple[Task, ...], Field(min_length=3, max_length=6)]
    closing: Plain | None = None

    @field_validator("id")
    @classmethod
    def _known(cls, event: str) -> str:
        if event not in EVENTS:
            raise ValueError(f"not a life event: there are {', '.join(EVENTS)}")
        return event


@dataclass(frozen=True, slots=True)
class EventMatch:
    """A life event that a sentence speaks of, with the folded syllables that say so, who and when."""

    event: LifeEvent
    said: frozenset[str]


@dataclass(frozen=True)
class LifeEvents:
    """All life events, by id, and the `words` that their phrases are read with.

    Raises BrokenLifeEvent for a phrase that cannot be found: at `match` and `phrases`, and so at `load`.
    """

    by_id: Mapping[str, LifeEvent]
    words: EventWords = field(default_factory=EventWords)

    def match(self, text: str) -> EventMatch | None:
        """Return the event of the phrase in `text` that says most; None where there is none.

        A sentence of accents must hold the phrase's own; one that is typed without them, in whole or where
        the phrase stands, need not.
        """
        told = self._reader.tell(text)
        found = self._tree.best(told)
        if found is None or self._unless[found.owner].any(told.units):
            return None
        return EventMatch(self.by_id[found.owner], found.said)

    @cached_property
    def phrases(self) -> tuple[tuple[str, str, Phrase], ...]:
        """Every phrase: the id of its event, the phrase as written, and as it is found."""
        return tuple(
            (event.id, text, phrase)
            for event in self.by_id.values()
            for text in event.phrases
            for phrase in self._forms(event, text)
        )

    def _forms(self, event: LifeEvent, text: str) -> tuple[Phrase, ...]:
        try:
            return Phrase.forms(text, self._reader)
        except ValueError as error:
            raise BrokenLifeEvent(f"{event.id}.yaml: phrases: {error}") from error

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.words)

    @cached_property
    def _tree(self) -> PhraseTree:
        return PhraseTree(((event, phrase) for event, _, phrase in self.phrases), self._reader)

    @cached_property
    def _unless(self) -> Mapping[str, Lexicon]:
        return {event.id: Lexicon({event.id: event.unless}) for event in self.by_id.values()}


def load(folder: Path = LIFE_EVENTS, words: Path = WORDS) -> LifeEvents:
    """Read every file of `folder`, named after its event, in the order of EVENTS, and the file of `words`.

    Raises BrokenLifeEvent, naming the file and the reason.
    """
    events: dict[str, LifeEvent] = {}
    for name in EVENTS:
        file = folder / f"{name}.yaml"
        if file.is_file():
            events[name] = _read(file)
    known = LifeEvents(events, read_model(words, EventWords, BrokenLifeEvent))
    _ = known.phrases  # a phrase that cannot be found stops the start, not a conversation
    return known


def _read(file: Path) -> LifeEvent:
    event = read_model(file, LifeEvent, BrokenLifeEvent)
    if event.id != file.stem:
        raise BrokenLifeEvent(f"{file.name}: holds {event.id}; name the file after it")
    return event


def wrongs(events: LifeEvents, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield each place of the events that the records do not support, with the reason."""
    yield from ((event, "has no file") for event in EVENTS if event not in events.by_id)
    owners: dict[tuple[str, ...], str] = {}
    for owner, text, phrase in events.phrases:
        other = owners.setdefault(phrase.steps, owner)
        if other != owner:
            yield f"{owner}.phrases", f"{text!r} stands in {other} too"
    for event in events.by_id.values():
        for task in event.tasks:
            yield from ((f"{event.id}.{task.code}", reason) for reason in _task(task, catalogue))


def _task(task: Task, catalogue: Catalogue) -> Iterator[str]:
    procedure = catalogue.by_code.get(task.code)
    if procedure is None or procedure.has(Flag.LOCAL_VERSION):
        yield "the catalogue has no such procedure to serve"
        return
    if procedure.detail is Detail.NAME_ONLY:
        yield "of this procedure only the name is known"
        return
    for text in filter(None, (task.why, task.when)):
        yield from beyond(text, procedure)
