"""Updates are fetched, handed over in order, and confirmed only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.messaging import Unauthorised, Update
from connectors.telegram import polling
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.failures import PollingConflict
from connectors.telegram.polling import poll
from tests.connectors.telegram.conftest import PERSON
from tests.fakes.serving import serving
from tests.fakes.telegram import TOKEN, FakeTelegram, Fault
from tests.fakes.telegram_phones import Webhook

pytestmark = pytest.mark.anyio


class Desk:
    """Takes updates, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failures = 0

    async def take(self, update: Update) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.texts.append(update.message.text if update.message else update.happened.value)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(polling, "LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr(polling, "WAIT_S", 5)


@asynccontextmanager
async def polled(channel: TelegramChannel, take: Callable[[Update], Awaitable[None]]) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(poll(channel, take, stop))
    yield
    stop.set()
    await asyncio.wait_for(task, 5)


async def until(true: Callable[[], Any], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def test_updates_come_in_order_and_are_confirmed(channel: TelegramChannel, fake: FakeTelegram) -> None:
    desk = Desk()
    fake.says(PERSON, "một")
    async with polled(channel, desk.take):
        fake.says(PERSON, "hai")
        fake.says_in_group(PERSON, "không phải cho máy")
        fake.taps_key(PERSON, "aspect:fee")
        fake.blocks(PERSON)
        await until(lambda: len(desk.texts) == 4)
    assert desk.texts == ["một", "hai", "aspect:fee", "left"]
    assert fake.pending == []


async def test_what_was_not_taken_comes_again(channel: TelegramChannel, fake: FakeTelegram) -> None:
    desk = Desk()
    desk.failures = 2
    for text in ("một", "hai"):
        fake.says(PERSON, text)
    async with polled(channel, desk.take):
        await until(lambda: len(desk.texts) == 2)
    assert desk.texts == ["một", "hai"]


async def test_nothing_is_confirmed_before_it_is_taken(channel: TelegramChannel, fake: FakeTelegram) -> None:
    taken = asyncio.Event()
    waiting: list[int] = []

    async def take(update: Update) -> None:
        waiting.append(len(fake.pending))
        await taken.wait()

    fake.says(PERSON, "một")
    async with polled(channel, take):
        await until(lambda: waiting)
        await asyncio.sleep(0.05)
        assert len(fake.pending) == 1
        taken.set()
    assert fake.pending == []


async def test_an_update_that_cannot_be_read_holds_up_nothing(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    desk = Desk()
    fake.says(PERSON, "một")
    fake.pending.append({"update_id": fake.pending[-1]["update_id"] + 1, "message": {"text": 5}})
    next(fake._ids)
    fake.says(PERSON, "hai")
    async with polled(channel, desk.take):
        await until(lambda: len(desk.texts) == 2)
    assert fake.pending == []


async def test_a_bad_network_is_waited_out(fake: FakeTelegram) -> None:
    desk = Desk()
    with serving(fake.app()) as url:
        channel = TelegramChannel(TOKEN, base_url=url)
        fake.fail("deleteWebhook", Fault("status"))
        for kind in ("status", "cut", "cut_after", "html", "not_json"):
            fake.fail("getUpdates", Fault(kind))
        async with polled(channel, desk.take):
            fake.says(PERSON, "một")
            await until(lambda: desk.texts)
        await channel.aclose()
    assert desk.texts == ["một"]
    assert fake.asked["getupdates"] > 5


async def test_a_webhook_is_removed_first(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.webhook = Webhook("https://troly.example", "x", None)
    desk = Desk()
    async with polled(channel, desk.take):
        fake.says(PERSON, "một")
        await until(lambda: desk.texts)
    assert fake.webhook is None


async def test_of_two_pollers_one_ends_with_an_error(channel: TelegramChannel, fake: FakeTelegram) -> None:
    stop = asyncio.Event()
    first = asyncio.create_task(poll(channel, Desk().take, stop))
    await until(lambda: fake.asked["getupdates"])
    async with polled(channel, Desk().take):
        with pytest.raises(PollingConflict, match="stop the other process"):
            await asyncio.wait_for(first, 5)


async def test_a_wrong_token_ends_with_an_error(fake: FakeTelegram) -> None:
    channel = TelegramChannel("1:x", transport=httpx.ASGITransport(fake.app()))
    with pytest.raises(Unauthorised):
        await poll(channel, Desk().take, asyncio.Event())


async def test_a_stop_does_not_wait_for_the_long_poll(fake: FakeTelegram) -> None:
    with serving(fake.app()) as url:
        channel = TelegramChannel(TOKEN, base_url=url)
        started = asyncio.get_running_loop().time()
        async with polled(channel, Desk().take):
            await until(lambda: fake.asked["getupdates"])
        assert asyncio.get_running_loop().time() - started < 3
        await channel.aclose()


async def test_a_stop_amid_updates_leaves_the_rest_for_later(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    stop = asyncio.Event()
    taken: list[str] = []

    async def take(update: Update) -> None:
        taken.append(update.id)
        stop.set()

    for text in ("một", "hai", "ba"):
        fake.says(PERSON, text)
    await asyncio.wait_for(poll(channel, take, stop), 5)
    assert len(taken) == 1
    assert [one["message"]["text"] for one in fake.pending] == ["hai", "ba"]


async def test_a_farewell_that_fails_is_no_error(channel: TelegramChannel, fake: FakeTelegram) -> None:
    stop = asyncio.Event()

    async def take(update: Update) -> None:
        fake.fail("getUpdates", Fault("status"))
        stop.set()

    fake.says(PERSON, "một")
    await asyncio.wait_for(poll(channel, take, stop), 5)
    assert len(fake.pending) == 1


async def test_an_outage_may_last_for_days(channel: TelegramChannel) -> None:
    long = polling._Poll(channel, Desk().take, asyncio.Event())
    long._failures = 5000
    await asyncio.wait_for(long._pause(None), 5)
