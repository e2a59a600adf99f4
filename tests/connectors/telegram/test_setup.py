"""What an operator sets up, against a strict Bot API."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Response

from bot.dialogue.commands import parse_slash
from connectors.messaging import Unauthorised
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.failures import PollingConflict
from connectors.telegram.setup import (
    BrokenWords,
    Identity,
    SetupFailed,
    WebhookState,
    first_update,
    identity,
    load_words,
    register_commands,
    remove_webhook,
    set_webhook,
    webhook_state,
)
from tests.connectors.telegram.conftest import PERSON, SECRET
from tests.fakes.telegram import TOKEN, FakeTelegram

pytestmark = pytest.mark.anyio
URL = "https://troly.example/webhooks/telegram"


async def test_the_token_names_its_bot(channel: TelegramChannel) -> None:
    assert await identity(channel) == Identity(123456789, "Trợ lý thử", "troly_thu_bot")


async def test_a_token_that_does_not_hold_is_named(fake: FakeTelegram) -> None:
    with pytest.raises(Unauthorised, match="BotFather"):
        await identity(TelegramChannel("12:34", transport=httpx.ASGITransport(fake.app())))


async def test_every_command_is_registered_and_known_to_the_assistant(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    await register_commands(channel)
    assert [name for name, _ in fake.commands] == ["start", "menu", "help", "xoa"]
    assert all(parse_slash(f"/{name}") for name, _ in fake.commands)


async def test_a_webhook_is_set_and_removed(channel: TelegramChannel, fake: FakeTelegram) -> None:
    fake.says(PERSON, "trước đó")
    assert await set_webhook(channel, URL) == WebhookState(URL, 1, None, None)
    assert fake.webhook is not None
    assert (fake.webhook.secret, fake.webhook.kinds) == (
        SECRET,
        ["message", "callback_query", "my_chat_member"],
    )
    fake.edits(PERSON, "không được gửi tới")
    assert (await webhook_state(channel)).pending == 1
    await remove_webhook(channel)
    assert (await webhook_state(channel)).url == ""


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("http://troly.example", "https://"),
        ("https://troly.example:9000", "443"),
        ("https://troly/x", "DNS"),
    ],
)
async def test_an_address_that_telegram_refuses_is_explained(
    channel: TelegramChannel, url: str, advice: str
) -> None:
    with pytest.raises(SetupFailed, match=advice):
        await set_webhook(channel, url)


@pytest.mark.parametrize("secret", ["", "short", "có dấu mà đủ dài", "x" * 257])
async def test_a_weak_secret_is_not_given_to_telegram(fake: FakeTelegram, secret: str) -> None:
    channel = TelegramChannel(TOKEN, secret, transport=httpx.ASGITransport(fake.app()))
    with pytest.raises(SetupFailed, match="secret"):
        await set_webhook(channel, URL)
    assert fake.webhook is None


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Wrong response from the webhook: 401 Unauthorized", "secret"),
        ("Wrong response from the webhook: 502 Bad Gateway", "start the server"),
        ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "chain"),
        ("Connection refused", "firewall"),
        ("Connection timed out", "in time"),
        ("Something else", "Telegram says: Something else"),
    ],
)
def test_trouble_with_delivery_is_explained(said: str, advice: str) -> None:
    state = WebhookState(URL, 3, said, datetime.now(UTC))
    assert advice in (state.advice() or "")
    assert WebhookState(URL, 0, None, None).advice() is None


async def test_a_wrong_secret_at_the_server_shows_at_telegram(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    app = FastAPI()

    @app.post("/webhooks/telegram")
    def refuses() -> Response:
        return Response(status_code=401)

    await set_webhook(channel, URL)
    fake.says(PERSON, "a")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as telegram:
        await fake.deliver(telegram)
    state = await webhook_state(channel)
    assert (state.pending, "secret" in (state.advice() or "")) == (1, True)
    assert state.last_error_at is not None


async def test_who_writes_first_can_be_greeted_and_is_answered_later(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    assert await first_update(channel, 0.1) is None
    fake.says(PERSON, "/start")
    fake.pending.insert(0, {"update_id": 1, "message": "odd"})
    for _ in range(2):
        found = await first_update(channel, 1)
        assert found is not None
        assert found.chat == str(PERSON)
    await set_webhook(channel, URL)
    with pytest.raises(PollingConflict, match="a webhook is set"):
        await first_update(channel, 1)


@pytest.mark.parametrize(
    "text", ["", "commands: {Menu: x}\nconnected: y", "commands: {menu: ''}\nconnected: y", "a: ["]
)
def test_broken_words_are_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "commands.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(BrokenWords, match=r"commands\.yaml"):
        load_words(file)
    with pytest.raises(BrokenWords, match="missing"):
        load_words(tmp_path / "missing.yaml")
