"""The library's Bot, set up so that neither its logs nor its errors can tell the token or a text."""

from __future__ import annotations

import json
from typing import Any

import httpx
from telegram import Bot
from telegram.error import NetworkError
from telegram.request import BaseRequest, HTTPXRequest

CONNECT_S = 5.0
READ_S = 10.0
CONNECTIONS = 32
_STAND_IN = "0:token"

Json = dict[str, Any]


class TokenTransport(httpx.AsyncBaseTransport):
    """Puts the token into the address of each request, on its last step.

    The Bot API wants the token in the path, and httpx logs each address; so everything above this transport
    knows a stand-in only.
    """

    def __init__(self, token: str, inner: httpx.AsyncBaseTransport) -> None:
        self._token = token
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to where the token leads."""
        path = request.url.raw_path.replace(f"/bot{_STAND_IN}/".encode(), f"/bot{self._token}/".encode(), 1)
        real = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(real)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class QuietRequest(HTTPXRequest):
    """The library's own request, except that an answer that is no JSON is not written to the log."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Json:
        """Return the answer. Raises NetworkError where it is not a JSON object."""
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise NetworkError("the answer is not JSON") from None
        if not isinstance(answer, dict):
            raise NetworkError("the answer is no object")
        return answer


class QuietBot(Bot):
    """The library's bot, with updates as they came: one that cannot be read must not hold up the others."""

    async def raw_updates(self, offset: int | None, wait_s: int, kinds: tuple[str, ...]) -> object:
        """Return what getUpdates answers. Waits up to `wait_s` seconds for the first one."""
        asked: Json = {"offset": offset, "timeout": wait_s, "allowed_updates": list(kinds)}
        return await self._post("getUpdates", asked, read_timeout=READ_S + wait_s)


def open_bot(
    token: str, base_url: str, proxy: str | None, transport: httpx.AsyncBaseTransport | None
) -> tuple[QuietBot, tuple[BaseRequest, ...]]:
    """Return a bot and its two requests, which are to be shut down in the end; nothing is sent yet.

    `transport` takes the place of the network.
    """
    inner = transport or httpx.AsyncHTTPTransport(
        proxy=proxy, limits=httpx.Limits(max_connections=CONNECTIONS), trust_env=False
    )
    polling, sending = (_request(TokenTransport(token, inner)) for _ in range(2))
    address = f"{base_url.rstrip('/')}/bot"
    bot = QuietBot(_STAND_IN, base_url=address, request=sending, get_updates_request=polling)
    return bot, (polling, sending)


def _request(transport: TokenTransport) -> HTTPXRequest:
    return QuietRequest(
        connection_pool_size=CONNECTIONS,
        connect_timeout=CONNECT_S,
        read_timeout=READ_S,
        write_timeout=READ_S,
        pool_timeout=CONNECT_S,
        httpx_kwargs={"transport": transport, "trust_env": False},
    )
