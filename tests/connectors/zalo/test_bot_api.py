"""The client of the Zalo Bot Platform, before the fake vendor."""

from __future__ import annotations

import asyncio
import logging
import traceback
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.messaging import Gone, Postponed, Refused, SendFailed, Unauthorised
from connectors.zalo.bot_api import ZaloBotApi
from connectors.zalo.errors import BOT, BadToken
from connectors.zalo.http import retry_after
from tests.fakes.serving import serving
from tests.fakes.zalo_bot import SECRET, FakeZaloBot
from tests.fakes.zalo_faults import Fault

HOOK = "https://tro-ly.example/webhooks/zalo"


def failing(fake: FakeZaloBot, api: ZaloBotApi, fault: Fault) -> SendFailed:
    fake.fail(fault)
    with pytest.raises(SendFailed) as raised:
        asyncio.run(api.send_message("an", "một điều riêng tư"))
    return raised.value


def test_the_bot_knows_itself(api: ZaloBotApi) -> None:
    account = asyncio.run(api.get_me())
    assert (account.id, account.account_type, account.can_join_groups) == ("1234567890", "BASIC", False)


def test_everything_that_can_be_sent(fake: FakeZaloBot, api: ZaloBotApi) -> None:
    async def send() -> list[str]:
        await api.send_chat_action("an")
        sent = [
            await api.send_message("an", "Chào bạn."),
            await api.send_photo("an", "https://a.vn/b.png", "Ảnh"),
            await api.send_photo("an", "https://a.vn/b.png"),
            await api.send_sticker("an", "vui"),
        ]
        return [one.message_id for one in sent]

    ids = asyncio.run(send())
    assert [one.message_id for one in fake.sent[1:]] == ids
    assert [(one.method, one.text) for one in fake.sent] == [
        ("sendChatAction", "typing"),
        ("sendMessage", "Chào bạn."),
        ("sendPhoto", "Ảnh"),
        ("sendPhoto", ""),
        ("sendSticker", "vui"),
    ]


def test_the_webhook(fake: FakeZaloBot, api: ZaloBotApi) -> None:
    async def steps() -> list[str]:
        found = [
            await api.get_webhook_info(),
            await api.set_webhook(HOOK, SECRET),
            await api.get_webhook_info(),
            await api.delete_webhook(),
        ]
        return [one.url for one in found]

    assert asyncio.run(steps()) == ["", HOOK, HOOK, ""]
    assert fake.secret == SECRET


@pytest.mark.parametrize(("url", "secret"), [("http://a.vn", SECRET), (HOOK, "short"), (HOOK, "x" * 257)])
def test_a_webhook_that_the_vendor_refuses(api: ZaloBotApi, url: str, secret: str) -> None:
    with pytest.raises(Refused, match="400"):
        asyncio.run(api.set_webhook(url, secret))


def test_updates_one_at_a_time_and_none_while_idle(fake: FakeZaloBot, api: ZaloBotApi) -> None:
    first, second = fake.says("an", "một"), fake.says("an", "hai")
    fake.waiting.extend([first, second])

    async def three() -> list[Any]:
        return [await api.get_update(1) for _ in range(3)]

    assert asyncio.run(three()) == [first, second, None]
    fake.errors_under_200 = False
    assert asyncio.run(api.get_update(1)) is None


def test_no_updates_beside_a_webhook(fake: FakeZaloBot, api: ZaloBotApi) -> None:
    fake.webhook = HOOK
    with pytest.raises(Refused):
        asyncio.run(api.get_update(1))


@pytest.mark.parametrize("under_200", [True, False])
@pytest.mark.parametrize("code", sorted(BOT))
def test_each_code_is_its_failure(fake: FakeZaloBot, api: ZaloBotApi, code: int, under_200: bool) -> None:
    fake.errors_under_200 = under_200
    failed = failing(fake, api, Fault("code", code=code))
    assert type(failed) is BOT[code].kind
    assert str(code) in str(failed)
    assert "riêng tư" not in str(failed)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, Refused), (401, Unauthorised), (403, Gone), (404, Refused), (408, Postponed), (429, Postponed)],
)
def test_what_the_codes_mean(code: int, kind: type[SendFailed]) -> None:
    assert BOT[code].kind is kind


@pytest.mark.parametrize(
    "fault",
    [
        Fault("code", code=999),
        Fault("status", status=500),
        Fault("status", status=503),
        Fault("status", status=429),
        Fault("html", status=403),  # something on the way, not the vendor: the person is not gone
        Fault("html", status=200),
        Fault("html", status=302),
        Fault("malformed"),
        Fault("huge"),
        Fault("cut"),
        Fault("slow", seconds=1.0),
    ],
)
def test_what_may_pass_is_postponed(fake: FakeZaloBot, api: ZaloBotApi, fault: Fault) -> None:
    assert type(failing(fake, api, fault)) is Postponed
    assert fake.sent == []


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), (None, None), ("soon", None), ("1e12", 86400.0)])
def test_the_pause_asked_for(
    fake: FakeZaloBot, api: ZaloBotApi, header: str | None, seconds: float | None
) -> None:
    failed = failing(fake, api, Fault("status", status=429, retry_after=header))
    assert isinstance(failed, Postponed)
    assert failed.retry_after_s == seconds


def test_the_pause_asked_for_as_a_date() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("Wed, 21 Oct 2099 07:28:00 GMT") == 86400.0
    assert [retry_after(odd) for odd in ("nan", "inf", "-3", "", "Wed, 99 Oct 2015")] == [None] * 5


def test_what_was_done_is_not_failed_by_an_odd_result() -> None:
    app = FastAPI()
    app.post("/bot1:a/{method}")(lambda method: {"ok": True, "result": ["?"]})
    api = ZaloBotApi("1:a", "http://bot", transport=httpx.ASGITransport(app))
    assert asyncio.run(api.send_message("an", "x")).message_id == ""
    with pytest.raises(Postponed, match="unknown form"):
        asyncio.run(api.get_me())


@pytest.mark.parametrize("token", ["", "abc", "1:", "1:a/b", "1:a b", "1:a\n", "1:ệ", "1:a?b", "1:%2e"])
def test_an_odd_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(BadToken) as raised:
        ZaloBotApi(token)
    assert not token or token not in str(raised.value)


@pytest.mark.parametrize("fault", [None, Fault("cut"), Fault("status", status=500), Fault("code", code=401)])
def test_the_token_is_in_no_log_or_error(caplog: pytest.LogCaptureFixture, fault: Fault | None) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeZaloBot(people={"an"})
    secret = fake.token.partition(":")[2]
    told = []
    with serving(fake.app()) as url:
        if fault:
            fake.fail(fault)
        told.append(_failure(url, fake.token))
    told.append(_failure(url, fake.token))  # nobody listens any more
    assert fake.asked["sendMessage"] == 1
    assert "httpx" in caplog.text  # it was there to be written
    assert secret not in caplog.text
    assert not [text for text in told if secret in text]


def _failure(url: str, token: str) -> str:
    async def send() -> str:
        api = ZaloBotApi(token, url)
        try:
            await api.send_message("an", "Chào bạn.")
        except SendFailed as failed:
            held = [vars(one) for one in (failed, failed.__context__, failed.__cause__) if one is not None]
            return f"{traceback.format_exception(failed)} {failed!r} {held} {api!r}"
        finally:
            await api.aclose()
        return repr(api)

    return asyncio.run(send())
