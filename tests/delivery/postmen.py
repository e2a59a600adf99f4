"""Brings what people write to the server's webhooks, again and again until it is taken, as vendors do."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import httpx

from tests.delivery.plan import Delivered, Planned, Play
from tests.fakes.zalo_faults import Call

if TYPE_CHECKING:
    from tests.delivery.vendors import Vendors

RETRY_S = 0.3
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=50)


async def play(vendors: Vendors, what: Play) -> None:
    """Deliver every message, each person's in their order."""
    people: dict[str, list[Planned]] = {}
    for message in what.messages:
        people.setdefault(message.person, []).append(message)
    async with httpx.AsyncClient(timeout=10, limits=LIMITS) as client:
        postman = Postman(vendors, client, what.servers)
        await asyncio.gather(*(postman.write(messages) for messages in people.values()))


@dataclass
class Postman:
    """Calls the servers in turn."""

    vendors: Vendors
    client: httpx.AsyncClient
    servers: list[str]

    def __post_init__(self) -> None:
        self._turns = count()

    async def write(self, messages: list[Planned]) -> None:
        """Let one person write `messages`: the next one when the one before is taken, if it is not late."""
        beside: list[asyncio.Task[None]] = []
        begun, wave = time.monotonic(), -1
        for message in messages:
            await self.vendors.wave(message.wave)
            if message.wave != wave:
                begun, wave = time.monotonic(), message.wave
            await asyncio.sleep(max(0.0, begun + message.at_s - time.monotonic()))
            taken = asyncio.Event()
            beside.append(asyncio.create_task(self._bring(message, taken)))
            if not message.late_s:
                await taken.wait()
        await asyncio.gather(*beside)

    async def _bring(self, message: Planned, taken: asyncio.Event) -> None:
        call, vendor_id = self.vendors.written(message)  # first of all: messages are numbered as written
        await asyncio.sleep(message.late_s)
        tried_at = time.time()
        calls, took_ms = await self._until_taken(message.channel, call)
        taken_at = time.time()
        taken.set()
        for pause in message.again_s:
            await asyncio.sleep(pause)
            calls += (await self._until_taken(message.channel, call))[0]
        self.vendors.delivered[message.number] = Delivered(
            number=message.number,
            vendor_id=vendor_id,
            tried_at=tried_at,
            taken_at=taken_at,
            took_ms=took_ms,
            calls=calls,
        )

    async def _until_taken(self, channel: str, call: Call) -> tuple[int, float]:
        """Return the number of calls that it took, and the milliseconds of the last one."""
        for calls in count(1):
            start = time.perf_counter()
            status = await self._post(channel, call)
            if status == 200:
                return calls, (time.perf_counter() - start) * 1000
            await asyncio.sleep(RETRY_S)
        raise AssertionError  # count() never ends

    async def _post(self, channel: str, call: Call) -> int:
        server = self.servers[next(self._turns) % len(self.servers)]
        try:
            url = f"{server}/hooks/{channel}"
            status = (await self.client.post(url, headers=call.headers, content=call.body)).status_code
        except httpx.HTTPError:
            status = 0
        self.vendors.answers[str(status)] += 1
        return status
