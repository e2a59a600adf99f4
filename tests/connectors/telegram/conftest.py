"""A channel on a fake Bot API, in process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from connectors.telegram.channel import TelegramChannel
from connectors.telegram.pace import Pace
from tests.fakes.telegram import FakeTelegram

SECRET = "bi-mat-cua-webhook_0123456789"
PERSON = 5_550_001


def quick() -> Pace:
    """A pace that holds nothing back."""
    return Pace(overall_per_s=100_000, chat_spacing_s=0.00001)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def fake() -> FakeTelegram:
    fake = FakeTelegram()
    fake.people.add(PERSON)
    return fake


@pytest.fixture
async def channel(fake: FakeTelegram, anyio_backend: str) -> AsyncIterator[TelegramChannel]:
    transport = httpx.ASGITransport(fake.app())
    channel = TelegramChannel(
        fake.token, SECRET, base_url="http://telegram.test", transport=transport, pace=quick()
    )
    yield channel
    await channel.aclose()
