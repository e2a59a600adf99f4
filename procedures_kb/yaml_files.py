"""Reads our YAML data with libyaml where it is there: ten times as fast, which start-up needs.

Within `packed` a file whose bytes were parsed at an earlier start is not parsed again. It is checked again
all the same: only the parsing is saved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from procedures_kb import kept

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_M = TypeVar("_M", bound=BaseModel)
_FORMAT = f"2-{yaml.__version__}"
_DATE = "$date"  # JSON has no dates: {"$date": "2026-11-22"}


@dataclass(slots=True)
class _Pack:
    """What files hold, by the digest of their bytes: `old` from an earlier start, `used` in this one.

    Both as they are kept: whether there are dates in it, and what it is in JSON.
    """

    old: dict[str, tuple[bool, object]]
    used: dict[str, tuple[bool, object]] = field(default_factory=dict)


_PACK: ContextVar[_Pack | None] = ContextVar("yaml_pack", default=None)


@contextmanager
def packed(name: str) -> Iterator[None]:
    """Keep what is parsed within as `name`, where `kept.keeping` is open; what is read is not to be changed.

    Nothing is kept where an error ends the block.
    """
    if kept.folder() is None:
        yield
        return
    pack = _Pack(cast("dict[str, tuple[bool, object]]", kept.read(name, _FORMAT) or {}))
    token = _PACK.set(pack)
    try:
        yield
    finally:
        _PACK.reset(token)
    if pack.used.keys() - pack.old.keys():
        kept.write(name, _FORMAT, pack.used)


def read_yaml(file: Path) -> object:
    """Return what `file` holds, built from plain types only.

    Raises yaml.YAMLError, naming the line, for text that is not YAML; FileNotFoundError.
    """
    raw = file.read_bytes()
    pack = _PACK.get()
    if pack is None:
        return _parsed(raw)
    digest = hashlib.sha256(raw).hexdigest()
    if digest in pack.old:
        has_dates, plain = pack.used[digest] = pack.old[digest]
        return _undated(plain) if has_dates else plain
    held = _parsed(raw)
    plain = _dated(held)
    if _survives(held, plain):
        pack.used[digest] = plain != held, plain
    return held


def _parsed(raw: bytes) -> object:
    return yaml.load(raw.decode("utf-8"), Loader=_LOADER)  # noqa: S506  (both loaders are the safe ones)


def _survives(held: object, plain: object) -> bool:
    """Return whether `held`, written as `plain`, is the same after JSON: no number as key, no time of day."""
    try:
        return _undated(json.loads(json.dumps(plain))) == held
    except (TypeError, ValueError):
        return False


def _dated(held: object) -> object:
    if isinstance(held, dict):
        return {key: _dated(value) for key, value in held.items()}
    if isinstance(held, list):
        return [_dated(value) for value in held]
    return {_DATE: held.isoformat()} if type(held) is date else held


def _undated(held: object) -> object:
    if isinstance(held, dict):
        if held.keys() == {_DATE}:
            return date.fromisoformat(held[_DATE])
        return {key: _undated(value) for key, value in held.items()}
    return [_undated(value) for value in held] if isinstance(held, list) else held


def read_model(file: Path, model: type[_M], broken: type[ValueError]) -> _M:
    """Return `file` as a `model`.

    Raises `broken`, naming the file, the place in it and the reason, where it is missing or not as the model
    wants it.
    """
    try:
        return model.model_validate(read_yaml(file))
    except FileNotFoundError as error:
        raise broken(f"{file.name}: missing in {file.parent.name}; restore it from git") from error
    except yaml.YAMLError as error:
        raise broken(f"{file.name}: not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise broken(f"{file.name}: {where or 'the whole file'}: {first['msg']}") from error
