"""One request to the vendor: time-outs, a limit on the answer's size, nothing secret in what goes wrong."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.messaging import Postponed

MAX_ANSWER_BYTES = 256 * 1024
MAX_RETRY_AFTER_S = 24 * 3600.0
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# A server that sends a byte every nine seconds keeps to every other limit.
DEADLINE_S = 20.0
# What is not compressed cannot grow while it is read.
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}

_M = TypeVar("_M", bound=BaseModel)


class VendorModel(BaseModel):
    """A part of an answer. The vendor may add keys, and give a number where it documents a text."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status, the pause asked for in seconds, the body."""

    status: int
    retry_after_s: float | None
    body: bytes

    def read(self, model: type[_M]) -> _M | None:
        """Return the body as `model`; None where it is no JSON of that form."""
        try:
            return model.model_validate_json(self.body)
        except ValidationError:
            return None


async def answered(
    client: httpx.AsyncClient, request: httpx.Request, vendor: str, deadline_s: float = DEADLINE_S
) -> Answer:
    """Send `request`. Raises Postponed for a cut, slow or huge answer, which names no address or header."""
    try:
        async with asyncio.timeout(deadline_s):
            response = await client.send(request, stream=True)
            try:
                body = await _limited(response)
            finally:
                await response.aclose()
    except (httpx.HTTPError, TimeoutError) as error:
        # Only the name: the error itself holds the request, and with it the token.
        trouble = type(error).__name__
    else:
        return _answer(response, body, vendor)
    # Outside of `except`, so that the error above is not carried along as the context.
    raise Postponed(f"{vendor}: no answer ({trouble})")


def answered_now(client: httpx.Client, request: httpx.Request, vendor: str) -> Answer:
    """Do what `answered` does, blocking."""
    try:
        until = time.monotonic() + DEADLINE_S
        response = client.send(request, stream=True)
        try:
            body = _limited_now(response, until)
        finally:
            response.close()
    except httpx.HTTPError as error:
        trouble = type(error).__name__
    else:
        return _answer(response, body, vendor)
    raise Postponed(f"{vendor}: no answer ({trouble})")


async def _limited(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            break
    return bytes(body)


def _limited_now(response: httpx.Response, until: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw():
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer takes too long")
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            break
    return bytes(body)


def _answer(response: httpx.Response, body: bytes, vendor: str) -> Answer:
    if len(body) > MAX_ANSWER_BYTES:
        raise Postponed(f"{vendor}: the answer is larger than {MAX_ANSWER_BYTES} bytes")
    return Answer(response.status_code, retry_after(response.headers.get("retry-after")), body)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds of a Retry-After header, which may be a date; None where it says nothing useful.

    >>> retry_after("7"), retry_after("soon"), retry_after("-1")
    (7.0, None, None)
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, TypeError):  # no date; or one without a zone
            return None
        seconds = max(seconds, 0.0)
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, MAX_RETRY_AFTER_S)
