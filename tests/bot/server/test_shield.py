"""The shield stands before the application: slow, broken and endless bodies never reach it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.server.shield import Shield


def served(headers: list[tuple[bytes, bytes]], chunks: list[bytes], *, slow: bool = False) -> tuple[int, int]:
    """Return the status sent, and how many requests reached the application."""
    reached: list[bytes] = []
    sent: list[Any] = []
    waiting = list(chunks)

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        reached.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        if slow:
            await asyncio.sleep(60)
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    asyncio.run(Shield(app, 10, body_seconds=0.05)(scope, receive, send))
    if reached:
        assert reached == [b"".join(chunks)]
    return sent[0]["status"], len(reached)


@pytest.mark.parametrize(
    ("headers", "chunks", "slow", "outcome"),
    [
        ([], [b"12345", b"67890"], False, (200, 1)),
        ([], [b"12345", b"678901"], False, (413, 0)),
        ([(b"content-length", b"11")], [b""], False, (413, 0)),
        ([(b"content-length", b"many")], [b""], False, (400, 0)),
        ([], [b"1"], True, (408, 0)),
    ],
)
def test_what_reaches_the_application(
    headers: list[tuple[bytes, bytes]], chunks: list[bytes], slow: bool, outcome: tuple[int, int]
) -> None:
    assert served(headers, chunks, slow=slow) == outcome
