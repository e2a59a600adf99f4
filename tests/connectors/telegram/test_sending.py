"""What the channel sends, as a strict Bot API takes it, and what its refusals become."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import httpx
import pytest

from bot.messages import Button, Link, Reply
from connectors.messaging import (
    Gone,
    MessagingChannel,
    Part,
    PartButton,
    Postponed,
    Refused,
    SendFailed,
    Unauthorised,
)
from connectors.telegram.channel import TelegramChannel
from tests.connectors.telegram.conftest import PERSON, SECRET, quick
from tests.fakes.serving import serving
from tests.fakes.telegram import TOKEN, FakeTelegram, Fault
from tests.fakes.telegram_html import units

pytestmark = [
    pytest.mark.anyio,
    # The library announces timedelta; both are read.
    pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning"),
]
CHAT = str(PERSON)
KEPT_CONTRACT: type[MessagingChannel] = TelegramChannel  # mypy compares both
PAGE = PartButton(title="Trang", payload="https://a.example/x")
FEE = PartButton(title="Lệ phí", payload="aspect:fee")
IMAGE = "https://a.example/1.png"


async def test_a_reply_arrives_as_it_was_meant(channel: TelegramChannel, fake: FakeTelegram) -> None:
    text = "Thủ tục: Khai sinh & <nhận con>\n• Lệ phí: 5 < 6"
    reply = Reply(text, (Button("Lệ phí", "aspect:fee"),), (Link("Trang", "https://a.example/x"),))
    (part,) = channel.parts(reply, None, None)
    id_ = await channel.send(CHAT, Part.model_validate_json(part.model_dump_json()))
    (sent,) = fake.to(PERSON)
    assert (id_, sent.text) == (str(sent.id), text)
    assert [(one.type, one.offset, one.length) for one in sent.entities] == [("bold", 0, 31)]
    assert sent.buttons == (("Lệ phí", "aspect:fee"), ("Trang", "https://a.example/x"))
    assert (sent.preview, sent.reply_to) == (None, None)


async def test_a_text_as_long_as_telegram_takes_arrives_whole(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    for text in ("&" * 4096, "😀" * 2048):
        (part,) = channel.parts(Reply(text), None, None)
        await channel.send(CHAT, part)
        assert (fake.sent[-1].text, units(fake.sent[-1].text)) == (text, 4096)
    assert len(channel.parts(Reply("😀" * 2049), None, None)) == 2


async def test_a_message_is_quoted_where_it_is_still_there(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    asked = fake.says(PERSON, "a")["message"]["message_id"]
    for quote, shown in ((str(asked), asked), ("999999", None), ("x", None)):
        await channel.send(CHAT, Part(text="b", quote=quote))
        assert fake.sent[-1].reply_to == shown


async def test_html_that_telegram_cannot_read_is_sent_plain(
    channel: TelegramChannel, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.telegram.rendering.as_html", lambda text: f"<b>{text}")
    await channel.send(CHAT, Part(text="5 < 6 & 7"))
    (sent,) = fake.sent
    assert (sent.text, sent.entities) == ("5 < 6 & 7", ())


async def test_a_link_that_is_no_button_stands_in_the_text(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    inside = PartButton(title="Cổng", payload="http://localhost/x")
    await channel.send(CHAT, Part(text="Xem:", buttons=(FEE, inside)))
    (sent,) = fake.sent
    assert (sent.text, sent.buttons) == ("Xem:\nCổng: http://localhost/x", (("Lệ phí", "aspect:fee"),))


async def test_an_image_stands_above_its_text(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.send(CHAT, Part(text="Bước 1\nMở", image=IMAGE, buttons=(FEE,)))
    await channel.send(CHAT, Part(text="x" * 1025, image=IMAGE))
    fake.unreachable_images.add(IMAGE)
    await channel.send(CHAT, Part(text="Bước 2", image=IMAGE))
    caption, preview, text = fake.sent
    assert (caption.photo, caption.text, caption.buttons) == (
        IMAGE,
        "Bước 1\nMở",
        (("Lệ phí", "aspect:fee"),),
    )
    assert (preview.photo, preview.preview) == (None, IMAGE)
    assert (text.photo, text.text) == (None, "Bước 2")


@pytest.mark.parametrize(
    ("fault", "kind", "retry_after"),
    [
        (Fault("too_many", retry_after=7), Postponed, 7.0),
        (Fault("status", status=500), Postponed, None),
        (Fault("status", status=503), Postponed, None),
        (Fault("html"), Postponed, None),
        (Fault("not_json"), Postponed, None),
        (Fault("status", status=401), Unauthorised, None),
        (Fault("status", status=403), Gone, None),
        (Fault("status", status=400), Refused, None),
        (Fault("status", status=413), Postponed, None),
    ],
)
async def test_each_refusal_has_its_meaning(
    channel: TelegramChannel,
    fake: FakeTelegram,
    fault: Fault,
    kind: type[SendFailed],
    retry_after: float | None,
) -> None:
    fake.fail("sendMessage", fault)
    with pytest.raises(SendFailed) as caught:
        await channel.send(CHAT, Part(text="bí mật của tôi"))
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after_s", None) == retry_after
    assert "bí mật" not in str(caught.value)
    assert TOKEN not in str(caught.value)
    await channel.send(CHAT, Part(text="lần sau"))
    assert [one.text for one in fake.sent] == ["lần sau"]


async def test_who_blocked_the_bot_or_never_wrote_is_gone(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    fake.blocks(PERSON)
    for chat in (CHAT, "987"):
        with pytest.raises(Gone):
            await channel.send(chat, Part(text="a", image=IMAGE))


@pytest.mark.parametrize(
    ("chat", "text"), [("@someone", "a"), ("-100", "a"), ("", "a"), (CHAT, ""), (CHAT, " ")]
)
async def test_what_can_never_be_sent_is_refused(channel: TelegramChannel, chat: str, text: str) -> None:
    with pytest.raises(Refused):
        await channel.send(chat, Part(text=text))


@pytest.mark.parametrize(
    "answer", [b"[]", b"7", b'{"ok": true}', b'{"ok": true, "result": {}}', b"\xff", b"{" * 99]
)
async def test_an_odd_answer_is_postponed(answer: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=answer))
    channel = TelegramChannel(TOKEN, transport=transport, pace=quick())
    with pytest.raises(Postponed):
        await channel.send(CHAT, Part(text="a"))


async def test_a_wrong_token_is_said(fake: FakeTelegram) -> None:
    for token in ("1:x", TOKEN[:-1] + "1"):
        channel = TelegramChannel(token, transport=httpx.ASGITransport(fake.app()), pace=quick())
        with pytest.raises(Unauthorised, match="BotFather"):
            await channel.send(CHAT, Part(text="a"))


async def test_over_a_real_connection_that_breaks(fake: FakeTelegram) -> None:
    with serving(fake.app()) as url:
        channel = TelegramChannel(TOKEN, SECRET, base_url=url, pace=quick())
        for kind, arrived in (("cut", 0), ("cut_after", 1)):
            fake.fail("sendMessage", Fault(kind))  # type: ignore[arg-type]
            with pytest.raises(Postponed):
                await channel.send(CHAT, Part(text="a"))
            assert len(fake.sent) == arrived
        assert await channel.send(CHAT, Part(text="b")) == str(fake.sent[-1].id)
        await channel.aclose()
    with pytest.raises(Postponed):
        await channel.send(CHAT, Part(text="c"))
    closed = TelegramChannel(TOKEN, base_url=url, pace=quick())
    with pytest.raises(Postponed):
        await closed.send(CHAT, Part(text="c"))
    await closed.aclose()


async def test_a_server_that_does_not_answer_is_postponed(
    fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.telegram.api.READ_S", 0.1)
    fake.fail("sendMessage", Fault("slow", seconds=1))
    with serving(fake.app()) as url:
        channel = TelegramChannel(TOKEN, base_url=url, pace=quick())
        with pytest.raises(Postponed, match="ReadTimeout"):
            await channel.send(CHAT, Part(text="a"))
        await channel.aclose()


async def test_neither_token_nor_text_is_logged(
    channel: TelegramChannel, fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await channel.send(CHAT, Part(text="bí mật của tôi"))
        for kind in ("not_json", "html", "too_many"):
            fake.fail("sendMessage", Fault(kind))
            with pytest.raises(Postponed):
                await channel.send(CHAT, Part(text="bí mật của tôi"))
    assert "sendMessage" in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text
    assert "bí mật" not in caplog.text
    assert TOKEN not in repr(vars(channel)) + repr(channel.bot)


async def test_a_tapped_button_stops_loading_with_the_first_sign_of_work(
    channel: TelegramChannel, fake: FakeTelegram
) -> None:
    for work in (channel.typing(CHAT), channel.send(CHAT, Part(text="a"))):
        for _ in range(2):
            channel.read(fake.taps_key(PERSON, "say:menu"), datetime.now(UTC))
        assert len(fake.loading) == 2
        await work
        assert not fake.loading
    assert fake.asked["answercallbackquery"] == 4


async def test_typing_never_fails(channel: TelegramChannel, fake: FakeTelegram) -> None:
    await channel.typing(CHAT)
    assert fake.actions == [(PERSON, "typing")]
    fake.fail("*", Fault("status"), 2)
    fake.blocks(PERSON)
    for chat in (CHAT, "12", "no number"):
        await channel.typing(chat)
    assert len(fake.actions) == 1
