"""Where a sentence names a commune or a district, and how sure that is.

A name alone is never enough, most are ordinary words or persons' names too: it needs a kind before it
("xã"), a former mark ("cũ"), its district behind it, or a word of place ("ở") in the same spelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from procedures_kb.commune_sentence import LONGEST_KIND, Kind, Sentence, kind_before
from procedures_kb.commune_units import Commune, District, Entry, OldUnit, Units
from procedures_kb.commune_words import WordLists


class Fit(IntEnum):
    """How a name was typed: with its accents, with none, with only some or with other ones."""

    EXACT = 3
    PLAIN = 2
    OTHER = 1


@dataclass(frozen=True)
class Mention:
    """A name at a place of the sentence, and the units that it can mean.

    `kind` is the kind that was said, "" for none; `formerly` and `now` tell what was said of the time.
    """

    said: str
    kind: str
    entries: tuple[Entry, ...]
    of_district: bool
    formerly: bool
    now: bool
    exact: bool
    span: tuple[int, int]
    districts_behind: tuple[District, ...] = ()

    @cached_property
    def _kinds(self) -> frozenset[str]:
        known = {c.kind for e in self.entries for c in e.present}
        known |= {unit.kind for e in self.entries for unit in e.old}
        return frozenset({self.kind} & known or known)

    @cached_property
    def present(self) -> tuple[Commune, ...]:
        """The present communes of this name, and of the said kind if there are any of that kind."""
        return tuple(c for e in self.entries for c in e.present if c.kind in self._kinds)

    @cached_property
    def old(self) -> tuple[OldUnit, ...]:
        """The former units of this name, and of the said kind if there are any of that kind."""
        return tuple(u for e in self.entries for u in e.old if u.kind in self._kinds)

    @cached_property
    def districts(self) -> tuple[District, ...]:
        """The former districts of this name, of the said kind if there are any of that kind."""
        every = tuple(d for e in self.entries for d in e.districts)
        return tuple(d for d in every if d.kind == self.kind) or every

    @property
    def units_said(self) -> bool:
        """Whether the mention can be of a commune."""
        return not self.of_district and bool(self.present or self.old)

    @property
    def districts_said(self) -> tuple[District, ...]:
        """The districts that the mention names, itself or behind the commune."""
        return self.districts if self.of_district else self.districts_behind


def mentions(
    sentence: Sentence, units: Units, words: WordLists, *, asked: bool, cues: bool
) -> Iterator[Mention]:
    """Yield what the sentence names, in order; `cues` lets words of place count, `asked` a bare answer."""
    reader = _Reader(sentence, units, words, asked, cues)
    start = 0
    while start < len(sentence.units):
        mention = reader.best_at(start)
        if mention is not None:
            yield mention
        start = mention.span[1] if mention is not None else start + 1


@dataclass(frozen=True)
class _Reader:
    """Reads one sentence against the units of one province, or of all."""

    sentence: Sentence
    units: Units
    words: WordLists
    asked: bool
    cues: bool

    def best_at(self, start: int) -> Mention | None:
        """Return the mention at `start`; a kind and a name come before a bare name ("phuong nghi son")."""
        mention = self.at(start)
        if mention is None or mention.kind:
            return mention
        for length in (LONGEST_KIND, 1):
            end = start + length
            if self.sentence.units[start:end] in self.words.kinds and end < len(self.sentence.units):
                other = self.at(end)
                if other is not None and other.span[0] == start:
                    return other
        return mention

    def at(self, start: int) -> Mention | None:
        """Return the mention whose name begins at `start`, None where no name is sure enough."""
        fits: dict[int, dict[Fit, list[Entry]]] = {}
        for entry in self.units.beginning(self.sentence.plain[start]):
            if fit := self._fit(entry, start):
                fits.setdefault(len(entry.units), {}).setdefault(fit, []).append(entry)
        for length, by_fit in fits.items():  # the longest names come first
            best = max(by_fit)
            if mention := self._judged(start, start + length, best, tuple(by_fit[best])):
                return mention
        return None

    def _fit(self, entry: Entry, start: int) -> Fit | None:
        end = start + len(entry.plain)
        plain = self.sentence.plain[start:end]
        if plain != entry.plain or self.sentence.broken(start, end):
            return None
        typed = self.sentence.units[start:end]
        if typed == entry.units:
            return Fit.EXACT
        return Fit.PLAIN if typed == plain else Fit.OTHER

    def _judged(self, start: int, end: int, fit: Fit, entries: tuple[Entry, ...]) -> Mention | None:
        before = self._before(start)
        kind = before.kind
        of_district = kind is not None and kind.name in self.words.district_kinds
        behind = self._behind(end, () if of_district else entries)
        if kind is not None:
            sure = self._sure_by_kind(kind, fit, entries) and (
                self.cues or self.asked or bool(behind.districts) or self._sure_in_country(kind, entries)
            )
        else:
            marked = self.cues and (before.formerly or behind.formerly)
            marked = bool(behind.districts) or (marked and not self._common(fit, entries))
            sure = fit > Fit.OTHER and (
                (marked and end - start > 1) or self._placed(start, end, fit, entries)
            )
        if not sure or (of_district and not any(entry.districts for entry in entries)):
            return None
        if kind is not None:
            entries = tuple(entry for entry in entries if kind.name in entry.kinds) or entries
        said = "/".join(dict.fromkeys(entry.name for entry in entries))
        formerly = before.formerly or behind.formerly
        return Mention(
            said=f"{kind.name} {said}" if kind else said,
            kind=kind.name if kind else "",
            entries=entries,
            of_district=of_district or not any(entry.present or entry.old for entry in entries),
            formerly=formerly,
            now=behind.now and not formerly,
            exact=fit > Fit.OTHER,
            span=(before.start, behind.end),
            districts_behind=behind.districts,
        )

    def _sure_by_kind(self, kind: Kind, fit: Fit, entries: Sequence[Entry]) -> bool:
        """Return whether a kind makes the name sure; an ordinary word must be of that very kind."""
        if fit is Fit.OTHER and not (self.cues and kind.spelled_out):
            return False
        if len(entries[0].units) == 1 and not (entries[0].name.isdecimal() or kind.spelled_out):
            return False
        if any(kind.name in entry.kinds for entry in entries):
            return True
        return fit > Fit.OTHER and (" " in kind.name or not self._common(fit, entries))

    def _sure_in_country(self, kind: Kind, entries: Sequence[Entry]) -> bool:
        """Return whether a kind is enough among all names of the country, where many are ordinary words."""
        if kind.spelled_out and (len(entries[0].units) > 1 or " " in kind.name):
            return True
        present = {commune.province for entry in entries for commune in entry.present}
        former = {unit.province for entry in entries for unit in entry.old}
        return any(self.sentence.says(province) for province in present | former)

    def _before(self, start: int) -> _Before:
        """Read what stands before a name: a former mark, a kind, another former mark."""
        marks, units = self.words.formerly_before, self.sentence.units
        first = marks.before(units, start)
        kind = kind_before(self.sentence, start - first, self.words)
        start = kind.start if kind else start - first
        second = marks.before(units, start) if kind else 0
        return _Before(start, kind, bool(first or second))

    def _behind(self, end: int, entries: Sequence[Entry]) -> _Behind:
        """Read what stands behind a name: a mark of time, its district, another mark."""
        units, formerly, now = self.sentence.units, self.words.formerly_after, self.words.now_after
        first = formerly.after(units, end)
        districts, until = self._district_behind(end + first, entries)
        second = formerly.after(units, until) if districts else 0
        is_now = now.after(units, until) if not (first or second) else 0
        return _Behind(until + second + is_now, districts, bool(first or second), bool(is_now))

    def _district_behind(self, end: int, entries: Sequence[Entry]) -> tuple[tuple[District, ...], int]:
        """Return the district of one of the units that stands right behind `end`, and where it ends."""
        start = end + self.words.between.after(self.sentence.units, end)
        for length in (LONGEST_KIND, 1):
            kind = self.words.kinds.get(self.sentence.units[start : start + length])
            if kind in self.words.district_kinds:
                start += length
                break
        if not entries or start >= len(self.sentence.units):
            return (), end
        for entry in self.units.beginning(self.sentence.plain[start]):
            fit = self._fit(entry, start)
            if entry.districts and fit and fit > Fit.OTHER:
                found = tuple(d for d in entry.districts if any(_lies_in(e, d) for e in entries))
                if found:
                    return found, start + len(entry.units)
        return (), end

    def _placed(self, start: int, end: int, fit: Fit, entries: Sequence[Entry]) -> bool:
        """Return whether words of place, or our own question, make a bare name sure."""
        if self.asked and self._whole_answer(start, end):
            return True
        if not self.cues or end - start < 2 or self._common(fit, entries):
            return False
        units = self.sentence.units
        if self.words.cues_unaccented.before(units, start) or (
            fit is Fit.EXACT and self.words.cues.before(units, start)
        ):
            return True
        numbered = start > 1 and units[start - 1].isdecimal()
        return numbered and bool(self.words.parts.before(units, start - 1))

    def _common(self, fit: Fit, entries: Sequence[Entry]) -> bool:
        """Return whether the name is an ordinary word or a province's too, as it was typed."""
        common = self.words.homographs if fit is Fit.EXACT else self.words.homographs_unaccented
        return any(entry.name in common for entry in entries)

    def _whole_answer(self, start: int, end: int) -> bool:
        around = (*self.sentence.units[:start], *self.sentence.units[end:])
        return all(self.words.fillers.after((unit,), 0) for unit in around)


@dataclass(frozen=True)
class _Before:
    start: int
    kind: Kind | None
    formerly: bool


@dataclass(frozen=True)
class _Behind:
    end: int
    districts: tuple[District, ...]
    formerly: bool
    now: bool


def _lies_in(entry: Entry, district: District) -> bool:
    """Return whether a unit of this name lay in the district, or a present one took a part of it."""
    if any(unit in district.units for unit in entry.old):
        return True
    return any(commune in unit.became for commune in entry.present for unit in district.units)
