"""Which catalogue serves: the latest version in the database that can be read, else the shipped facts."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from bot.storage.catalogues import SqlCatalogues, Version
    from procedures_kb.catalogue import Catalogue
    from procedures_kb.importers.contract import Wording

logger = logging.getLogger(__name__)
SHIPPED = 0


@dataclass(frozen=True, slots=True)
class Served:
    """One catalogue to serve: its number (0: the shipped one), digest, and what the operator must know."""

    catalogue: Catalogue
    number: int
    digest: str
    warning: str = ""


class CatalogueSource(Protocol):
    """Where the catalogue comes from."""

    def latest(self) -> int:
        """Return the number of the version that ought to serve."""

    def load(self) -> Served:
        """Return the latest version that can be served."""


class Shipped:
    """The facts of this release, without any database."""

    def latest(self) -> int:
        """Return 0."""
        return SHIPPED

    def load(self) -> Served:
        """Read the files. Raises BrokenRecord or FileNotFoundError."""
        from procedures_kb.catalogue import load

        return Served(load(), SHIPPED, shipped_digest())


class Stored:
    """The versions of the database above the shipped facts."""

    def __init__(self, catalogues: SqlCatalogues) -> None:
        self._catalogues = catalogues

    def latest(self) -> int:
        """Return the number of the newest version; 0 where there is none or the database is out of reach."""
        try:
            return self._catalogues.latest()
        except SQLAlchemyError:
            logger.exception("the versions of the catalogue cannot be read")
            return SHIPPED

    def load(self) -> Served:
        """Return the newest version that can be read, the shipped facts where none can.

        Raises BrokenRecord or FileNotFoundError where not even those can be read.
        """
        broken: list[str] = []
        for version in self._versions():
            try:
                catalogue = self._catalogues.load(version.number)
            except (ValueError, LookupError, SQLAlchemyError) as error:
                logger.error("version %d is passed over: %s", version.number, error)
                broken.append(str(version.number))
                continue
            warning = _warning(broken, newer_shipped=version.base != shipped_digest())
            return Served(catalogue, version.number, version.digest[:12], warning)
        return replace(Shipped().load(), warning=_warning(broken, newer_shipped=False))

    def wording(self, wording_id: str) -> Wording | None:
        """Return the official wording; None where it is not there or the database is out of reach."""
        try:
            return self._catalogues.wording(wording_id)
        except SQLAlchemyError:
            logger.exception("an official wording cannot be read")
            return None

    def _versions(self) -> list[Version]:
        try:
            return self._catalogues.versions()
        except SQLAlchemyError:
            logger.exception("the versions of the catalogue cannot be read")
            return []


def _warning(broken: list[str], *, newer_shipped: bool) -> str:
    parts = []
    if broken:
        parts.append(f"version {', '.join(broken)} cannot be read: run `troly kb versions`")
    if newer_shipped:
        parts.append("this release ships newer facts: run `troly kb rebase`")
    return "; ".join(parts)


def shipped_digest() -> str:
    """Return the digest of the facts of this release: 12 hexadecimal digits."""
    from bot.server.recipe import files_digest
    from procedures_kb.catalogue import CATALOGUE

    return files_digest(CATALOGUE)
