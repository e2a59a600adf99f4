"""How the sentences of life events are read: word lists, and where pronouns, persons and times stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import Field

from procedures_kb.model import Record, Text
from vietnamese import expand, fold, normalise, syllables

START, END = "start", "end"

Words = Annotated[tuple[Text, ...], Field(min_length=1)]


class Times(Record):
    """What says when: `recent` that it has happened, `coming` that it will."""

    recent: Words
    coming: Words


class EventWords(Record):
    """The words of `data/rules/life_events.yaml`, which tells what each list is for."""

    pronouns: tuple[Text, ...] = ()
    fillers: tuple[Text, ...] = ()
    kept: tuple[Text, ...] = ()
    persons: tuple[Text, ...] = ()
    families: tuple[Text, ...] = ()
    times: Times | None = None
    wishes: tuple[Text, ...] = ()
    starts: tuple[Text, ...] = ()
    stops: tuple[Text, ...] = ()
    spelled_stops: tuple[Text, ...] = ()
    things: Mapping[str, Words] = {}

    @property
    def slots(self) -> Mapping[str, tuple[str, ...]]:
        """What each slot of a phrase stands for, but {start} and {end}."""
        recent, coming = (self.times.recent, self.times.coming) if self.times else ((), ())
        return {
            **self.things,
            "person": self.persons,
            "family": self.families,
            "recent": recent,
            "coming": coming,
            "time": (*recent, *coming),
            "wish": self.wishes,
            "plan": (*coming, *self.wishes),
        }


@dataclass(frozen=True, slots=True)
class Units:
    """Syllables of a text with short forms written out, as typed and without accents."""

    written: tuple[str, ...]
    folded: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Units:
        """Return the syllables of `text`; one that is typed without accents is written out without them."""
        line = normalise(text).lower()
        full = expand(line)
        return cls._of_line(fold(full) if fold(line) == line else full)

    @classmethod
    def typed(cls, text: str) -> Units:
        """Return the syllables of `text` as it stands."""
        return cls._of_line(normalise(text).lower())

    @classmethod
    def forms(cls, text: str) -> tuple[Units, ...]:
        """Return `text` with short forms and dialect written out, and as it stands where that differs.

        Dialect without accents ("man nha") is too doubtful to be written out in a sentence.
        """
        return tuple(dict.fromkeys((cls.of(text), cls.typed(text))))

    @classmethod
    def _of_line(cls, line: str) -> Units:
        written = tuple(syllables(line))
        return cls(written, tuple(map(fold, written)))

    def __len__(self) -> int:
        return len(self.written)

    def agrees(self, typed: tuple[str, ...]) -> bool:
        """Whether `typed` is this, spelled out or without a single accent.

        One accent that differs is enough to refuse: "mất vì" is not "mất ví", and "mất vi" may be either.
        """
        return typed in (self.written, self.folded)


_NOTHING: Mapping[str, int] = MappingProxyType({})


class Lexicon:
    """Words of one or more syllables, each of some kinds, looked up by their first syllable."""

    def __init__(self, kinds: Mapping[str, Iterable[str]]) -> None:
        by_word: dict[Units, list[str]] = {}
        for kind, words in kinds.items():
            for word in words:
                for form in Units.forms(word):
                    by_word.setdefault(form, []).append(kind)
        self._by_first: dict[str, list[tuple[int, Units, list[str]]]] = {}
        for entry, known in sorted(by_word.items(), key=lambda pair: -len(pair[0])):
            self._by_first.setdefault(entry.folded[0], []).append((len(entry), entry, known))

    def at(self, units: Units, start: int) -> Mapping[str, int]:
        """Return the kinds that have a word at `start`, each with the place where its longest one ends."""
        entries = self._by_first.get(units.folded[start])
        if entries is None:
            return _NOTHING
        found: dict[str, int] = {}
        for length, word, kinds in entries:
            end = start + length
            if word.agrees(units.written[start:end]):
                for kind in kinds:
                    found.setdefault(kind, end)
        return found

    def any(self, units: Units) -> bool:
        """Return whether any of the words stands in `units`."""
        starts = (start for start, first in enumerate(units.folded) if first in self._by_first)
        return any(self.at(units, start) for start in starts)


_KEPT, _ASIDE, _PRONOUN, _FILLER, _STOP = "<kept>", "<aside>", "<pronoun>", "<filler>", "<stop>"
_START = "<start>"


class Pass(NamedTuple):
    """A word that may stand between the steps of a phrase: where it ends, and what it is."""

    end: int
    aside: bool = False  # a person, a time or a wish
    filler: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and what stands at each of its places: kinds of words, with where they end."""

    units: Units
    kinds: tuple[Mapping[str, int], ...]
    passes: tuple[tuple[Pass, ...], ...]
    starts: frozenset[int]  # places before which nothing is said but who, when and politeness

    def stops(self, place: int) -> bool:
        """Whether a thought ends at `place`."""
        return place >= len(self.kinds) or _STOP in self.kinds[place]

    def said(self) -> frozenset[str]:
        """Return the folded syllables of who and when, pronouns and fillers: they belong to any event."""
        ends = [max((passing.end for passing in at), default=0) for at in self.passes]
        return frozenset(unit for start, end in enumerate(ends) for unit in self.units.folded[start:end])


class Reader:
    """Finds in a sentence what fills the slots of phrases, and what may stand between their words."""

    def __init__(self, words: EventWords) -> None:
        slots = words.slots
        self.slots = frozenset((*slots, START, END))
        self.things = frozenset(words.things)  # the slots that say what has happened
        self._spelled_stops = frozenset(words.spelled_stops)
        self._lexicon = Lexicon(
            {
                **slots,
                _KEPT: words.kept,
                _ASIDE: (*words.persons, *words.families, *slots["plan"], *slots["recent"]),
                _PRONOUN: words.pronouns,
                _FILLER: words.fillers,
                _START: words.starts,
                _STOP: (*words.stops, *slots["recent"]),
            }
        )

    def tell(self, text: str) -> Told:
        """Return `text` with what stands in it."""
        units = Units.of(text)
        kinds: list[Mapping[str, int]] = []
        kept = 0  # inside a word that is kept whole only things are seen
        for place in range(len(units)):
            found = self._lexicon.at(units, place)
            kept = max(kept, found.get(_KEPT, 0))
            if place < kept:
                found = {kind: end for kind, end in found.items() if kind in self.things}
            if units.written[place] in self._spelled_stops:
                found = {**found, _STOP: place}
            kinds.append(found)
        return Told(units, tuple(kinds), tuple(map(_passes, kinds)), _starts(kinds))


def _passes(found: Mapping[str, int]) -> tuple[Pass, ...]:
    if not found:
        return ()
    passes = []
    if _ASIDE in found:
        passes.append(Pass(found[_ASIDE], aside=True))
    if _PRONOUN in found:
        passes.append(Pass(found[_PRONOUN]))
    if _FILLER in found:
        passes.append(Pass(found[_FILLER], filler=True))
    return tuple(passes)


def _starts(kinds: Iterable[Mapping[str, int]]) -> frozenset[int]:
    starts = {0}
    for place, found in enumerate(kinds):
        if place in starts:
            starts.update(found[kind] for kind in (_ASIDE, _PRONOUN, _FILLER, _START) if kind in found)
    return frozenset(starts)
