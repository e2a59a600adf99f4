"""Where to go: the centres, the emergency numbers, and the provinces that we cover or only know by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures_kb.guides import CheckedSource
from procedures_kb.model import Record, Text
from procedures_kb.yaml_files import read_model
from vietnamese import expand, fold, normalise, syllables

CENTRES = Path(__file__).parent / "data" / "centres"
PROVINCES_NOW, PROVINCES_FORMERLY = 34, 63

Sources = Annotated[tuple[CheckedSource, ...], Field(min_length=1)]
Url = Annotated[str, StringConstraints(pattern=r"^https://\S+$")]
Count = Annotated[int, Field(ge=0)]


class BrokenCentres(ValueError):
    """A file of `data/centres/` that cannot be served; the message names the file and the reason."""


class EmergencyNumber(Record):
    """A short number that works everywhere, and when to call it."""

    number: Annotated[str, StringConstraints(pattern=r"^11[2-5]$")]
    what: Text


class Hotline(Record):
    """A number to call; only one that somebody has confirmed is entered."""

    name: Text
    number: Annotated[str, StringConstraints(pattern=r"^[0-9 .]{3,15}$")]
    source: CheckedSource


class OpeningHours(Record):
    """When a centre is open. Unless `confirmed`, it is only what is usual, and must be said so."""

    text: Text
    confirmed: bool = False


class National(Record):
    """What holds in the whole country. `centre_facts` and `bring` are ready to be shown, one a line."""

    portal_url: Url
    emergency: Annotated[tuple[EmergencyNumber, ...], Field(min_length=1)]
    centre_name: Text
    centre_facts: tuple[Text, ...]
    bring: tuple[Text, ...]
    opening_hours: OpeningHours
    hotlines: tuple[Hotline, ...] = ()
    sources: Sources


class CoveredProvince(Record):
    """The province served: how many communes, and how many procedures on the national portal."""

    name: Text
    communes: Count
    procedures: Count
    fully_online: Count
    partly_online: Count
    opening_hours: OpeningHours | None = None
    hotlines: tuple[Hotline, ...] = ()
    sources: Sources


class CommuneCentre(Record):
    """What is known of one commune's centre beyond its name; `commune` is its kind and name."""

    commune: Text
    address: Text | None = None
    opening_hours: OpeningHours | None = None
    hotlines: tuple[Hotline, ...] = ()
    sources: Sources


class CommuneCentres(Record):
    """The centres of the covered province of which more than the name is known."""

    centres: tuple[CommuneCentre, ...] = ()


class Province(Record):
    """A province or city since 1 July 2025, and the former ones that it was made of."""

    name: Text
    city: bool = False
    formerly: Annotated[tuple[Text, ...], Field(min_length=1)]


class Provinces(Record):
    """All provinces, with what is needed to find their names in a sentence."""

    provinces: tuple[Province, ...]
    also: tuple[tuple[Text, Text], ...] = ()
    cues: tuple[Text, ...]
    not_after: tuple[Text, ...]
    other_names: tuple[Text, ...] = ()
    homographs: tuple[Text, ...] = ()
    homographs_unaccented: tuple[Text, ...] = ()
    sources: Sources


@dataclass(frozen=True)
class Mention:
    """A province as somebody named it (`said`, perhaps a former one) and the present one (`province`)."""

    said: str
    province: str


@dataclass(frozen=True)
class _Words:
    """Some words, found as they stand or without any accent."""

    units: tuple[str, ...]
    folded: tuple[str, ...]

    def begins(self, rest: Sequence[str]) -> bool:
        return tuple(rest[: len(self.units)]) in (self.units, self.folded)

    def ends(self, before: Sequence[str]) -> bool:
        return tuple(before[-len(self.units) :]) in (self.units, self.folded)


@dataclass(frozen=True)
class _Name:
    """One spelling of a name; `sure` and `sure_unaccented` tell whether it is a place without any cue."""

    words: _Words
    mention: Mention
    sure: bool
    sure_unaccented: bool


