"""Calls our own webhook as the vendor would: a wrong domain or secret is told before people meet it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import httpx

TIMEOUT_S = 10.0


class Door(StrEnum):
    """How the server answers under its public address."""

    OPEN = "open"
    OTHER_SECRET = "other_secret"  # noqa: S105  (a state's name)
    NOT_CONNECTED = "not_connected"
    TROUBLE = "trouble"
    CERTIFICATE = "certificate"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Knock:
    """A webhook call that is proven like the vendor's and needs no answer: nothing of it is stored."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back; `detail` is the status or the name of the error."""

    door: Door
    detail: str = ""


def knock_of(url: str, headers: Mapping[str, str], body: Mapping[str, object]) -> Knock:
    """Return the call with `body` as JSON."""
    return Knock(url, {**headers, "content-type": "application/json"}, json.dumps(body).encode())


def open_client() -> httpx.AsyncClient:
    """Return a client that reaches our public address as anybody does; redirects are not followed."""
    return httpx.AsyncClient(timeout=TIMEOUT_S)


async def knock(call: Knock) -> Answered:
    """Make the call and return how it was answered; never raises."""
    try:
        async with open_client() as client:
            response = await client.post(call.url, headers=dict(call.headers), content=call.body)
    except (httpx.HTTPError, ValueError) as error:
        # Only a name: the error itself holds the request, and with it the secret.
        door = Door.CERTIFICATE if "CERTIFICATE_VERIFY" in str(error) else Door.UNREACHABLE
        return Answered(door, type(error).__name__)
    known = {200: Door.OPEN, 401: Door.OTHER_SECRET, 404: Door.NOT_CONNECTED}
    return Answered(known.get(response.status_code, Door.TROUBLE), str(response.status_code))
