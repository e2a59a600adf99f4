"""Finds the commune that somebody names, under its present or its former name, and what it is today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from procedures_kb.centres import Centres
from procedures_kb.commune_mentions import Mention, mentions
from procedures_kb.commune_sentence import Sentence
from procedures_kb.commune_units import (
    COMMUNES,
    BrokenCommunes,
    Commune,
    District,
    OldUnit,
    Units,
    load_units,
    province_file,
)
from procedures_kb.commune_words import WordLists, load_words

__all__ = ["BrokenCommunes", "Commune", "Communes", "District", "Era", "Found", "OldUnit"]

HOME = "Thanh Hóa"


class Era(StrEnum):
    """What the name names: a present commune, a former unit, both, or a former district."""

    PRESENT = "present"
    OLD = "old"
    BOTH = "both"
    DISTRICT = "district"


@dataclass(frozen=True)
class Found:
    """A commune that somebody named.

    `said` is the name in its right spelling; `span` its place in `syllables(normalise(text))`.
    `candidates` are the present communes it may be, the likeliest first: the present one of that name unless
    the former was meant. `also` are others, from former units of the same name. `old` are the former units
    that fit; `district` the former district that was said.
    `divided`: the land went to several communes, so that the answer is only a "perhaps".
    `ambiguous`: several units of that name lead to different communes; ask which of
    `districts_to_ask` or `provinces_to_ask`.
    `exact`: the name was typed with all its accents or with none; otherwise it must be confirmed.
    """

    said: str
    era: Era
    candidates: tuple[Commune, ...]
    old: tuple[OldUnit, ...] = ()
    also: tuple[Commune, ...] = ()
    district: District | None = None
    divided: bool = False
    ambiguous: bool = False
    exact: bool = True
    span: tuple[int, int] = (0, 0)

    @property
    def districts_to_ask(self) -> tuple[str, ...]:
        """The former districts that a unit of this name lay in, kind and name, where there are several."""
        names = tuple(dict.fromkeys(unit.district_full for unit in self.old))
        return names if self.ambiguous and len(names) > 1 else ()

    @property
    def provinces_to_ask(self) -> tuple[str, ...]:
        """The present provinces that the candidates lie in, where there are several."""
        names = tuple(dict.fromkeys(commune.province for commune in self.candidates))
        return names if len(names) > 1 else ()


@dataclass(frozen=True)
class Communes:
    """The communes of the home province at once, of the others when they are first asked for."""

    words: WordLists
    folder: Path = COMMUNES
    home: str = HOME
    _provinces: dict[str, Units] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path = COMMUNES, home: str = HOME) -> Communes:
        """Read the words and the units of the `home` province.

        Raises BrokenCommunes, naming the file and the reason.
        """
        communes = cls(WordLists(load_words(folder)), folder, home)
        communes.units(home)
        return communes

    def units(self, province: str) -> Units:
        """Return the units of a present province. Raises BrokenCommunes for an unknown one."""
        found = self._provinces.get(province)
        if found is None:
            found = self._provinces[province] = self._load([province_file(province, self.folder)])
        return found

    @cached_property
    def country(self) -> Units:
        """The units of all provinces; takes about a seventh of a second when first asked for."""
        return self._load(sorted((self.folder / "units").glob("*.tsv")))

    def of(self, province: str) -> tuple[Commune, ...]:
        """Return the present communes of a present province, by kind and name."""
        return self.units(province).present

    def formed_from(self, commune: Commune) -> tuple[OldUnit, ...]:
        """Return the former units that became a part of `commune`, whole or divided."""
        return tuple(unit for unit in self.units(commune.province).old if commune in unit.became)

    def find(self, text: str, province: str | None = HOME, *, asked: bool = False) -> Found | None:
        """Return the first commune that `text` names in `province` (a present name), None for none.

        With None for `province` the whole country is looked through; a bare name never counts there, it
        needs its kind ("xã") or its district. `asked` tells that we have just asked for the commune, so that
        a bare name may be the whole answer. Raises BrokenCommunes for an unknown province.
        """
        sentence = Sentence.of(text)
        if province is not None:
            return self._find(sentence, self.units(province), asked=asked, cues=True)
        if not (asked or sentence.names_a_kind(self.words)):
            return None  # nothing could be found, so the country need not be read
        return self._find(sentence, self.country, asked=asked, cues=False)

    def anywhere(self, text: str, centres: Centres, *, asked: bool = False) -> Found | None:
        """Return what `text` names in the province that it names, else at home, else in the country."""
        named = centres.province_named(text)
        places = dict.fromkeys([named or self.home, self.home, None])
        return next((found for place in places if (found := self.find(text, place, asked=asked))), None)

    def unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of `names` (kind and name) that are no present commune of the home province."""
        known = {commune.full for commune in self.of(self.home)}
        return tuple(name for name in names if name not in known)

    def _load(self, files: Sequence[Path]) -> Units:
        return load_units(files, self.words.written.office, self.folder / "older_districts.tsv")

    def _find(self, sentence: Sentence, units: Units, *, asked: bool, cues: bool) -> Found | None:
        heard = list(mentions(sentence, units, self.words, asked=asked, cues=cues))
        districts = tuple(district for mention in heard for district in mention.districts_said)
        for mention in heard:
            if mention.units_said:
                return _commune(sentence, mention, districts)
        return next((_district(mention) for mention in heard), None)


