"""Versions of the catalogue in the database, with the official wording (DESIGN, decision 5)."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.storage.models import CatalogueRow, WordingRow
from procedures_kb.build.writing import line_of
from procedures_kb.catalogue import BrokenRecord, Catalogue, from_lines
from procedures_kb.importers.contract import Wording
from procedures_kb.model import Procedure

_BATCH = 500


class ConflictingImport(RuntimeError):
    """Somebody else published a version meanwhile: nothing was changed; run the import again."""


class BrokenVersion(ValueError):
    """A version in the database that cannot be served; the message says why."""


class NoSuchVersion(LookupError):
    """The database has no version of that number."""


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version without its records."""

    number: int
    created_at: datetime
    digest: str
    base: str
    origin: str
    procedures: int
    imported: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edition:
    """What is to be published: all records, the new wordings by id, and where they come from."""

    procedures: tuple[Procedure, ...]
    imported: frozenset[str]
    base: str
    origin: str
    wordings: Mapping[str, Wording]


class SqlCatalogues:
    """The versions of one database; safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def latest(self) -> int:
        """Return the number of the version that serves; 0 where only the shipped facts do."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(CatalogueRow.number))).scalar() or 0

    def versions(self) -> list[Version]:
        """Return all versions, newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_COLUMNS).order_by(CatalogueRow.number.desc()))
            return [_version(row) for row in rows]

    def version(self, number: int) -> Version:
        """Return what is known of version `number`. Raises NoSuchVersion."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_COLUMNS).where(CatalogueRow.number == number)).one_or_none()
        if row is None:
            raise NoSuchVersion(f"there is no version {number}: see `troly kb versions`")
        return _version(row)

    def in_force(self, day: date) -> int:
        """Return the number of the version that served when `day` began; 0 for the shipped facts."""
        begin = datetime.combine(day, time.min, UTC)
        newest = select(func.max(CatalogueRow.number)).where(CatalogueRow.created_at < begin)
        with self._engine.connect() as connection:
            return connection.execute(newest).scalar() or 0

    def load(self, number: int) -> Catalogue:
        """Return the catalogue of version `number`.

        Raises NoSuchVersion, and BrokenVersion where its bytes are not what was published.
        """
        wanted = select(CatalogueRow.records, CatalogueRow.digest).where(CatalogueRow.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise NoSuchVersion(f"there is no version {number}: see `troly kb versions`")
        try:
            lines = gzip.decompress(row.records)
            if hashlib.sha256(lines).hexdigest() != row.digest:
                raise BrokenVersion(f"version {number} is not what was published: its digest differs")
            # At newlines only: JSON lines may hold U+2028, which str.splitlines would cut at.
            whole = lines.decode().rstrip("\n").split("\n")
            return from_lines([(f"version {number}", whole)])
        except (OSError, EOFError, zlib.error, UnicodeDecodeError, BrokenRecord) as error:
            raise BrokenVersion(f"version {number} cannot be read: {error}") from error

    def publish(self, edition: Edition, after: int, keep: int) -> int:
        """Store `edition` as the version after `after`, which becomes the one that serves; return its number.

        At most `keep` versions stay. One transaction: all of it or nothing. Raises ConflictingImport where
        `after` is not the latest any more.
        """
        lines = "".join(map(line_of, edition.procedures)).encode()
        values = {
            "number": after + 1,
            "created_at": datetime.now(UTC),
            "digest": hashlib.sha256(lines).hexdigest(),
            "base": edition.base,
            "origin": edition.origin[:200],
            "procedures": len(edition.procedures),
            "imported": sorted(edition.imported),
            "records": gzip.compress(lines, mtime=0),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(CatalogueRow).values(values))
                self._add_wordings(connection, edition.wordings)
                connection.execute(delete(CatalogueRow).where(CatalogueRow.number <= after + 1 - keep))
        except IntegrityError as error:
            raise ConflictingImport(
                "another import was published meanwhile: nothing was changed, run this one again"
            ) from error
        return after + 1

    def wording(self, wording_id: str) -> Wording | None:
        """Return the official wording `wording_id`; None where it is not there or cannot be read."""
        wanted = select(WordingRow.body).where(WordingRow.id == wording_id)
        with self._engine.connect() as connection:
            body = connection.execute(wanted).scalar()
        try:
            return None if body is None else Wording.model_validate(body)
        except ValidationError:
            return None

    @staticmethod
    def _add_wordings(connection: Connection, wordings: Mapping[str, Wording]) -> None:
        there: set[str] = set()
        for ids in _batches(wordings):
            there.update(connection.execute(select(WordingRow.id).where(WordingRow.id.in_(ids))).scalars())
        rows = [
            {"id": key, "code": w.code, "taken": w.taken, "body": w.model_dump(mode="json")}
            for key, w in wordings.items()
            if key not in there
        ]
        if rows:
            connection.execute(insert(WordingRow), rows)


_COLUMNS = (
    CatalogueRow.number,
    CatalogueRow.created_at,
    CatalogueRow.digest,
    CatalogueRow.base,
    CatalogueRow.origin,
    CatalogueRow.procedures,
    CatalogueRow.imported,
)


def _version(row: Row[int, datetime, str, str, str, int, list[str]]) -> Version:
    return Version(
        row.number,
        row.created_at if row.created_at.tzinfo else row.created_at.replace(tzinfo=UTC),
        row.digest,
        row.base,
        row.origin,
        row.procedures,
        frozenset(row.imported),
    )


def _batches(keys: Iterable[str]) -> Iterable[list[str]]:
    every = sorted(keys)
    return (every[start : start + _BATCH] for start in range(0, len(every), _BATCH))
