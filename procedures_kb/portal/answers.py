"""The portal's answers, typed: what a synchronisation reads of them; the rest is stored as it came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from procedures_kb.portal.errors import PortalBroken

# A code becomes a file's name: nothing that could leave the folder or hide in it.
FILE_SAFE_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_Given = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
_Milliseconds = Annotated[int, Field(ge=0, le=4_102_444_800_000)]  # until the year 2100
_M = TypeVar("_M", bound=BaseModel)
_T = TypeVar("_T")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Envelope(_Answer):
    code: str
    data: dict[str, object] | None = None


class _Identified(_Answer):
    id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$")]
    code: _Given
    name: _Given
    type: str | None = None
    updated_ms: _Milliseconds | None = Field(default=None, validation_alias="updatedAt")

    @property
    def updated(self) -> datetime | None:
        """When the portal changed the record, where it says so."""
        return None if self.updated_ms is None else datetime.fromtimestamp(self.updated_ms / 1000, UTC)


class _RawPage(_Answer):
    items: list[dict[str, object]]
    last_id: str | None = Field(default=None, validation_alias="lastId")
    total: Annotated[int, Field(ge=0)] | None = None


class _RawDetail(_Identified):
    # Without these two it is no detail: the list's items look alike otherwise.
    execution_methods: list[object] | None = Field(validation_alias="executionMethods")
    execution_cases: list[object] | None = Field(validation_alias="executionCases")


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of the list. `raw` is the item in one canonical spelling: equal text means nothing changed."""

    id: str
    code: str
    name: str
    type: str | None
    updated: datetime | None
    raw: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `unreadable` counts items without a usable id, code or name."""

    items: tuple[Listed, ...]
    last_id: str | None
    total: int | None
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail: what identifies it, when it was changed, and the answer as received."""

    id: str
    code: str
    name: str
    updated: datetime | None
    raw: bytes


def read_page(body: bytes) -> Page:
    """Return the page that `body` holds; raises PortalBroken."""
    page = _model(_RawPage, _data(body))
    found = tuple(item for row in page.items if (item := _listed(row)) is not None)
    if page.items and not found:
        raise PortalBroken("a page of the list without one usable item: its shape has changed")
    return Page(found, page.last_id or None, page.total, len(page.items) - len(found))


def read_detail(body: bytes) -> Detail:
    """Return the detail that `body` holds; raises PortalBroken."""
    one = _model(_RawDetail, _data(body))
    return Detail(one.id, one.code, one.name, one.updated, body)


def _listed(row: dict[str, object]) -> Listed | None:
    try:
        one = _Identified.model_validate(row)
    except ValidationError:
        return None
    return Listed(one.id, one.code, one.name, one.type, one.updated, canonical(row))


def canonical(value: object) -> str:
    """Return JSON in one spelling: keys sorted, and lists too, for the portal keeps no order in them."""
    return json.dumps(_sorted(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def _data(body: bytes) -> dict[str, object]:
    """Return what is inside the envelope; a bare record, as older answers were, is taken as it is."""
    start = body.lstrip()[:64].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise PortalBroken("a web page instead of data (the firewall, or maintenance): wait, then try again")
    value = _json(body)
    if not isinstance(value, dict):
        raise PortalBroken(f"JSON that is no object but {type(value).__name__}")
    if "data" not in value:
        if "executionMethods" in value:
            return value
        raise PortalBroken("JSON without `data`")
    envelope = _model(_Envelope, value)
    if envelope.code != "OK":
        raise PortalBroken(f"an envelope that says {envelope.code[:60]!r}")
    if envelope.data is None:
        raise PortalBroken("an envelope with nothing in it")
    return envelope.data


def _json(body: bytes) -> object:
    return _or_broken(lambda: json.loads(body.decode("utf-8")))


def _or_broken(read: Callable[[], _T]) -> _T:
    try:
        return read()
    except UnicodeDecodeError as error:
        raise PortalBroken(f"text that is not UTF-8 (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise PortalBroken(f"malformed or cut JSON ({error.msg} at character {error.pos})") from error
    except RecursionError as error:
        raise PortalBroken("JSON nested too deeply") from error


def _model(model: type[_M], value: object) -> _M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PortalBroken(f"another shape: {where}: {first['msg']}") from error