@dataclass(frozen=True)
class Centres:
    """The facts of `data/centres/`."""

    national: National
    covered: CoveredProvince
    names: Provinces
    local: tuple[CommuneCentre, ...] = ()

    @property
    def provinces(self) -> tuple[Province, ...]:
        """The 34 provinces and cities, by name."""
        return self.names.provinces

    def covers(self, province: str) -> bool:
        """Return whether `province` (a present name) is the one that we serve."""
        return province == self.covered.name

    def centre_of(self, commune: str) -> CommuneCentre | None:
        """Return what is known of the centre of `commune` (kind and name) of the covered province."""
        return next((centre for centre in self.local if centre.commune == commune), None)

    def opening_hours(self, commune: str | None = None) -> OpeningHours:
        """Return the hours of the centre of `commune`, else the province's, else what is usual."""
        centre = self.centre_of(commune) if commune else None
        own = centre.opening_hours if centre else None
        return own or self.covered.opening_hours or self.national.opening_hours

    def hotlines(self, commune: str | None = None) -> tuple[Hotline, ...]:
        """Return the numbers to call: the commune's if known, else the province's and the country's."""
        centre = self.centre_of(commune) if commune else None
        own = centre.hotlines if centre else ()
        return own or (*self.covered.hotlines, *self.national.hotlines)

    def province_named(self, text: str) -> str | None:
        """Return the present name of the first province that `text` names, None where it names none.

        A former name gives the province that it is part of now. Names with accents count as they stand;
        without accents, the ones that are also other words ("hai phong": two rooms) need a word like "ở",
        or must be the whole message.
        """
        mention = self.mention(text)
        return mention.province if mention else None

    def mention(self, text: str) -> Mention | None:
        """Return the first province named in `text`, as it was said and as it is called now."""
        units = syllables(expand(normalise(text)))
        start = 0
        while start < len(units):
            if mention := self._at(units, start):
                return mention
            start += self._longer_name(units[start:]) or 1
        return None

    @cached_property
    def _spellings(self) -> dict[str, tuple[_Name, ...]]:
        """Every spelling under its first syllable, with accents and without, longest first."""
        found: dict[str, list[_Name]] = defaultdict(list)
        for name in sorted(_spellings(self.names), key=lambda name: -len(name.words.units)):
            for first in {name.words.units[0], name.words.folded[0]}:
                found[first].append(name)
        return {first: tuple(names) for first, names in found.items()}

    @cached_property
    def _cues(self) -> tuple[_Words, ...]:
        return tuple(_words(cue) for cue in self.names.cues)

    @cached_property
    def _not_after(self) -> tuple[_Words, ...]:
        return tuple(_words(word) for word in self.names.not_after)

    @cached_property
    def _other_names(self) -> tuple[_Words, ...]:
        return tuple(_words(name) for name in self.names.other_names)

    def _longer_name(self, rest: Sequence[str]) -> int:
        """Return the length of the name, no province's, with which `rest` begins; 0 where there is none."""
        return next((len(name.units) for name in self._other_names if name.begins(rest)), 0)

    def _at(self, units: Sequence[str], start: int) -> Mention | None:
        rest, before = units[start:], units[:start]
        if self._longer_name(rest):
            return None
        for name in self._spellings.get(rest[0], ()):
            if not name.words.begins(rest):
                continue
            unaccented = tuple(rest[: len(name.words.units)]) == name.words.folded
            cued = any(cue.ends(before) for cue in self._cues)
            smaller = any(word.ends(before) for word in self._not_after)
            sure = name.sure_unaccented if unaccented else name.sure
            alone = len(name.words.units) == len(units)
            if alone or cued or (sure and not smaller):
                return name.mention
        return None


def load(folder: Path = CENTRES, covered: str = "thanh_hoa") -> Centres:
    """Read `national.yaml`, `provinces.yaml` and the files of the `covered` province.

    Raises BrokenCentres, naming the file and the reason.
    """
    national = read_model(folder / "national.yaml", National, BrokenCentres)
    names = read_model(folder / "provinces.yaml", Provinces, BrokenCentres)
    province = read_model(folder / f"{covered}.yaml", CoveredProvince, BrokenCentres)
    local = read_model(folder / "communes" / f"{covered}.yaml", CommuneCentres, BrokenCentres).centres
    _check(names, province)
    listed = [centre.commune for centre in local]
    if twice := sorted({commune for commune in listed if listed.count(commune) > 1}):
        raise BrokenCentres(f"communes/{covered}.yaml: given twice: {', '.join(twice)}")
    return Centres(national, province, names, local)


def _check(names: Provinces, covered: CoveredProvince) -> None:
    now = [p.name for p in names.provinces]
    former = [old for p in names.provinces for old in p.formerly]
    for kind, found, expected in (("now", now, PROVINCES_NOW), ("formerly", former, PROVINCES_FORMERLY)):
        if len(set(found)) != expected or len(found) != expected:
            raise BrokenCentres(
                f"provinces.yaml: {kind}: {expected} different names needed, got {len(set(found))}"
            )
    known = {*now, *former}
    listed = [*(meant for _, meant in names.also), *names.homographs, *names.homographs_unaccented]
    if unknown := [name for name in listed if name not in known]:
        raise BrokenCentres(f"provinces.yaml: not a province: {', '.join(unknown)}")
    if covered.name not in now:
        raise BrokenCentres(f"{covered.name} is covered, and stands not in provinces.yaml")


def _spellings(names: Provinces) -> Iterator[_Name]:
    present = {old: p.name for p in names.provinces for old in p.formerly}
    present |= {p.name: p.name for p in names.provinces}
    for written, meant in [*((name, name) for name in present), *names.also]:
        sure = meant not in names.homographs or written != meant
        plain = sure and (meant not in names.homographs_unaccented or written != meant)
        yield _Name(_words(written), Mention(meant, present[meant]), sure, plain)


def _words(text: str) -> _Words:
    units = tuple(syllables(normalise(text)))
    return _Words(units, tuple(fold(unit) for unit in units))
