"""`GET /health`: how each part is doing, and what that makes of the whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from pydantic import BaseModel

from bot.server.board import Board, Part, State, Status

NEEDED = (Part.CATALOGUE, Part.LEXICAL)


class Overall(StrEnum):
    """STARTING until every part has come up once, DEGRADED while one is down or failed."""

    STARTING = "starting"
    OK = "ok"
    DEGRADED = "degraded"


class PartHealth(BaseModel):
    """One part: its state, since when, what the operator should know, and counts."""

    state: State
    since: datetime
    message: str = ""
    facts: dict[str, str | int] = {}


class Health(BaseModel):
    """The whole: `answering` tells whether questions get answers now, whatever is still missing."""

    status: Overall
    answering: bool
    paused: bool
    version: str
    uptime_s: float
    failed_turns: int
    parts: dict[Part, PartHealth]
    delivery: dict[str, int | str] = {}


def overall(statuses: Mapping[Part, Status]) -> Overall:
    """Return what the states of the parts make of the whole."""
    states = [status.state for status in statuses.values()]
    if State.FAILED in states or State.DOWN in states:
        return Overall.DEGRADED
    return Overall.STARTING if State.LOADING in states else Overall.OK


def health_router(
    board: Board,
    *,
    failures: Callable[[], int],
    paused: Callable[[], str],
    delivery: Callable[[], Mapping[str, int | str]] = dict,
) -> APIRouter:
    """Build `/health` (always 200 while serving) and `/health/live`."""
    router = APIRouter(prefix="/health", tags=["Health"])
    started = time.monotonic()
    package = _version()
    counting = CapacityLimiter(1)  # of its own; the rows are not counted on the loop, which takes messages in

    @router.get("")
    async def health() -> Health:  # told also while every thread that answers is busy
        """Tell how every part is doing."""
        statuses = board.statuses()
        delivered = await to_thread.run_sync(delivery, limiter=counting)
        return Health(
            status=Overall.DEGRADED if _troubled(delivered) else overall(statuses),
            answering=all(statuses[part].state is State.READY for part in NEEDED),
            paused=bool(paused()),
            version=package,
            uptime_s=round(time.monotonic() - started, 1),
            failed_turns=failures(),
            parts={part: _shown(status) for part, status in statuses.items()},
            delivery=dict(delivered),
        )

    @router.get("/live")
    async def live() -> dict[str, str]:
        """Tell that the process serves, nothing more."""
        return {"status": "alive"}

    return router


def _troubled(delivered: Mapping[str, int | str]) -> bool:
    return any(isinstance(value, str) and value for value in delivered.values())


def _shown(status: Status) -> PartHealth:
    return PartHealth(
        state=status.state, since=status.since, message=status.message, facts=dict(status.facts)
    )


def _version() -> str:
    try:
        return version("troly-cong-dan")
    except PackageNotFoundError:
        return "unknown"
