"""What an operator does with the catalogue: import, rebase, restore. The commands print what these return."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bot.server.editions import SHIPPED, shipped_digest
from bot.storage.catalogues import Edition, SqlCatalogues
from procedures_kb import catalogue as shipped_files
from procedures_kb import centres
from procedures_kb.catalogue import Catalogue
from procedures_kb.importers.contract import Imported, Refused
from procedures_kb.merging import Base, Merged, Where, merge


class WrongProvince(ValueError):
    """The province that was named is not the one that this installation serves."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An import that is worked out and not yet published; `after` is the version it was built on."""

    merged: Merged
    after: int
    origin: str


@dataclass(frozen=True, slots=True)
class CatalogueWork:
    """The catalogue of one database. Nothing is published but by `publish`."""

    catalogues: SqlCatalogues
    keep: int

    def current(self) -> tuple[Catalogue, int, frozenset[str]]:
        """Return what serves, its number and its imported codes. Raises BrokenVersion, BrokenRecord."""
        return self._serving(shipped_files.load())

    def _serving(self, shipped: Catalogue) -> tuple[Catalogue, int, frozenset[str]]:
        number = self.catalogues.latest()
        if number == SHIPPED:
            return shipped, SHIPPED, frozenset()
        return self.catalogues.load(number), number, self.catalogues.version(number).imported

    def plan(
        self,
        found: Iterable[Imported | Refused],
        origin: str,
        today: date,
        province: str | None = None,
        gone: Iterable[str] = (),
    ) -> Planned:
        """Work out what `found` makes of the catalogue; `province` says whose own files they are.

        `found` is not begun to be read before all else is in order.
        Raises WrongProvince, BrokenVersion, BrokenRecord.
        """
        home = centres.load().covered.name
        if province is not None and province != home:
            raise WrongProvince(f"this installation serves {home}, not {province}: nothing was read")
        shipped = shipped_files.load()
        current, number, imported = self._serving(shipped)
        base = Base(shipped, current, imported, self._abolished(shipped, current, number))
        merged = merge(base, found, Where(home, province is not None, today), gone)
        return Planned(merged, number, origin)

    def _abolished(self, shipped: Catalogue, current: Catalogue, number: int) -> frozenset[str]:
        """Return the shipped codes that version `number` was published without.

        Only against the facts that it was built on: of a newer release nobody knows yet what was abolished,
        and the next synchronisation tells.
        """
        if number == SHIPPED or self.catalogues.version(number).base != shipped_digest():
            return frozenset()
        return frozenset(shipped.by_code.keys() - current.by_code.keys())

    def publish(self, planned: Planned) -> int:
        """Make the planned catalogue the one that serves; return its number. Raises ConflictingImport."""
        merged = planned.merged
        edition = Edition(
            merged.procedures, merged.imported, shipped_digest(), planned.origin, merged.wordings
        )
        return self.catalogues.publish(edition, planned.after, self.keep)

    def restore(self, number: int) -> int:
        """Publish version `number` (0: the shipped facts) again; return the new number.

        Raises NoSuchVersion, BrokenVersion, BrokenRecord, ConflictingImport.
        """
        latest = self.catalogues.latest()
        if number == SHIPPED:
            old, imported, base = shipped_files.load(), frozenset[str](), shipped_digest()
        else:
            version = self.catalogues.version(number)
            old, imported, base = self.catalogues.load(number), version.imported, version.base
        edition = Edition(tuple(old.procedures), imported, base, f"restored version {number}", {})
        return self.catalogues.publish(edition, latest, self.keep)

    def before(self, current: int, day: date | None, number: int | None) -> tuple[Catalogue, int]:
        """Return an earlier catalogue and its number: version `number`, or what served when `day` began.

        With neither, the version before `current` that is still kept. Raises NoSuchVersion, BrokenVersion.
        """
        if number is None and day is not None:
            number = self.catalogues.in_force(day)
        if number is None:
            kept = [version.number for version in self.catalogues.versions() if version.number < current]
            number = max(kept, default=SHIPPED)
        return (shipped_files.load() if number == SHIPPED else self.catalogues.load(number)), number


def origin_of(paths: Iterable[Path], now: datetime) -> str:
    """Return a few words that say where an import came from: names of files, no folders of this machine."""
    names = [path.name or path.resolve().name for path in paths]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"import {now:%Y-%m-%d %H:%M} of {', '.join(names[:3])}{more}"
