"""The fake Official Account itself: as strict as the reference."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from connectors.messaging import Forged
from tests.connectors.zalo.conftest import Oa
from tests.fakes.zalo_oa import APP_ID, APP_KEY

SEND = "/v3.0/oa/message/cs"
SIGN_IN = "/v4/oa/access_token"


def ask(oa: Oa, path: str, headers: dict[str, str], **request: Any) -> dict[str, Any]:
    async def post() -> dict[str, Any]:
        transport = httpx.ASGITransport(oa.fake.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://oa") as client:
            answer = await client.post(path, headers=headers, **request)
            assert answer.status_code == 200  # errors too
            return dict(answer.json())

    return asyncio.run(post())


def sent(oa: Oa, message: object, access: str | None = None, user: object = "an") -> int:
    assert oa.tokens.pair is not None
    oa.fake.says("an", "chào")
    token = oa.tokens.pair.access if access is None else access
    body = {"recipient": {"user_id": user}, "message": message}
    return int(ask(oa, SEND, {"access_token": token}, json=body)["error"])


def attached(kind: str, **payload: object) -> dict[str, object]:
    return {"attachment": {"type": kind, "payload": payload}}


IMAGE = {"media_type": "image", "url": "https://a.vn/b.png"}
BUTTON = {"title": "x", "type": "oa.query.show", "payload": "y"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": "x"}, 0),
        ({"text": "x" * 2000}, 0),
        ({"text": "x" * 2001}, -201),
        ({"text": "😀" * 1001}, -201),
        ({"text": ""}, -201),
        ({"text": " "}, -201),
        ({"text": 5}, -201),
        ({}, -201),
        ([], -201),
        ({"text": "x", "buttons": []}, -201),
        ({"text": "x", "quote_message_id": "m000001"}, 0),
        ({"text": "x", "quote_message_id": "m999999"}, -201),
        (attached("template", template_type="media", elements=[IMAGE]), 0),
        (attached("template", template_type="media", elements=[IMAGE, IMAGE]), -201),
        (attached("template", template_type="media", elements=[{**IMAGE, "url": "b.png"}]), -201),
        (attached("file", token="unknown"), -201),
        ({"text": "x", **attached("template", buttons=[BUTTON])}, 0),
        ({"text": "x", **attached("template", buttons=[BUTTON] * 6)}, -201),
        ({"text": "x", **attached("template", buttons=[{**BUTTON, "type": "oa.open.url"}])}, -201),
    ],
)
def test_what_it_takes_and_refuses(oa: Oa, message: object, code: int) -> None:
    assert sent(oa, message) == code
    assert len(oa.fake.sent) == (code == 0)


def test_buttons_can_be_refused(oa: Oa) -> None:
    oa.fake.buttons = False
    assert sent(oa, {"text": "x", **attached("template", buttons=[BUTTON])}) == -233


def test_tokens(oa: Oa) -> None:
    assert sent(oa, {"text": "x"}, access="wrong") == -216
    assert sent(oa, {"text": "x"}, access="") == -216
    oa.fake.ahead_s += 26 * 3600
    assert sent(oa, {"text": "x"}) == -220


def test_a_number_is_no_user(oa: Oa) -> None:
    assert sent(oa, {"text": "x"}, user=5) == -201


def test_a_follower_who_has_not_written_has_no_free_reply(oa: Oa) -> None:
    oa.fake.follows("binh")
    assert sent(oa, {"text": "x"}, user="binh") == -232


@pytest.mark.parametrize(
    "change",
    [
        {"app_id": "1"},
        {"grant_type": "password"},
        {"grant_type": "authorization_code"},
        {"refresh_token": "wrong"},
        {"code": "x"},
    ],
)
def test_what_sign_in_refuses(oa: Oa, change: dict[str, str]) -> None:
    _, refresh = oa.fake.connected()
    form = {"app_id": APP_ID, "grant_type": "refresh_token", "refresh_token": refresh}
    assert "error" in ask(oa, SIGN_IN, {"secret_key": APP_KEY}, data=form | change)
    assert "error" in ask(oa, SIGN_IN, {"secret_key": "wrong"}, data=form)
    assert "error" in ask(oa, SIGN_IN, {"secret_key": APP_KEY}, json=form)
    pair = ask(oa, SIGN_IN, {"secret_key": APP_KEY}, data=form)
    assert pair["expires_in"] == "90000"
    assert "error" in ask(oa, SIGN_IN, {"secret_key": APP_KEY}, data=form)  # spent


def test_it_delivers_twice_mixed_up_forged_and_stale(oa: Oa) -> None:
    app, channel = FastAPI(), oa.channel()
    seen: list[str] = []

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        try:
            updates = channel.updates(request.headers, await request.body(), datetime.now(UTC))
        except Forged:
            return Response(status_code=401)
        seen.extend(update.id for update in updates)
        return Response()

    events = [oa.fake.says("an", str(number)) for number in range(5)]

    async def deliver() -> list[int]:
        url, there = "http://app/hook", httpx.ASGITransport(app)
        answers = await oa.fake.deliver(url, *events, times=2, mixed_by=Random(1), transport=there)
        answers += await oa.fake.deliver(url, events[0], forged=True, transport=there)
        answers += await oa.fake.deliver(url, events[0], stale_s=301, transport=there)
        return [answer.status_code for answer in answers]

    assert asyncio.run(deliver()) == [200] * 10 + [401, 401]
    assert (len(seen), len(set(seen))) == (10, 5)
