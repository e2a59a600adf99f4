"""A fake of each vendor, and our channel before it, without a socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.messaging import TokenPair
from connectors.zalo.bot_api import ZaloBotApi
from connectors.zalo.bot_channel import ZaloBotChannel
from connectors.zalo.oa_api import ZaloOaApi
from connectors.zalo.oa_channel import OaSettings, ZaloOaChannel
from connectors.zalo.oa_tokens import OaSignIn
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import APP_ID, APP_KEY, OA_SECRET, FakeZaloOa

SECRET = "a secret of the webhook"


class Blocking(httpx.BaseTransport):
    """Reaches an ASGI application from blocking code, off the event loop."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            response = await self._inner.handle_async_request(request)
            body = b"".join([chunk async for chunk in response.aiter_raw()])
            return httpx.Response(response.status_code, headers=response.headers, stream=Whole(body))

        return asyncio.run(answer())


class Whole(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Any:
        yield self._body


@dataclass
class MemoryTokens:
    """The pair in memory, renewed as the contract says."""

    pair: TokenPair | None = None
    renewals: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> TokenPair | None:
        return self.pair

    def renewed(self, stale: TokenPair, exchange: Callable[[TokenPair], TokenPair]) -> TokenPair:
        with self.lock:
            assert self.pair is not None
            if self.pair == stale:
                self.pair = exchange(self.pair)
                self.renewals += 1
            return self.pair


@dataclass
class Oa:
    """The fake, its tokens, and channels before it."""

    fake: FakeZaloOa = field(default_factory=FakeZaloOa)
    tokens: MemoryTokens = field(default_factory=MemoryTokens)

    def connect(self, life_s: float = 3600.0) -> TokenPair:
        access, refresh = self.fake.connected()
        ends = datetime.fromtimestamp(self.fake.now() + life_s, UTC)
        self.tokens.pair = TokenPair(access, refresh, ends)
        return self.tokens.pair

    def api(self, **options: Any) -> ZaloOaApi:
        return ZaloOaApi("http://oa", transport=httpx.ASGITransport(self.fake.app()), **options)

    def sign_in(self, key: str = APP_KEY) -> OaSignIn:
        transport = Blocking(httpx.ASGITransport(self.fake.app()))
        return OaSignIn(APP_ID, key, "http://oauth", transport=transport)

    def channel(self, secret: str | None = OA_SECRET, **settings: Any) -> ZaloOaChannel:
        return ZaloOaChannel(
            self.api(),
            self.sign_in(),
            self.tokens,
            OaSettings(APP_ID, secret, **settings),
            clock=lambda: datetime.fromtimestamp(self.fake.now(), UTC),
        )


@pytest.fixture
def fake() -> FakeZaloBot:
    return FakeZaloBot(people={"an"})


@pytest.fixture
def api(fake: FakeZaloBot) -> ZaloBotApi:
    return ZaloBotApi(fake.token, "http://bot", transport=httpx.ASGITransport(fake.app()), deadline_s=0.3)


@pytest.fixture
def channel(api: ZaloBotApi) -> ZaloBotChannel:
    return ZaloBotChannel(api, SECRET)


@pytest.fixture
def oa() -> Oa:
    there = Oa()
    there.connect()
    return there
