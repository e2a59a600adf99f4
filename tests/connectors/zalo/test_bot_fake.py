"""The fake Zalo Bot Platform itself, driven by python-zalo-bot, a client that nobody here wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from connectors.messaging import Forged
from connectors.zalo.bot_api import ZaloBotApi
from connectors.zalo.bot_channel import ZaloBotChannel
from tests.fakes.serving import serving
from tests.fakes.zalo_bot import SECRET, TOKEN, FakeZaloBot
from tests.fakes.zalo_faults import Fault

zalo_bot = pytest.importorskip("zalo_bot", reason="python-zalo-bot is not installed")
errors = pytest.importorskip("zalo_bot.error")

HOOK = "https://tro-ly.example/webhooks/zalo"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeZaloBot, str]]:
    vendor = FakeZaloBot()
    with serving(vendor.app()) as url:
        yield vendor, url


@pytest.fixture
def vendor(served: tuple[FakeZaloBot, str]) -> FakeZaloBot:
    fake, _ = served
    vars(fake).update(vars(FakeZaloBot(people={"an"})))
    return fake


@pytest.fixture
def client(served: tuple[FakeZaloBot, str], vendor: FakeZaloBot) -> Any:
    return zalo_bot.Bot(TOKEN, base_url=served[1])


def test_it_knows_itself(client: Any) -> None:
    async def me() -> Any:
        async with client:
            return await client.get_me()

    account = asyncio.run(me())
    assert (account.id, account.account_name, account.can_join_groups) == ("1234567890", "bot.thu", False)


def test_it_sends(vendor: FakeZaloBot, client: Any) -> None:
    async def send() -> list[str]:
        async with client:
            await client.send_chat_action("an", "typing")
            sent = [
                await client.send_message("an", "Chào bạn, đây là trợ lý tự động."),
                await client.send_photo("an", "Ảnh", "https://a.vn/b.png"),
                await client.send_sticker("an", "vui"),
            ]
        return [one.message_id for one in sent]

    assert asyncio.run(send()) == [one.message_id for one in vendor.sent[1:]]
    assert [one.text for one in vendor.sent] == ["typing", "Chào bạn, đây là trợ lý tự động.", "Ảnh", "vui"]


def test_it_polls(vendor: FakeZaloBot, client: Any) -> None:
    vendor.waiting.append(vendor.says("binh", "làm căn cước"))

    async def poll() -> list[Any]:
        async with client:
            return [await client.get_update(timeout=1), await client.get_update(timeout=1)]

    update, idle = asyncio.run(poll())
    assert (update.message.text, update.effective_user.id) == ("làm căn cước", "binh")
    assert idle is None  # this client passes over ok: false


def test_it_sets_its_webhook(vendor: FakeZaloBot, client: Any) -> None:
    client.set_webhook(HOOK, SECRET)
    assert (vendor.webhook, vendor.secret) == (HOOK, SECRET)
    client.delete_webhook()
    assert vendor.webhook == ""


def test_it_reads_its_webhook(vendor: FakeZaloBot, client: Any) -> None:
    vendor.webhook = HOOK
    assert client.get_webhook_info().url == HOOK


@pytest.mark.parametrize(
    ("code", "error"), [(400, "BadRequest"), (401, "InvalidToken"), (403, "Forbidden"), (429, "NetworkError")]
)
def test_it_sees_errors_with_their_own_status(
    vendor: FakeZaloBot, client: Any, code: int, error: str
) -> None:
    vendor.errors_under_200 = False
    vendor.fail(Fault("code", code=code))
    with pytest.raises(getattr(errors, error)):
        asyncio.run(client.send_message("an", "x"))
    assert vendor.sent == []


def test_it_sees_a_cut_connection(vendor: FakeZaloBot, client: Any) -> None:
    vendor.fail(Fault("cut"))
    with pytest.raises(errors.NetworkError):
        asyncio.run(client.send_message("an", "x"))


# ---- as strict as the reference ----------------------------------------------------------------------------


def ask(fake: FakeZaloBot, method: str, token: str = TOKEN, **request: Any) -> dict[str, Any]:
    async def post() -> dict[str, Any]:
        transport = httpx.ASGITransport(fake.app())
        async with httpx.AsyncClient(transport=transport, base_url=f"http://bot/bot{token}") as client:
            answer = await client.request(request.pop("verb", "POST"), f"/{method}", **request)
            assert answer.status_code == 200  # judge by ok, not by the status
            return dict(answer.json())

    return asyncio.run(post())


MESSAGE = {"chat_id": "an", "text": "Chào bạn."}


@pytest.mark.parametrize(
    "request_",
    [
        {"json": MESSAGE},
        {"data": MESSAGE},
        {"params": MESSAGE},
        {"params": MESSAGE, "verb": "GET"},
        {"files": {name: (None, value) for name, value in MESSAGE.items()}},
    ],
)
def test_it_takes_every_way_of_asking(fake: FakeZaloBot, request_: dict[str, Any]) -> None:
    assert ask(fake, "sendMessage", **request_)["ok"] is True
    assert fake.texts("an") == ["Chào bạn."]


@pytest.mark.parametrize(
    ("method", "values", "code"),
    [
        ("sendmessage", MESSAGE, 404),
        ("sendMessage", {"chat_id": "an"}, 400),
        ("sendMessage", {"chat_id": "an", "text": ""}, 400),
        ("sendMessage", {"chat_id": "an", "text": " "}, 400),
        ("sendMessage", {"chat_id": "an", "text": "x" * 2001}, 400),
        ("sendMessage", {"chat_id": "an", "text": "😀" * 1001}, 400),
        ("sendMessage", {"chat_id": 5, "text": "x"}, 400),
        ("sendMessage", {"chat_id": "an", "text": ["x"]}, 400),
        ("sendMessage", {**MESSAGE, "buttons": "[]"}, 400),
        ("sendMessage", {"chat_id": "nobody", "text": "x"}, 404),
        ("sendPhoto", {"chat_id": "an", "photo": "b.png"}, 400),
        ("sendPhoto", {"chat_id": "an", "photo": "https://a.vn/b.png", "caption": "x" * 2001}, 400),
        ("sendChatAction", {"chat_id": "an", "action": "dancing"}, 400),
        ("setWebhook", {"url": "http://a.vn", "secret_token": SECRET}, 400),
        ("setWebhook", {"url": HOOK, "secret_token": "1234567"}, 400),
        ("getUpdates", {"timeout": 5}, 400),
        ("getUpdates", {}, 408),
    ],
)
def test_what_it_refuses(fake: FakeZaloBot, method: str, values: dict[str, Any], code: int) -> None:
    answer = ask(fake, method, json=values)
    assert (answer["ok"], answer["error_code"]) == (False, code)
    assert fake.sent == []


def test_a_wrong_token_is_refused(fake: FakeZaloBot) -> None:
    assert ask(fake, "getMe", token="1:x")["error_code"] == 401


def test_the_typing_action_has_no_result(fake: FakeZaloBot) -> None:
    assert ask(fake, "sendChatAction", json={"chat_id": "an", "action": "typing"}) == {"ok": True}


# ---- its webhook calls -------------------------------------------------------------------------------------


def receiver(channel: ZaloBotChannel, seen: list[str]) -> FastAPI:
    app = FastAPI()

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        try:
            updates = channel.updates(request.headers, await request.body(), datetime.now(UTC))
        except Forged:
            return Response(status_code=401)
        seen.extend(update.id for update in updates)
        return Response()

    return app


def test_it_delivers_twice_mixed_up_and_forged(fake: FakeZaloBot, api: ZaloBotApi) -> None:
    seen: list[str] = []
    there = httpx.ASGITransport(receiver(ZaloBotChannel(api, SECRET), seen))
    events = [fake.says("an", str(number)) for number in range(5)]

    async def deliver() -> list[int]:
        url = "http://app/hook"
        answers = await fake.deliver(url, *events, times=2, mixed_by=Random(1), transport=there)
        answers += await fake.deliver(url, events[0], shape="flat", transport=there)
        answers += await fake.deliver(url, events[1], forged=True, transport=there)
        return [answer.status_code for answer in answers]

    assert asyncio.run(deliver()) == [200] * 11 + [401]
    assert len(seen) == 11
    assert len(set(seen)) == 5
    assert seen[:10] != sorted(seen[:10])
