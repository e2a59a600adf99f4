"""The folder of the portal's raw answers: `details/<code>.json` as received, and an index of them.

A process may die at any moment: a file is renamed into place only when it is whole and on the disk, the index
(SQLite) names it only after that, and what the index does not vouch for is asked for again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from procedures_kb.portal.answers import Detail, Listed

_VERSION = 1
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entry (
  code TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  listed_as TEXT NOT NULL,  -- the list's item now
  fetched_as TEXT,          -- the list's item when the detail was fetched
  scope TEXT NOT NULL,      -- the widest list that held it: a department's code, or nothing for the nation's
  updated TEXT,
  sha256 TEXT,
  fetched TEXT,
  gone TEXT                 -- since when a complete list lacks it
) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""
_WAIT_S = 10.0


class StoreBusy(RuntimeError):
    """Another synchronisation holds the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another sync is running in {folder}: wait for it to end, or stop it")


class BrokenStore(RuntimeError):
    """The folder or its index cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of one code. `fetched` is None while its detail was never stored.

    `updated` is the portal's own date of the detail; `gone` since when a complete list lacks the code: a
    candidate for "abolished". Nothing is ever deleted.
    """

    code: str
    id: str
    name: str
    listed_as: str
    fetched_as: str | None
    scope: str
    updated: datetime | None
    sha256: str | None
    fetched: datetime | None
    gone: datetime | None


class PortalStore:
    """A folder of answers; made where it is missing. Use as a context manager.

    Whatever writes raises BrokenStore where that is impossible (a full disk, no rights); opening does so too
    where the index is damaged or of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.details = folder / "details"  # what `troly kb import` reads
        self._partial = folder / "partial"
        with self._writable():
            self.details.mkdir(parents=True, exist_ok=True)
        self._db = _opened(folder / "index.sqlite")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._db.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one synchronisation; raises StoreBusy.

        The system frees the lock of a process that dies, so a lock is never stale.
        """
        lock = FileLock(self.folder / "sync.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise StoreBusy(self.folder) from error
        try:
            shutil.rmtree(self._partial, ignore_errors=True)  # halves that a killed sync left
            yield
            shutil.rmtree(self._partial, ignore_errors=True)
        finally:
            lock.release()

    def list_items(self, items: Iterable[Listed], scope: str) -> None:
        """Take over what a list says now, all or nothing. An item that is listed is not gone."""
        rows = [(item.code, item.id, item.name, item.raw, scope) for item in items]
        with self._writable(), self._db:
            self._db.executemany(
                "INSERT INTO entry (code, id, name, listed_as, scope) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (code) DO UPDATE SET id = excluded.id, name = excluded.name,"
                " listed_as = excluded.listed_as, gone = NULL,"
                " scope = CASE WHEN entry.scope = '' THEN '' ELSE excluded.scope END",
                rows,
            )

    def missing(self, listed: Iterable[str], scope: str) -> tuple[str, ...]:
        """Return the codes that a complete list of `scope` should hold and does not, sorted, gone ones too.

        A department's list proves nothing about what only the nation's list has shown.
        """
        here = set(listed)
        known = "SELECT code FROM entry WHERE ? IN ('', scope) ORDER BY code"
        return tuple(code for (code,) in self._db.execute(known, (scope,)) if code not in here)

    def mark_gone(self, codes: Iterable[str], now: datetime) -> tuple[str, ...]:
        """Mark those codes and return the ones that were not marked before."""
        with self._writable(), self._db:
            return tuple(
                code
                for code in codes
                if self._db.execute(
                    "UPDATE entry SET gone = ? WHERE code = ? AND gone IS NULL", (now.isoformat(), code)
                ).rowcount
            )

    def entry(self, code: str) -> Entry | None:
        """Return what the index knows of `code`."""
        row = self._db.execute("SELECT * FROM entry WHERE code = ?", (code,)).fetchone()
        return _entry(row) if row else None

    def entries(self, *, gone: bool | None = None) -> tuple[Entry, ...]:
        """Return all entries by code; only the gone or only the present ones where `gone` is given."""
        found = map(_entry, self._db.execute("SELECT * FROM entry ORDER BY code"))
        return tuple(one for one in found if gone is None or (one.gone is not None) is gone)

    def is_current(self, item: Listed, oldest: datetime) -> bool:
        """Return whether the stored detail is whole, of this very list item, and fetched after `oldest`."""
        known = self.entry(item.code)
        if known is None or known.fetched is None or known.fetched < oldest or known.fetched_as != item.raw:
            return False
        file = self.file(item.code)
        return file.is_file() and _sha256(file.read_bytes()) == known.sha256

    def file(self, code: str) -> Path:
        """Return where the detail of `code` lies."""
        return self.details / f"{code}.json"

    def save(self, item: Listed, detail: Detail, now: datetime) -> bool:
        """Store the detail of a listed item; return whether it says anything new.

        The same `updatedAt` counts as nothing new, yet the newest bytes are the ones kept.
        """
        known, digest = self.entry(item.code), _sha256(detail.raw)
        updated = detail.updated.isoformat() if detail.updated else None
        with self._writable(), self._db:
            self._write(self.file(item.code), detail.raw)
            self._db.execute(
                "UPDATE entry SET fetched_as = ?, updated = ?, sha256 = ?, fetched = ? WHERE code = ?",
                (item.raw, updated, digest, now.isoformat(), item.code),
            )
        if known is None or known.sha256 is None:
            return True
        return digest != known.sha256 and (detail.updated is None or detail.updated != known.updated)

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            reason = f"{self.folder} cannot be written ({error}): check its space and rights, then run again"
            raise BrokenStore(reason) from error

    def _write(self, file: Path, content: bytes) -> None:
        self._partial.mkdir(exist_ok=True)
        partial = self._partial / file.name
        with partial.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
        _sync_folder(file.parent)


def _opened(file: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(file, timeout=_WAIT_S)
        db.row_factory = sqlite3.Row
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise BrokenStore(
                f"{file} is of version {version}, this program knows {_VERSION}: use another folder"
            )
        if version == 0:
            db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
    except sqlite3.DatabaseError as error:
        raise BrokenStore(f"{file}: {error}; delete this one file and run the sync again") from error
    return db


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        code=row["code"],
        id=row["id"],
        name=row["name"],
        listed_as=row["listed_as"],
        fetched_as=row["fetched_as"],
        scope=row["scope"],
        updated=_moment(row["updated"]),
        sha256=row["sha256"],
        fetched=_moment(row["fetched"]),
        gone=_moment(row["gone"]),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system lets a folder be synced."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
