"""The words around a commune's name, read from `data/centres/communes/words.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from procedures_kb.commune_units import COMMUNES, BrokenCommunes, plain, spellings
from procedures_kb.model import Record, Text
from procedures_kb.yaml_files import read_model

Texts = tuple[Text, ...]


@dataclass(frozen=True)
class Words:
    """One of the lists, looked for in a sentence; syllables as they are compared."""

    forms: frozenset[tuple[str, ...]]
    longest: int

    @classmethod
    def of(cls, texts: Iterable[str], *, unaccented: bool) -> Words:
        """Return the list of `texts`, longest first where several fit."""
        forms = {spellings(text) for text in texts}
        if unaccented:
            forms |= {folded(form) for form in forms}
        return cls(frozenset(forms), max(map(len, forms), default=0))

    def before(self, units: Sequence[str], end: int) -> int:
        """Return how many syllables of the list end right before `end`; 0 for none."""
        for length in range(min(self.longest, end), 0, -1):
            if tuple(units[end - length : end]) in self.forms:
                return length
        return 0

    def after(self, units: Sequence[str], start: int) -> int:
        """Return how many syllables of the list begin at `start`; 0 for none."""
        for length in range(min(self.longest, len(units) - start), 0, -1):
            if tuple(units[start : start + length]) in self.forms:
                return length
        return 0


def folded(units: Iterable[str]) -> tuple[str, ...]:
    """Return the syllables without accents, as they are compared."""
    return tuple(map(plain, units))


class CommuneWords(Record):
    """The lists of `words.yaml`, as written there."""

    office: Text
    kinds: Texts
    district_kinds: Texts
    short: tuple[tuple[Text, Text], ...]
    not_before_kind: Texts
    not_kinds: Texts
    not_before_unaccented_kind: Texts
    cues: Texts
    cues_unaccented: Texts
    parts: Texts
    between: Texts
    formerly_after: Texts
    now_after: Texts
    formerly_before: Texts
    fillers: Texts
    homographs: Texts
    homographs_unaccented: Texts
    provinces: Texts


@dataclass(frozen=True)
class WordLists:
    """The lists made ready for looking up, each when it is first asked for."""

    written: CommuneWords

    @cached_property
    def kinds(self) -> dict[tuple[str, ...], str]:
        """Every way to write a kind, of a commune or a district, and the kind."""
        names = [*self.written.kinds, *self.written.district_kinds]
        known = {spellings(name): name for name in names} | {folded(spellings(name)): name for name in names}
        return known | {spellings(short): kind for short, kind in self.written.short}

    @cached_property
    def spelled_out(self) -> frozenset[tuple[str, ...]]:
        """The kinds written out with their accents."""
        return frozenset(spellings(name) for name in (*self.written.kinds, *self.written.district_kinds))

    @cached_property
    def district_kinds(self) -> frozenset[str]:
        """The kinds that are of districts."""
        return frozenset(self.written.district_kinds)

    @cached_property
    def cues(self) -> Words:
        """Words before an accented name."""
        return Words.of(self.written.cues, unaccented=False)

    @cached_property
    def cues_unaccented(self) -> Words:
        """Words before a name that may lack its accents."""
        return Words.of(self.written.cues_unaccented, unaccented=True)

    @cached_property
    def parts(self) -> Words:
        """Parts of a commune, which have numbers."""
        return Words.of(self.written.parts, unaccented=True)

    @cached_property
    def between(self) -> Words:
        """Words between a commune and its district."""
        return Words.of(self.written.between, unaccented=True)

    @cached_property
    def formerly_after(self) -> Words:
        """Words behind a former name."""
        return Words.of(self.written.formerly_after, unaccented=True)

    @cached_property
    def now_after(self) -> Words:
        """Words behind a present name."""
        return Words.of(self.written.now_after, unaccented=True)

    @cached_property
    def formerly_before(self) -> Words:
        """Words before a former name."""
        return Words.of(self.written.formerly_before, unaccented=True)

    @cached_property
    def fillers(self) -> Words:
        """Words around a name that is the whole answer."""
        return Words.of(self.written.fillers, unaccented=True)

    @cached_property
    def not_before_kind(self) -> Words:
        """Words after which a kind names no unit."""
        return Words.of(self.written.not_before_kind, unaccented=True)

    @cached_property
    def not_before_unaccented_kind(self) -> Words:
        """Words after which an unaccented kind is another word."""
        return Words.of(self.written.not_before_unaccented_kind, unaccented=True)

    @cached_property
    def not_kinds(self) -> Words:
        """Ordinary words that begin with a kind."""
        return Words.of(self.written.not_kinds, unaccented=False)

    @cached_property
    def homographs(self) -> frozenset[str]:
        """Names that are ordinary words, or provinces'."""
        return frozenset((*self.written.homographs, *self.written.provinces))

    @cached_property
    def homographs_unaccented(self) -> frozenset[str]:
        """Names that are ordinary words, at least without accents."""
        return self.homographs | frozenset(self.written.homographs_unaccented)


def load_words(folder: Path = COMMUNES) -> CommuneWords:
    """Read `words.yaml`. Raises BrokenCommunes, naming the place and the reason."""
    return read_model(folder / "words.yaml", CommuneWords, BrokenCommunes)
