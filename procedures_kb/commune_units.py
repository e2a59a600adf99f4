"""Communes before and after 1 July 2025: the units, read from `data/centres/communes/units/*.tsv`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from vietnamese import fold, normalise, syllables

COMMUNES = Path(__file__).parent / "data" / "centres" / "communes"
COLUMNS = (
    "old_kind",
    "old_name",
    "district_kind",
    "district",
    "old_province",
    "new_kind",
    "new_name",
    "new_province",
    "share",
)
WHOLE, DIVIDED = "whole", "divided"

_Y_TO_I = str.maketrans("yýỳỷỹỵ", "iíìỉĩị")
_CONSONANTS = frozenset("bcdđghklmnpqrstvx")


class BrokenCommunes(ValueError):
    """A file of `data/centres/communes/` that cannot be served; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A present commune, ward or special zone; `office` is what every centre is called."""

    kind: str
    name: str
    province: str
    office: str

    @property
    def full(self) -> str:
        """The kind and the name, as inside a sentence."""
        return f"{self.kind} {self.name}"

    @property
    def centre(self) -> str:
        """The name of its public administration service centre."""
        return f"{self.office} {self.full}"


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A unit until 30 June 2025, and the present ones that it `became` a part of, the main one first."""

    kind: str
    name: str
    district_kind: str
    district: str
    province: str
    became: tuple[Commune, ...]

    @property
    def full(self) -> str:
        """The kind and the name, as inside a sentence."""
        return f"{self.kind} {self.name}"

    @property
    def district_full(self) -> str:
        """The kind and the name of its former district."""
        return f"{self.district_kind} {self.district}"

    @property
    def divided(self) -> bool:
        """Whether its land went to several communes: nobody can tell from the name alone which one."""
        return len(self.became) > 1


@dataclass(frozen=True, slots=True)
class District:
    """A district that is gone, and the old units that it held."""

    kind: str
    name: str
    province: str
    units: tuple[OldUnit, ...]

    @property
    def full(self) -> str:
        """The kind and the name, as inside a sentence."""
        return f"{self.kind} {self.name}"

    @property
    def communes(self) -> tuple[Commune, ...]:
        """The present communes that took its units, those that took most of them first."""
        taken = Counter(commune for unit in self.units for commune in unit.became)
        return tuple(sorted(taken, key=lambda commune: (-taken[commune], commune.name)))


