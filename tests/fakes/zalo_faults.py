"""What both Zalo fakes share: answers that go wrong on demand, webhook calls, and a real socket."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import httpx
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

PORTS = range(8410, 8430)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer.

    status: that HTTP status, with Retry-After where given. code: the vendor's own error under HTTP 200.
    cut: the connection ends within the body. slow: right, but late. malformed, html, huge: no envelope.
    With `after` the request is worked first: the message is sent and the one who sent it does not know.
    """

    kind: Literal["status", "code", "cut", "slow", "malformed", "html", "huge"]
    status: int = 500
    code: int = 0
    retry_after: str | None = None
    seconds: float = 1.0
    after: bool = False


class Cut(Response):
    """Announces a whole body, sends a half, and drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"ok":true,"result":{', "more_body": True})
        # Over a socket the server drops the connection for it; without one, httpx raises it itself.
        raise httpx.ReadError("cut")


@dataclass
class Faults:
    """The faults to come, by what is asked."""

    queues: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def add(self, key: str, fault: Fault, times: int = 1) -> None:
        """Let the next answers for `key` go wrong."""
        self.queues[key].extend([fault] * times)

    async def around(
        self, key: str, work: Callable[[], Response], error: Callable[[int], Response]
    ) -> Response:
        """Return what `work` answers, or what the next fault for `key` makes of it."""
        if not self.queues[key]:
            return work()
        fault = self.queues[key].popleft()
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return work()
        if fault.after:
            work()
        return error(fault.code) if fault.kind == "code" else _wrong(fault)


def _wrong(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    if fault.kind == "status":
        return JSONResponse({"message": "failed"}, fault.status, headers=headers)
    if fault.kind == "html":
        return HTMLResponse("<h1>Forbidden</h1>", fault.status, headers=headers)
    if fault.kind == "huge":
        return Response(
            b'{"ok":true,"error":0,"x":"' + b" " * 5_000_000 + b'"}', media_type="application/json"
        )
    if fault.kind == "malformed":
        return Response(b'{"ok": tru', media_type="application/json")
    return Cut()


@dataclass(frozen=True)
class Call:
    """One webhook call."""

    headers: dict[str, str]
    body: bytes


async def post(
    url: str, calls: Iterable[Call], transport: httpx.AsyncBaseTransport | None = None
) -> list[httpx.Response]:
    """Post `calls` in their order; return the answers."""
    async with httpx.AsyncClient(transport=transport, timeout=10) as client:
        return [await client.post(url, headers=call.headers, content=call.body) for call in calls]
