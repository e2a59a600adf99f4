"""What was read and checked once, kept as JSON in a cache folder, so that the next start is fast.

The data files stay the only truth: whatever is kept stands under a digest of all that it was made of (files
and code), and is made again where that differs. A file here may be deleted at any time; a torn or changed one
is never believed. Nothing is kept outside `keeping`, which the composition root opens around a start.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

import pydantic

logger = logging.getLogger(__name__)
_FOLDER: ContextVar[Path | None] = ContextVar("kept_folder", default=None)
_OURS = Path(__file__).parent
_LANGUAGE = _OURS.parent / "vietnamese"
_SPARE = 3  # versions of one thing left beside the newest: other working trees may share the folder


@contextmanager
def keeping(folder: Path | None) -> Iterator[None]:
    """Let what is loaded within read and write what is kept in `folder`; None keeps nothing."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


def folder() -> Path | None:
    """Return the folder of the `keeping` around the caller; None outside."""
    return _FOLDER.get()


def digest(parts: Iterable[bytes]) -> str:
    """Return 32 hexadecimal digits that change with any of `parts` and with their number and order."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:32]


@lru_cache(maxsize=8)  # code does not change while it runs
def code_digest(*more: Path) -> str:
    """Return the digest of the code that reads our data: this package, `vietnamese`, and files `more`."""
    language = (f for f in _LANGUAGE.rglob("*") if f.is_file() and f.suffix != ".pyc")
    files = sorted({*_OURS.glob("*.py"), *language, *more})
    versions = f"{pydantic.VERSION} {sys.version}"
    return digest([versions.encode(), *(file.read_bytes() for file in files)])


def read(name: str, key: str) -> object:
    """Return what is kept as `name` under `key`, plain JSON types; None where it is not, or not whole."""
    kept_in = folder()
    if kept_in is None:
        return None
    try:
        head, _, body = _file(kept_in, name, key).read_bytes().partition(b"\n")
        if head.decode("ascii") != f"{key} {hashlib.sha256(body).hexdigest()}":
            raise ValueError("it is not whole")
        found: object = json.loads(body)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # what is not UTF-8 or not JSON is a ValueError too
        logger.warning("what is kept as %s is made again: %s", name, error)
        return None
    return found


def write(name: str, key: str, value: object) -> None:
    """Keep `value`, made of plain JSON types, as `name` under `key`; a full disk costs only the cache.

    Written aside and renamed, so that no process ever reads half a file.
    """
    kept_in = folder()
    if kept_in is None:
        return
    file = _file(kept_in, name, key)
    aside = file.with_suffix(f".{os.getpid()}.tmp")
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(f"{key} {hashlib.sha256(body).hexdigest()}\n".encode() + body)
        aside.replace(file)
        drop_old(kept_in, f"{name}-*.json")
    except OSError as error:
        logger.warning("%s is not kept (%s): the next start takes longer", name, error)


def kept(name: str, key: str, make: Callable[[], object]) -> object:
    """Return what is kept as `name` under `key`, or what `make` returns, which is kept then."""
    found = read(name, key)
    if found is None:
        found = make()
        write(name, key, found)
    return found


def _file(kept_in: Path, name: str, key: str) -> Path:
    return kept_in / f"{name}-{key}.json"


def drop_old(kept_in: Path, pattern: str) -> None:
    """Delete all but the newest few files of `kept_in` whose names fit `pattern`."""
    files = sorted(kept_in.glob(pattern), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[1 + _SPARE :]:
        file.unlink(missing_ok=True)
