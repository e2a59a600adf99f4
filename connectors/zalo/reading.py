"""Reads what a webhook call holds: strict JSON, where anything odd is one `Malformed`, never a crash."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from connectors.messaging import Malformed

MAX_BODY_BYTES = 256 * 1024
MAX_ID = 256
_MAX_MS = 10**14  # the year 5138


def _plain(text: str) -> str:
    # JSON can carry what no text may: NUL, and halves of a surrogate pair.
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that is no text")
    return text


Line = Annotated[str, AfterValidator(_plain)]
Id = Annotated[Line, Field(min_length=1, max_length=MAX_ID)]


class Strict(BaseModel):
    """A part of an update: ids are text, never numbers; keys that we do not know are passed over."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


_M = TypeVar("_M", bound=Strict)


def json_object(body: bytes) -> dict[str, object]:
    """Return the JSON object in `body`. Raises Malformed: too large, no JSON, nested too deep, no object."""
    if len(body) > MAX_BODY_BYTES:
        raise Malformed(f"the body is larger than {MAX_BODY_BYTES} bytes")
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    return found


def as_model(model: type[_M], found: object) -> _M:
    """Return `found` as `model`. Raises Malformed, which names the first wrong key and never its value."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"])) or "update"
    raise Malformed(f"wrong or missing: {where}")


def moment(milliseconds: int) -> datetime:
    """Return the UTC time of Unix milliseconds. Raises Malformed outside the years 1970 to 5138.

    >>> moment(1750316131602).isoformat(timespec="seconds")
    '2025-06-19T06:55:31+00:00'
    """
    if not 0 <= milliseconds < _MAX_MS:
        raise Malformed("a time is out of range")
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds(value: int | str) -> int:
    """Return a time that the vendor writes as a number or as its digits. Raises Malformed.

    >>> milliseconds("1750316131602")
    1750316131602
    """
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal() and len(value) <= 16):
            raise Malformed("a time is not a number")
        value = int(value)
    return value
