"""`troly connect zalo-bot` against a strict vendor on loopback, our own server behind its door."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from bot.server.connecting import door
from tests.bot.server.conftest import Serve
from tests.bot.server.connecting.conftest import (
    BOT_SECRET,
    PERSON,
    PORTS,
    PUBLIC,
    TEST,
    Desk,
    answers,
    client_of,
    leads_to,
    once,
    wrote,
)
from tests.fakes import zalo_bot
from tests.fakes.serving import serving
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_faults import Fault

HOOK = f"{PUBLIC}/hooks/zalo_bot"


@pytest.fixture
def bot(desk: Desk) -> Iterator[FakeZaloBot]:
    fake = FakeZaloBot(secret="")
    with serving(fake.app(), PORTS) as url:
        token = {"TROLY_ZALO_BOT_TOKEN": zalo_bot.TOKEN, "TROLY_ZALO_BOT_SECRET": BOT_SECRET}
        desk.env |= {"TROLY_ZALO_BOT_URL": url, **token}
        yield fake


def test_a_zalo_bot_is_connected_and_the_phone_gets_a_test_message(
    desk: Desk, bot: FakeZaloBot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(
        zalo_bot_token=SecretStr(zalo_bot.TOKEN),
        zalo_bot_secret=SecretStr(BOT_SECRET),
        zalo_bot_url=desk.env["TROLY_ZALO_BOT_URL"],
    )
    leads_to(monkeypatch, server)

    def phone() -> None:
        call = bot.call(bot.says(PERSON, "chào bot"))
        assert server.post("/hooks/zalo_bot", headers=call.headers, content=call.body).status_code == 200

    with once(lambda: bot.webhook, phone):
        result = desk.run("zalo-bot", "--wait", "10")
    assert result.exit_code == 0, result.output
    assert (bot.webhook, bot.secret) == (HOOK, BOT_SECRET)
    assert bot.texts(PERSON).count(TEST) == 1
    for said in ("bot.thu", HOOK, "trả lời đúng", "gửi tin nhắn thử", "Đã kết nối Zalo Bot"):
        assert said in result.output
    assert PERSON not in result.output


def test_a_secret_is_made_where_none_is_set_and_shown_as_a_line_for_env(desk: Desk, bot: FakeZaloBot) -> None:
    bot.people.add(PERSON)
    result = desk.run("zalo-bot", "--to", PERSON, zalo_bot_secret=None)
    assert result.exit_code == 0, result.output
    line = re.search(r"^ +TROLY_ZALO_BOT_SECRET=(\S{43})$", result.output, re.MULTILINE)
    assert line is not None
    assert bot.secret == line[1]
    assert "Đừng quên" in result.output
    assert bot.texts(PERSON) == [TEST]


def test_the_newest_message_of_this_channel_tells_whom_to_send_to(desk: Desk, bot: FakeZaloBot) -> None:
    bot.people |= {PERSON, "later"}
    wrote(desk, "zalo_bot", PERSON)
    wrote(desk, "zalo_bot", "later", "u2")
    wrote(desk, "telegram", "777", "u3")
    assert desk.run("zalo-bot", "--wait", "0").exit_code == 0
    assert (bot.texts(PERSON), bot.texts("later")) == ([], [TEST])


def test_a_new_secret_needs_a_new_message(desk: Desk, bot: FakeZaloBot) -> None:
    bot.people.add(PERSON)
    wrote(desk, "zalo_bot", PERSON)
    desk.fails("Chưa có tin nhắn nào", "No message", "zalo-bot", "--wait", "0", zalo_bot_secret=None)
    assert bot.sent == []


def test_without_a_test_message(desk: Desk, bot: FakeZaloBot) -> None:
    result = desk.run("zalo-bot", "--no-test")
    assert (result.exit_code, bot.webhook, bot.sent) == (0, HOOK, [])
    assert "--no-test" in result.output


@pytest.mark.parametrize(
    ("vi", "en", "env"),
    [
        ("Chưa có mã (token)", "no token", {"zalo_bot_token": None}),
        ("không đúng dạng", "form of a token", {"zalo_bot_token": "no token at all"}),
        ("Zalo không nhận mã", "does not accept this token", {"zalo_bot_token": "12345:wrong"}),
        ("Chưa có địa chỉ công khai", "no public address", {"public_url": None}),
        ("phải bắt đầu bằng https://", "must begin with https", {"public_url": "http://troly.example"}),
        ("mạng nội bộ", "cannot reach", {"public_url": "https://192.168.1.5:8443"}),
        ("mạng nội bộ", "cannot reach", {"public_url": "https://localhost"}),
        ("TROLY_ZALO_BOT_SECRET phải có", "8 to 256", {"zalo_bot_secret": "hai chữ bí mật"}),
        ("TROLY_ZALO_BOT_SECRET trong tệp .env chưa đúng", "at least 8", {"zalo_bot_secret": "short"}),
        ("TROLY_PORT trong tệp .env chưa đúng", "integer", {"port": "many"}),
        ("cơ sở dữ liệu", "TROLY_DATABASE_URL", {"database_url": "nothing"}),
        ("khóa của máy chủ", "TROLY_SECRET_KEY", {"secret_key": None, "var": "/proc/none"}),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_plain_words(
    desk: Desk, bot: FakeZaloBot, vi: str, en: str, env: dict[str, str | None]
) -> None:
    result = desk.fails(vi, en, "zalo-bot", "--wait", "0", **env)
    assert "12345:wrong" not in result.output
    assert "hai chữ bí mật" not in result.output
    assert bot.webhook == ""


@pytest.mark.parametrize(
    "fault", [Fault("status", 502), Fault("cut"), Fault("html"), Fault("code", code=429)]
)
def test_a_vendor_that_is_away_is_named(desk: Desk, bot: FakeZaloBot, fault: Fault) -> None:
    bot.fail(fault, of="getMe")
    desk.fails("Chưa liên lạc được với Zalo Bot", "zalo_bot", "zalo-bot")


def test_a_vendor_that_is_not_there_at_all(desk: Desk) -> None:
    env = {"zalo_bot_token": zalo_bot.TOKEN, "zalo_bot_url": "http://127.0.0.1:8469"}
    desk.fails("Chưa liên lạc được", "ConnectError", "zalo-bot", **env)


def test_a_bot_of_another_server_is_taken_only_when_told(desk: Desk, bot: FakeZaloBot) -> None:
    bot.webhook = "https://user:pw@other.example/hooks/x?key=hidden-key"
    result = desk.fails("nơi khác (https://other.example/…)", "--replace", "zalo-bot")
    assert "hidden-key" not in result.output
    assert "other.example" in bot.webhook
    result = desk.run("zalo-bot", "--replace", "--no-test")
    assert (result.exit_code, bot.webhook) == (0, HOOK)
    assert "Trước đây" in result.output


def test_a_webhook_that_is_not_kept_is_told(
    desk: Desk, bot: FakeZaloBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(fake: FakeZaloBot, _: object) -> object:
        fake.webhook = "https://other.example/x"
        return {"url": fake.webhook, "updated_at": 1}

    monkeypatch.setitem(zalo_bot._WORK, "setWebhook", elsewhere)
    desk.fails("lại ghi một địa chỉ khác", "another address", "zalo-bot")


def test_a_webhook_that_is_refused_is_told(desk: Desk, bot: FakeZaloBot) -> None:
    bot.fail(Fault("code", code=400), of="setWebhook")
    desk.fails(f"không nhận địa chỉ {HOOK}", "400", "zalo-bot")


def test_a_bot_without_any_webhook_yet_may_answer_with_an_error(desk: Desk, bot: FakeZaloBot) -> None:
    bot.fail(Fault("code", code=404), of="getWebhookInfo")
    assert desk.run("zalo-bot", "--no-test").exit_code == 0


@pytest.mark.parametrize(
    ("status", "vi", "en"),
    [(401, "mã bí mật khác", "TROLY_ZALO_BOT_SECRET"), (404, "chưa có kênh này", "Restart the server")],
)
def test_our_own_door_is_tried_first(
    desk: Desk, bot: FakeZaloBot, monkeypatch: pytest.MonkeyPatch, *, status: int, vi: str, en: str
) -> None:
    answers(monkeypatch, status)
    desk.fails(vi, en, "zalo-bot", "--wait", "30")


def test_a_proxy_without_a_server_is_said_and_somebody_may_write_still(
    desk: Desk, bot: FakeZaloBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, 502)
    bot.people.add(PERSON)
    result = desk.run("zalo-bot", "--to", PERSON)
    assert result.exit_code == 0
    assert "mã 502" in result.output


def test_a_certificate_that_nobody_trusts_is_named(
    desk: Desk, bot: FakeZaloBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)

    monkeypatch.setattr(door, "open_client", lambda: client_of(untrusted))
    assert "chứng chỉ" in desk.run("zalo-bot", "--no-test").output.lower()


def test_nobody_wrote(desk: Desk, bot: FakeZaloBot) -> None:
    result = desk.fails("Chưa có tin nhắn nào", "No message has reached", "zalo-bot", "--wait", "0.3")
    assert result.output.count("chưa gọi được tới") == 1
    assert "Đừng quên" not in result.output
    assert "nhắn cho bot" in result.output


def test_nobody_wrote_because_the_server_has_not_the_new_secret(
    desk: Desk, bot: FakeZaloBot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(
        monkeypatch,
        serve(zalo_bot_token=SecretStr(zalo_bot.TOKEN), zalo_bot_secret=SecretStr("quite-another")),
    )
    desk.fails("mã bí mật khác", "another secret", "zalo-bot", "--wait", "0.1", zalo_bot_secret=None)


def test_a_person_who_has_blocked_the_bot(desk: Desk, bot: FakeZaloBot) -> None:
    bot.people.add(PERSON)
    bot.blocked.add(PERSON)
    desk.fails("đã chặn", "blocked", "zalo-bot", "--to", PERSON)


def test_a_chat_that_is_not_there(desk: Desk, bot: FakeZaloBot) -> None:
    desk.fails("kiểm tra mã", "404", "zalo-bot", "--to", "nobody")


def test_an_address_sealed_under_another_key(desk: Desk, bot: FakeZaloBot) -> None:
    wrote(desk, "zalo_bot", PERSON)
    desk.fails("khóa khác với lệnh này", "another key", "zalo-bot", secret_key="x" * 40)


def test_a_fault_of_ours_is_one_sentence_without_its_text(
    desk: Desk, bot: FakeZaloBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def boom(*_: object) -> None:
        raise KeyError(zalo_bot.TOKEN)

    monkeypatch.setattr("bot.server.connecting.zalo_bot.webhook_url", boom)
    desk.fails("lỗi ngoài dự kiến", "unexpected", "zalo-bot")
