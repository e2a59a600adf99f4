"""Around every request: a bound on its body, and the headers that keep a browser safe."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_SECONDS = 10.0
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Shield:
    """ASGI middleware: reads the whole body first; refuses one above `max_body` bytes, or a slow one."""

    def __init__(
        self,
        app: ASGIApp,
        max_body: int,
        body_seconds: float = BODY_SECONDS,
        max_bodies: Mapping[str, int] | None = None,
    ) -> None:
        """Guard `app`. `max_bodies` are other bounds, by the beginning of the path."""
        self._app = app
        self._max_body = max_body
        self._max_bodies = dict(max_bodies or {})
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        most = self._most(str(scope.get("path", "")))
        try:
            declared = int(Headers(scope=scope).get("content-length", "0"))
            async with asyncio.timeout(self._body_seconds):
                body = None if declared > most else await _read(receive, most)
        except ValueError:
            await _refuse(guarded, 400, "wrong Content-Length")
        except TimeoutError:
            await _refuse(guarded, 408, "the request took too long to arrive")
        else:
            if body is None:
                await _refuse(guarded, 413, f"the request is larger than {most} bytes")
            else:
                await self._app(scope, _replayed(body, receive), guarded)

    def _most(self, path: str) -> int:
        return next(
            (most for start, most in self._max_bodies.items() if path.startswith(start)), self._max_body
        )


async def _read(receive: Receive, most: int) -> bytes | None:
    """Return the body; None where it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return guarded


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
