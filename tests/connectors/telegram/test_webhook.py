"""The fake delivers to a route like the server's, well and badly; the channel answers there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from bot.messages import Button, Reply
from connectors.messaging import Forged, Malformed, Update
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.setup import set_webhook
from tests.connectors.telegram.conftest import PERSON
from tests.fakes.telegram import FakeTelegram

pytestmark = pytest.mark.anyio
OTHER = PERSON + 1


class Server:
    """The server's part, as small as can be: each update once, answered with an echo."""

    def __init__(self, channel: TelegramChannel) -> None:
        self.channel = channel
        self.taken: dict[str, Update] = {}
        self.busy = 0
        self.app = FastAPI()

        @self.app.post("/webhooks/telegram")
        async def webhook(request: Request) -> Response:
            if self.busy:
                self.busy -= 1
                return Response(status_code=503)
            headers = {name.lower(): value for name, value in request.headers.items()}
            try:
                found = channel.updates(headers, await request.body(), datetime.now(UTC))
            except (Forged, Malformed) as error:
                return Response(status_code=401 if isinstance(error, Forged) else 400)
            for update in found:
                self.taken.setdefault(update.id, update)
            return Response()

    def texts(self) -> list[str]:
        return [one.message.text for one in self.taken.values() if one.message]

    async def answer(self) -> None:
        for update in self.taken.values():
            if update.message:
                await self.channel.typing(update.chat)
                reply = Reply(f"Bạn nói: {update.message.text}", (Button("Thực đơn", "say:menu"),))
                for part in self.channel.parts(reply, None, None):
                    await self.channel.send(update.chat, part)
        self.taken.clear()


@pytest.fixture
async def server(channel: TelegramChannel) -> Server:
    await set_webhook(channel, "https://troly.example/webhooks/telegram")
    return Server(channel)


@pytest.fixture
async def vendor(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app)) as client:
        yield client


async def test_a_conversation(server: Server, vendor: httpx.AsyncClient, fake: FakeTelegram) -> None:
    fake.says(PERSON, "/start")
    await fake.deliver(vendor)
    await server.answer()
    (first,) = fake.to(PERSON)
    assert (first.text, first.buttons) == ("Bạn nói: /start", (("Thực đơn", "say:menu"),))
    fake.taps(PERSON, first, "Thực đơn")
    await fake.deliver(vendor)
    await server.answer()
    assert [one.text for one in fake.to(PERSON)] == ["Bạn nói: /start", "Bạn nói: say:menu"]
    assert (fake.loading, fake.pending) == (set(), [])


async def test_doubles_and_disorder_have_the_same_ids(
    server: Server, vendor: httpx.AsyncClient, fake: FakeTelegram
) -> None:
    updates = [fake.says(person, f"câu {n}") for n in range(20) for person in (PERSON, OTHER)]
    random.Random(6).shuffle(updates)
    went = await fake.deliver(vendor, updates=updates, copies=3, at_once=8)
    assert [one.status for one in went] == [200] * 120
    assert len(server.taken) == 40
    assert sorted(server.taken, key=int) == [str(one["update_id"]) for one in sorted(updates, key=_id)]


async def test_forged_calls_are_refused_and_wait(
    server: Server, vendor: httpx.AsyncClient, fake: FakeTelegram
) -> None:
    fake.says(PERSON, "giả")
    for secret in ("", "wrong", "bi-mat-cua-webhook_0123456788"):
        assert [one.status for one in await fake.deliver(vendor, secret=secret)] == [401]
    assert (server.taken, len(fake.pending)) == ({}, 1)


async def test_what_was_refused_is_delivered_again(
    server: Server, vendor: httpx.AsyncClient, fake: FakeTelegram
) -> None:
    server.busy = 2
    for text in ("một", "hai", "ba"):
        fake.says(PERSON, text)
    assert [one.status for one in await fake.deliver(vendor)] == [503, 503, 200]
    assert [one.status for one in await fake.deliver(vendor)] == [200, 200]
    assert server.texts() == ["ba", "một", "hai"]


async def test_a_server_that_is_away_loses_nothing(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.any_address = True
    await set_webhook(channel, "http://127.0.0.1:8449/nobody")
    fake.says(PERSON, "a")
    async with httpx.AsyncClient() as client:
        assert [one.status for one in await fake.deliver(client)] == [0]
    assert len(fake.pending) == 1


async def test_the_pump_delivers_until_it_is_stopped(
    server: Server, vendor: httpx.AsyncClient, fake: FakeTelegram
) -> None:
    stop = asyncio.Event()
    pump = asyncio.create_task(fake.pump(vendor, stop, 0.01))
    fake.says(PERSON, "a")
    async with asyncio.timeout(5):
        while not server.taken:
            await asyncio.sleep(0.01)
    stop.set()
    await pump
    assert server.texts() == ["a"]


def _id(update: dict[str, int]) -> int:
    return update["update_id"]
