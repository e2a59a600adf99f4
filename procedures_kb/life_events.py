"""Life events: what has to be done, in which order and why, when something happens in a family."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from procedures_kb.card_check import beyond
from procedures_kb.cards import EVENTS, Plain
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Code, Detail, Flag, Record, Text
from procedures_kb.yaml_files import read_model
from vietnamese import expand, fold, normalise, syllables

LIFE_EVENTS = Path(__file__).parent / "data" / "life_events"

Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]


class BrokenLifeEvent(ValueError):
    """A file of `data/life_events/` that cannot be served; the message names the file and the reason."""


class Task(Record):
    """One procedure of a life event: `why` it is needed, and `when` to do it."""

    code: Code
    why: Plain
    when: Plain | None = None


class LifeEvent(Record):
    """One life event. `phrases` are what people say when it happens, whole and short ("vợ tôi vừa sinh").

    `unless` are words that name one thing of it, so that the person gets that one instead of the list.
    """

    id: Text
    title: Heading
    intro: Plain
    phrases: Annotated[tuple[Text, ...], Field(min_length=5)]
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
    """A life event that a sentence speaks of, with the folded syllables that say so."""

    event: LifeEvent
    said: frozenset[str]


@dataclass(frozen=True)
class LifeEvents:
    """All life events, by id."""

    by_id: Mapping[str, LifeEvent]

    def match(self, text: str) -> EventMatch | None:
        """Return the event of which the longest phrase stands in `text`; None where none does."""
        words = f" {' '.join(syllables(fold(expand(normalise(text)))))} "
        for phrase, event in self._phrases:
            if f" {phrase} " in words:
                if any(f" {word} " in words for word in self._unless[event.id]):
                    return None
                return EventMatch(event, frozenset(phrase.split()))
        return None

    @cached_property
    def _phrases(self) -> tuple[tuple[str, LifeEvent], ...]:
        pairs = [(_folded(phrase), event) for event in self.by_id.values() for phrase in event.phrases]
        return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))

    @cached_property
    def _unless(self) -> Mapping[str, tuple[str, ...]]:
        return {event.id: tuple(map(_folded, event.unless)) for event in self.by_id.values()}


def _folded(phrase: str) -> str:
    return " ".join(syllables(fold(normalise(phrase))))


def load(folder: Path = LIFE_EVENTS) -> LifeEvents:
    """Read every file of `folder`, named after its event, in the order of EVENTS.

    Raises BrokenLifeEvent, naming the file and the reason.
    """
    events: dict[str, LifeEvent] = {}
    for name in EVENTS:
        file = folder / f"{name}.yaml"
        if file.is_file():
            events[name] = _read(file)
    return LifeEvents(events)


def _read(file: Path) -> LifeEvent:
    event = read_model(file, LifeEvent, BrokenLifeEvent)
    if event.id != file.stem:
        raise BrokenLifeEvent(f"{file.name}: holds {event.id}; name the file after it")
    return event


def wrongs(events: LifeEvents, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield each place of the events that the records do not support, with the reason."""
    yield from ((event, "has no file") for event in EVENTS if event not in events.by_id)
    owners: dict[str, str] = {}
    for event in events.by_id.values():
        for phrase in event.phrases:
            other = owners.setdefault(_folded(phrase), event.id)
            if other != event.id:
                yield f"{event.id}.phrases", f"{phrase!r} stands in {other} too"
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