def _commune(sentence: Sentence, mention: Mention, districts: tuple[District, ...]) -> Found:
    """Settle which units a mention of a commune means, by what else the sentence says."""
    present, old = list(mention.present), list(mention.old)
    if there := _in_provinces_said(sentence, old):
        old, present = there, [commune for commune in present if sentence.says(commune.province)]
    district = next((d for d in districts if _lies_in(old, present, d)), None)
    if district is not None:
        in_district = [unit for unit in old if unit in district.units]
        became = [commune for unit in in_district for commune in unit.became]
        if in_district:
            present, old = [commune for commune in present if commune in became], in_district
        else:
            present = [commune for commune in present if commune in district.communes] or present
    present = [commune for commune in present if sentence.says(commune.province)] or present
    return _answer(mention, present, old, district)


def _answer(mention: Mention, present: list[Commune], old: list[OldUnit], district: District | None) -> Found:
    results = list(dict.fromkeys(unit.became for unit in old))
    became = list(dict.fromkeys(commune for result in results for commune in result))
    former = bool(old) and (mention.formerly or not present)
    candidates = became if former else present
    wider = () if mention.kind else mention.districts
    around = [c for d in wider for c in d.communes if c not in candidates]
    also = [] if mention.now else [c for c in became if c not in candidates and c not in around]
    return Found(
        said=mention.said,
        era=Era.OLD if former else Era.BOTH if (old and not mention.now) or wider else Era.PRESENT,
        candidates=(*candidates, *around),
        old=() if mention.now and present else tuple(old),
        also=tuple(also),
        district=district or next(iter(wider), None),
        divided=bool(around) or (former and len(results) == 1 and old[0].divided),
        ambiguous=bool(around)
        or (len(results) if former else len(present)) > 1
        or (len(mention.entries) > 1 and bool(also)),
        exact=mention.exact,
        span=mention.span,
    )


def _district(mention: Mention) -> Found:
    communes = tuple(dict.fromkeys(c for district in mention.districts for c in district.communes))
    return Found(
        said=mention.said,
        era=Era.DISTRICT,
        candidates=communes,
        district=mention.districts[0],
        divided=len(communes) > 1,
        ambiguous=len(mention.districts) > 1,
        exact=mention.exact,
        span=mention.span,
    )


def _lies_in(old: list[OldUnit], present: list[Commune], district: District) -> bool:
    if any(unit in district.units for unit in old):
        return True
    return any(commune in district.communes for commune in present)


def _in_provinces_said(sentence: Sentence, old: list[OldUnit]) -> list[OldUnit]:
    """Return the units of the provinces that the sentence names, by their former or present names."""
    former = [unit for unit in old if sentence.says(unit.province)]
    return former or [unit for unit in old if any(sentence.says(c.province) for c in unit.became)]
