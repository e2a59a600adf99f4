"""`troly connect telegram` against a strict Bot API on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from connectors.telegram.channel import SECRET_HEADER
from connectors.telegram.failures import PollingConflict
from tests.bot.server.conftest import Serve
from tests.bot.server.connecting.conftest import PORTS, PUBLIC, TELEGRAM_SECRET, Desk, leads_to, once, wrote
from tests.fakes import serving
from tests.fakes.telegram import FakeTelegram, Fault

TELEGRAM_HOOK = f"{PUBLIC}/hooks/telegram"
CHAT = 5_550_001


@pytest.fixture
def telegram(desk: Desk) -> Iterator[FakeTelegram]:
    fake = FakeTelegram()
    with serving.serving(fake.app(), PORTS) as url:
        keys = {"TROLY_TELEGRAM_TOKEN": fake.token, "TROLY_TELEGRAM_SECRET": TELEGRAM_SECRET}
        desk.env |= {"TROLY_TELEGRAM_URL": url, **keys}
        yield fake


def test_a_telegram_bot_is_connected_by_webhook(
    desk: Desk, telegram: FakeTelegram, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(
        telegram_token=SecretStr(telegram.token),
        telegram_secret=SecretStr(TELEGRAM_SECRET),
        telegram_url=desk.env["TROLY_TELEGRAM_URL"],
    )
    leads_to(monkeypatch, server)

    def phone() -> None:
        update = telegram.says(CHAT, "/start")
        headers = {SECRET_HEADER: TELEGRAM_SECRET}
        assert server.post("/hooks/telegram", headers=headers, json=update).status_code == 200

    with once(lambda: telegram.webhook, phone):
        result = desk.run("telegram", "--wait", "10")
    assert result.exit_code == 0, result.output
    assert telegram.webhook is not None
    assert (telegram.webhook.url, telegram.webhook.secret) == (TELEGRAM_HOOK, TELEGRAM_SECRET)
    assert [name for name, _ in telegram.commands] == ["start", "menu", "help", "xoa"]
    assert any("tin nhắn thử" in sent.text for sent in telegram.to(CHAT))
    assert "trả lời đúng" in result.output and "t.me/troly_thu_bot" in result.output


def test_a_telegram_bot_is_connected_by_polling_without_a_public_address(
    desk: Desk, telegram: FakeTelegram
) -> None:
    with once(lambda: telegram.commands, lambda: telegram.says(CHAT, "/start")):
        result = desk.run("telegram", "--polling", "--wait", "10", public_url=None, telegram_secret=None)
    assert result.exit_code == 0, result.output
    assert telegram.webhook is None
    assert len(telegram.to(CHAT)) == 1
    assert "TROLY_TELEGRAM_POLLING=true" in result.output
    assert telegram.pending  # what was written is still there for the server to answer


def test_where_the_server_polls_the_command_does_not(desk: Desk, telegram: FakeTelegram) -> None:
    telegram.people.add(CHAT)
    wrote(desk, "telegram", str(CHAT))
    result = desk.run("telegram", "--wait", "0", telegram_polling="true", public_url=None)
    assert result.exit_code == 0, result.output
    assert len(telegram.to(CHAT)) == 1
    assert telegram.asked["getupdates"] == 0
    assert "POLLING=true" not in result.output


def test_a_second_poller_is_named(
    desk: Desk, telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def conflict(*_: object) -> None:
        raise PollingConflict("somebody else")

    monkeypatch.setattr("connectors.telegram.setup.first_update", conflict)
    desk.fails("đang hỏi tin của bot này", "Another process", "telegram", "--polling", "--wait", "1")


def test_a_telegram_secret_is_made(desk: Desk, telegram: FakeTelegram) -> None:
    telegram.people.add(CHAT)
    result = desk.run("telegram", "--to", str(CHAT), telegram_secret=None)
    line = re.search(r"^ +TROLY_TELEGRAM_SECRET=(\S+)$", result.output, re.MULTILINE)
    assert line is not None and telegram.webhook is not None, result.output
    assert telegram.webhook.secret == line[1]
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("vi", "en", "env"),
    [
        ("Chưa có mã (token)", "no token", {"telegram_token": None}),
        ("không đúng dạng", "form of a token", {"telegram_token": "abc"}),
        ("Telegram không nhận mã", "does not accept", {"telegram_token": "12:34"}),
        ("Chưa có địa chỉ công khai", "no public address", {"public_url": None}),
        ("không nhận địa chỉ", "443", {"public_url": "https://troly.example:9443"}),
        ("TROLY_TELEGRAM_SECRET phải có", "16 to 256", {"telegram_secret": "a b c d e f g h i j k"}),
    ],
)
def test_what_is_wrong_with_telegram_is_said(
    desk: Desk, telegram: FakeTelegram, vi: str, en: str, env: dict[str, str | None]
) -> None:
    desk.fails(vi, en, "telegram", "--wait", "0", **env)
    assert telegram.webhook is None


def test_telegram_out_of_order_and_elsewhere(desk: Desk, telegram: FakeTelegram) -> None:
    telegram.fail("getMe", Fault("status", 502))
    desk.fails("Chưa liên lạc được với Telegram", "Telegram", "telegram")
    assert desk.run("telegram", "--no-test").exit_code == 0
    other = {"public_url": "https://second.example"}
    desk.fails("nơi khác (https://troly.example/…)", "--replace", "telegram", **other)
    desk.fails("nơi khác", "--replace", "telegram", "--polling", **other)
    assert desk.run("telegram", "--no-test", "--polling").exit_code == 0
    assert telegram.webhook is None
