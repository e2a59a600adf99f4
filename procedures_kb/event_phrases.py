"""Phrases with slots ("{person} mới mất"), found whatever pronouns and persons stand between their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from procedures_kb.event_words import END, START, Reader, Told, Units

MOST_PASSED = 5  # words in a row between two steps of a phrase
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase: slots as "{name}", everything else in folded syllables; `own` are the latter."""

    steps: tuple[str, ...]
    own: Units

    @classmethod
    def forms(cls, text: str, reader: Reader) -> tuple[Phrase, ...]:
        """Return the phrase of `text` with dialect written out, and as it stands where that differs.

        Raises ValueError, with the reason, for a slot that does not exist and for a phrase that says nothing.
        """
        used = frozenset(_SLOT.findall(text))
        if unknown := sorted(used - reader.slots):
            known = ", ".join(sorted(reader.slots))
            raise ValueError(f"{text!r}: there is no slot {', '.join(unknown)}; there are {known}")
        return tuple(dict.fromkeys(cls._of(text, reader, read) for read in (Units.of, Units.typed)))

    @classmethod
    def _of(cls, text: str, reader: Reader, read: Callable[[str], Units]) -> Phrase:
        steps: list[str] = []
        for number, part in enumerate(_SLOT.split(text)):
            steps += [f"{{{part}}}"] if number % 2 else read(part).folded
        own = read(_SLOT.sub(" ", text))
        if f"{{{START}}}" in steps[1:] or f"{{{END}}}" in steps[:-1]:
            raise ValueError(f"{text!r}: {{{START}}} stands first and {{{END}}} last")
        if not own and reader.things.isdisjoint(_SLOT.findall(text)):
            raise ValueError(f"{text!r}: says who and when only; add what has happened")
        return cls(tuple(steps), own)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a sentence: whose it is, and the folded syllables that say so, who and when.

    What other phrases of the same owner say in it counts as well.
    """

    owner: str
    said: frozenset[str]


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    slots: dict[str, _Node] = field(default_factory=dict)
    ends: list[tuple[str, Phrase]] = field(default_factory=list)


class _Walk(NamedTuple):
    """Where a walk through the tree is: `own` are the places of words, `slots` those of what fills slots.

    `weight` counts the syllables that say what has happened, not to whom or when. `after_slot`: persons and
    times may stand here. `passed` words stand since the last step, a `filler` among them or not.
    """

    place: int
    own: tuple[int, ...] = ()
    slots: tuple[int, ...] = ()
    weight: int = 0
    after_slot: bool = False
    passed: int = 0
    filler: bool = False


class _Hit(NamedTuple):
    owner: str
    rank: tuple[int, int]  # how much it says of what has happened; then the steps of the phrase
    at: _Walk


class PhraseTree:
    """All phrases of all events: a look-up costs what the sentence is long, not what the data holds."""

    def __init__(self, phrases: Iterable[tuple[str, Phrase]], reader: Reader) -> None:
        self._root = _Node()
        self._reader = reader
        for owner, phrase in phrases:
            self._add(owner, phrase)

    def _add(self, owner: str, phrase: Phrase) -> None:
        node = self._root
        for step in phrase.steps:
            slot = _SLOT.fullmatch(step)
            branches, name = (node.slots, slot[1]) if slot else (node.words, step)
            node = branches.setdefault(name, _Node())
        node.ends.append((owner, phrase))

    def best(self, told: Told) -> Found | None:
        """Return the phrase in `told` that says most of what has happened, None where none stands in it."""
        hits: list[_Hit] = []
        for start in range(len(told.kinds)):
            self._begin(self._root, told, start, hits)
            if start in told.starts and (whole := self._root.slots.get(START)):
                self._begin(whole, told, start, hits)
        if not hits:
            return None
        best = max(hits, key=lambda hit: hit.rank)
        told_by = [hit.at for hit in hits if hit.owner == best.owner]  # "rơi ví" and "mất hết giấy tờ"
        places = {place for at in told_by for place in (*at.own, *at.slots)}
        return Found(best.owner, told.said().union(told.units.folded[place] for place in places))

    def _begin(self, node: _Node, told: Told, start: int, hits: list[_Hit]) -> None:
        if told.units.folded[start] in node.words or not node.slots.keys().isdisjoint(told.kinds[start]):
            self._walk(node, told, _Walk(start), hits)

    def _walk(self, node: _Node, told: Told, at: _Walk, hits: list[_Hit]) -> None:
        for owner, phrase in node.ends:
            if phrase.own.agrees(tuple(told.units.written[place] for place in at.own)):
                hits.append(_Hit(owner, (at.weight, len(phrase.steps)), at))
        if END in node.slots and not at.filler and told.stops(at.place):
            self._walk(node.slots[END], told, at, hits)
        if at.place >= len(told.passes):
            return
        if child := node.words.get(told.units.folded[at.place]):
            own = (*at.own, at.place)
            self._walk(child, told, _Walk(at.place + 1, own, at.slots, at.weight + 1), hits)
        for kind, end in told.kinds[at.place].items():
            if child := node.slots.get(kind):
                weight = at.weight + (end - at.place if kind in self._reader.things else 0)
                slots = (*at.slots, *range(at.place, end))
                self._walk(child, told, _Walk(end, at.own, slots, weight, after_slot=True), hits)
        if (at.own or at.slots) and at.passed < MOST_PASSED and (node.words or node.slots):
            for end, aside, filler in told.passes[at.place]:
                if at.after_slot or not aside:
                    further = at._replace(place=end, passed=at.passed + 1, filler=at.filler or filler)
                    self._walk(node, told, further, hits)