@dataclass(frozen=True, slots=True)
class Entry:
    """All units of one name: `units` are its syllables, `plain` the same without accents."""

    name: str
    units: tuple[str, ...]
    plain: tuple[str, ...]
    present: list[Commune]
    old: list[OldUnit]
    districts: list[District]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds that units of this name are or were of."""
        kinds = {commune.kind for commune in self.present} | {unit.kind for unit in self.old}
        return frozenset(kinds | {district.kind for district in self.districts})


@dataclass(frozen=True)
class Units:
    """The units of one or more provinces."""

    present: tuple[Commune, ...]
    old: tuple[OldUnit, ...]
    districts: tuple[District, ...]
    _entries: dict[str, tuple[Entry, ...]] = field(default_factory=dict, repr=False)

    def beginning(self, syllable: str) -> tuple[Entry, ...]:
        """Return the entries whose first plain syllable this is, the longest names first.

        They are made when first asked for: most of the country's names are never looked up.
        """
        found = self._entries.get(syllable)
        if found is None:
            found = self._entries[syllable] = _entries(self._by_first.get(syllable, ()))
        return found

    @cached_property
    def _by_first(self) -> dict[str, list[Commune | OldUnit | District]]:
        by_first: dict[str, list[Commune | OldUnit | District]] = {}
        units: list[Commune | OldUnit | District] = [*self.present, *self.old, *self.districts]
        for unit in units:
            by_first.setdefault(_first_syllable(unit.name.split(" ", 1)[0]), []).append(unit)
        return by_first


@lru_cache(maxsize=8192)
def spelled(unit: str) -> str:
    """Return a syllable in the one spelling that we compare: "lý" as "lí", "01" as "1".

    Both ways of writing i after a consonant are used for the same names.
    """
    if unit.isdecimal():
        return str(int(unit))
    if len(unit) > 1 and (unit[-2] in _CONSONANTS or unit[-3:-1] == "qu"):
        return unit[:-1] + unit[-1].translate(_Y_TO_I)
    return unit


@lru_cache(maxsize=8192)
def plain(unit: str) -> str:
    """Return a syllable without accents, as it is compared."""
    return spelled(fold(unit))


def spellings(text: str) -> tuple[str, ...]:
    """Return the syllables of `text` as they are compared, accents kept."""
    return tuple(spelled(unit) for unit in syllables(normalise(text)))


def province_file(province: str, folder: Path = COMMUNES) -> Path:
    """Return the file of a present province, named without accents."""
    return folder / "units" / f"{fold(province).replace(' ', '_')}.tsv"


def load_units(files: Iterable[Path], office: str, older: Path | None = None) -> Units:
    """Read the units of `files`, and the `older` districts that people still name.

    Raises BrokenCommunes, naming the file and the line.
    """
    present: dict[tuple[str, str, str], Commune] = {}
    became: dict[tuple[str, ...], list[Commune]] = {}
    for file in files:
        for row in _rows(file):
            kind, name, province = row[5:8]
            commune = present.get((kind, name, province))
            if commune is None:
                commune = present[kind, name, province] = Commune(kind, name, province, office)
            became.setdefault(tuple(row[:5]), []).append(commune)
    old = tuple(
        OldUnit(kind, name, district_kind, district, province, tuple(communes))
        for (kind, name, district_kind, district, province), communes in became.items()
    )
    ordered = tuple(sorted(present.values(), key=lambda c: (c.province, c.kind, c.name)))
    districts = _districts(old)
    return Units(ordered, old, (*districts, *(_older(older, districts) if older else ())))


def _older(file: Path, districts: Sequence[District]) -> Iterator[District]:
    """Yield the districts of `file` whose successor is among `districts`, with the units that were theirs."""
    rows = [line.split("\t") for line in _lines(file) if not line.startswith("#")]
    for row in rows[1:]:
        if len(row) != len(rows[0]):
            raise BrokenCommunes(f"{file.name}: {row[0]}: needs {len(rows[0])} values")
        kind, name, province, within, listed = row
        successor = next((d for d in districts if (d.name, d.province) == (within, province)), None)
        if successor is None:
            continue
        names = set(listed.split(", "))
        units = tuple(unit for unit in successor.units if listed == "*" or unit.name in names)
        if listed != "*" and len(units) != len(names):
            raise BrokenCommunes(f"{file.name}: {kind} {name}: not every unit is one of {successor.full}")
        yield District(kind, name, province, units)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenCommunes(f"{file.name}: cannot be read: {error}; restore it from git") from error


def _rows(file: Path) -> list[list[str]]:
    lines = _lines(file)
    head = next((number for number, line in enumerate(lines) if not line.startswith("#")), None)
    if head is None or tuple(lines[head].split("\t")) != COLUMNS:
        raise BrokenCommunes(f"{file.name}: no line of columns; run `python -m procedures_kb.build.communes`")
    rows = [line.split("\t") for line in lines[head + 1 :]]
    for number, row in enumerate(rows, start=head + 2):
        if len(row) != len(COLUMNS) or not all(row) or row[8] not in (WHOLE, DIVIDED):
            raise BrokenCommunes(f"{file.name}:{number}: needs nine values, the last one whole or divided")
    return rows


def _districts(old: Sequence[OldUnit]) -> tuple[District, ...]:
    held: dict[tuple[str, str, str], list[OldUnit]] = {}
    for unit in old:
        held.setdefault((unit.district_kind, unit.district, unit.province), []).append(unit)
    return tuple(District(*key, tuple(units)) for key, units in held.items())


@lru_cache(maxsize=8192)
def _first_syllable(word: str) -> str:
    return plain(syllables(word)[0])


def _entries(units: Sequence[Commune | OldUnit | District]) -> tuple[Entry, ...]:
    entries: dict[tuple[str, ...], Entry] = {}
    for unit in units:
        typed = tuple(map(spelled, syllables(unit.name)))  # the deriver has normalised all names
        entry = entries.get(typed)
        if entry is None:
            entry = entries[typed] = Entry(unit.name, typed, tuple(map(plain, typed)), [], [], [])
        if isinstance(unit, Commune):
            entry.present.append(unit)
        elif isinstance(unit, OldUnit):
            entry.old.append(unit)
        else:
            entry.districts.append(unit)
    return tuple(sorted(entries.values(), key=lambda one: -len(one.units)))
