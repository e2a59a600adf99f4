"""Messages are held back as Telegram's flood limits want it."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from connectors.messaging import Part
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.pace import Pace
from tests.fakes.telegram import TOKEN, FakeTelegram

pytestmark = pytest.mark.anyio


async def test_a_strict_server_refuses_nothing() -> None:
    fake = FakeTelegram(people=set(range(1, 41)), enforces_pace=True)
    channel = TelegramChannel(TOKEN, transport=httpx.ASGITransport(fake.app()))
    started = time.monotonic()
    await asyncio.gather(
        *(channel.send(str(person), Part(text="a")) for person in fake.people),
        channel.send("1", Part(text="b")),
    )
    assert 1.2 < time.monotonic() - started < 8
    assert [one.text for one in fake.to(1)] == ["a", "b"]
    assert len(fake.sent) == 41
    await channel.aclose()


async def test_chats_unused_for_longest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.telegram.pace._REMEMBERED", 2)
    pace = Pace(overall_per_s=100_000, chat_spacing_s=60)
    for chat in "abc":
        await pace.turn(chat)
    await asyncio.wait_for(pace.turn("a"), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pace.turn("c"), 0.05)
