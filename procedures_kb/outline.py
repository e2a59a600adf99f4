"""The catalogue of lines that were checked at an earlier start: a record is read when it is first asked for.

What is kept of a catalogue is its outline, under the digest of all its lines and of the code that checked
them. So a line of a `DeferredCatalogue` has been a valid record before, to the letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import overload

from pydantic import BaseModel, ConfigDict, ValidationError

from procedures_kb import kept
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Procedure

NAME = "catalogue"
Line = str | bytes


class Outline(BaseModel):
    """What can be told without the records: their codes, in order; families by the places of their members.

    `detailed` counts the records with all parts, `words` are the folded syllables of all names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    codes: tuple[str, ...]
    families: dict[str, tuple[int, ...]]
    detailed: int
    words: frozenset[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Outline:
        """Return the outline of `catalogue`."""
        places = {procedure.code: at for at, procedure in enumerate(catalogue)}
        return cls(
            codes=tuple(places),
            families={f: tuple(places[p.code] for p in ps) for f, ps in catalogue.families.items()},
            detailed=catalogue.detailed,
            words=catalogue.words,
        )


def digest_of(sources: Sequence[tuple[str, Sequence[Line]]]) -> str:
    """Return the digest of every line, with the code that would check it."""
    parts = chain.from_iterable((name.encode(), _joined(lines)) for name, lines in sources)
    return kept.digest((kept.code_digest().encode(), *parts))


def recall(key: str, sources: Sequence[tuple[str, Sequence[Line]]]) -> DeferredCatalogue | None:
    """Return the catalogue of the lines whose digest is `key`; None where its outline is not kept."""
    found = kept.read(NAME, key)
    lines = tuple(chain.from_iterable(lines for _, lines in sources))
    try:
        outline = None if found is None else Outline.model_validate(found)
    except ValidationError:
        return None
    if outline is None or len(outline.codes) != len(lines):
        return None
    return DeferredCatalogue(Records(lines), outline, key)


def remember(key: str, catalogue: Catalogue) -> DeferredCatalogue:
    """Keep the outline of `catalogue`, made of the lines of digest `key`; return it with that digest."""
    outline = Outline.of(catalogue)
    kept.write(NAME, key, outline.model_dump(mode="json"))
    return DeferredCatalogue(catalogue.procedures, outline, key)


class Records(Sequence[Procedure]):
    """Records by their places, each read from its line when it is first asked for; safe for threads."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Take JSON lines that are known to be valid records."""
        self._lines = lines
        self._read: dict[int, Procedure] = {}

    @overload
    def __getitem__(self, at: int) -> Procedure: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Procedure]: ...
    def __getitem__(self, at: int | slice) -> Procedure | Sequence[Procedure]:
        if isinstance(at, slice):
            return tuple(self[one] for one in range(*at.indices(len(self))))
        found = self._read.get(at)
        if found is None:  # two threads may both read it: the first one's stays
            found = self._read.setdefault(at, Procedure.model_validate_json(self._lines[at]))
        return found

    def __len__(self) -> int:
        return len(self._lines)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


@dataclass(frozen=True, eq=False)
class _ByCode(Mapping[str, Procedure]):
    records: Sequence[Procedure]
    places: Mapping[str, int]

    def __getitem__(self, code: str) -> Procedure:
        return self.records[self.places[code]]

    def __contains__(self, code: object) -> bool:
        return code in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True, eq=False)
class _Families(Mapping[str, tuple[Procedure, ...]]):
    records: Sequence[Procedure]
    members: Mapping[str, tuple[int, ...]]

    def __getitem__(self, family: str) -> tuple[Procedure, ...]:
        return tuple(self.records[at] for at in self.members[family])

    def __contains__(self, family: object) -> bool:
        return family in self.members

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


@dataclass(frozen=True, eq=False)
class DeferredCatalogue(Catalogue):
    """A catalogue that reads its records when they are asked for; `digest` is of the lines and the code."""

    outline: Outline = field(repr=False)
    digest: str

    @cached_property
    def by_code(self) -> Mapping[str, Procedure]:
        """Each procedure under its code."""
        places = {code: at for at, code in enumerate(self.outline.codes)}
        return _ByCode(self.procedures, MappingProxyType(places))

    @cached_property
    def families(self) -> Mapping[str, tuple[Procedure, ...]]:
        """The members of each family that may be served, most local level first."""
        return _Families(self.procedures, self.outline.families)

    def family_of(self, code: str) -> str | None:
        """Return the family of `code`; None for a code that the catalogue has not."""
        return self._family_by_code.get(code) or super().family_of(code)

    @cached_property
    def _family_by_code(self) -> Mapping[str, str]:
        codes = self.outline.codes
        return {codes[at]: family for family, members in self.outline.families.items() for at in members}

    @cached_property
    def detailed(self) -> int:
        """How many records have all parts."""
        return self.outline.detailed

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded syllables of all names."""
        return self.outline.words


def _joined(lines: Sequence[Line]) -> bytes:
    return b"\n".join(
        line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass") for line in lines
    )
