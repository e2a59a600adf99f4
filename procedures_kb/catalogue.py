"""The catalogue in memory: an immutable set of procedures with the ways to look them up."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from procedures_kb import kept
from procedures_kb.model import Detail, Flag, Level, Procedure
from vietnamese import fold, syllables

CATALOGUE = Path(__file__).parent / "data" / "catalogue"


class BrokenRecord(ValueError):
    """A line of a catalogue file that cannot be served; the message names file, line, code and reason."""


@dataclass(frozen=True)
class Catalogue:
    """Procedures by code, in the order of the files."""

    procedures: Sequence[Procedure]

    @cached_property
    def by_code(self) -> Mapping[str, Procedure]:
        """Each procedure under its code."""
        return MappingProxyType({p.code: p for p in self.procedures})

    @cached_property
    def families(self) -> Mapping[str, tuple[Procedure, ...]]:
        """The members of each family that may be served, most local level first.

        Another province's own version belongs to none (trap 5): it is known by its code, and never offered.
        """
        members: dict[str, list[Procedure]] = defaultdict(list)
        for procedure in self.procedures:
            if not procedure.has(Flag.LOCAL_VERSION):
                members[procedure.family].append(procedure)
        return MappingProxyType({f: tuple(sorted(ps, key=_distance)) for f, ps in members.items()})

    def family_of(self, code: str) -> str | None:
        """Return the family of `code`; None for a code that the catalogue has not."""
        procedure = self.by_code.get(code)
        return None if procedure is None else procedure.family

    def may_serve(self, code: str) -> bool:
        """Return whether the catalogue has `code`, and not as another province's own version."""
        procedure = self.by_code.get(code)
        return procedure is not None and not procedure.has(Flag.LOCAL_VERSION)

    @cached_property
    def detailed(self) -> int:
        """How many records have all parts."""
        return sum(procedure.detail is Detail.FULL for procedure in self.procedures)

    @cached_property
    def words(self) -> frozenset[str]:
        """The folded syllables of all names."""
        return frozenset(word for p in self.procedures for word in syllables(fold(p.name)))

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self.procedures)

    def __len__(self) -> int:
        return len(self.procedures)


def _distance(procedure: Procedure) -> int:
    """Return how far from home the nearest level is that handles the procedure: 0 for the commune."""
    return min((list(Level).index(level) for level in procedure.levels), default=len(Level))


def read_records(lines: Iterable[str | bytes], name: str) -> Iterator[Procedure]:
    """Yield the procedure of each JSON line.

    Raises BrokenRecord for the first line that is not a valid record.
    """
    for number, line in enumerate(lines, start=1):
        try:
            yield Procedure.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BrokenRecord(f"{name}:{number}: {where}: {first['msg']}") from error


def load(folder: Path = CATALOGUE) -> Catalogue:
    """Read every `*.jsonl` of `folder`.

    Within `kept.keeping` records that were checked before are read when they are first asked for.

    Raises BrokenRecord for an invalid or repeated record, FileNotFoundError where there is none.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"no catalogue file in {folder}: run `troly kb build --from DIR`")
    return from_lines((file.name, file.read_bytes().splitlines()) for file in files)


def from_lines(sources: Iterable[tuple[str, Iterable[str | bytes]]]) -> Catalogue:
    """Return the catalogue of the JSON lines of every source, given with the source's name.

    Within `kept.keeping` it reads as `load` does.

    Raises BrokenRecord for an invalid or repeated record.
    """
    if kept.folder() is None:
        return _read_all(sources)
    from procedures_kb import outline  # it stands on this module

    whole = [(name, tuple(lines)) for name, lines in sources]
    key = outline.digest_of(whole)
    return outline.recall(key, whole) or outline.remember(key, _read_all(whole))


def _read_all(sources: Iterable[tuple[str, Iterable[str | bytes]]]) -> Catalogue:
    seen: dict[str, str] = {}
    procedures: list[Procedure] = []
    with _collector_paused():
        for name, lines in sources:
            for procedure in read_records(lines, name):
                if procedure.code in seen:
                    raise BrokenRecord(f"{name}: {procedure.code} is in {seen[procedure.code]} too")
                seen[procedure.code] = name
                procedures.append(procedure)
    return Catalogue(tuple(procedures))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cyclic collector from walking all the new objects: reading then takes half as long."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
