"""The Zalo bot as a channel: what webhook calls say, and what a reply becomes."""

from __future__ import annotations

import asyncio
import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Button, Message, MessageKind, Picture, Reply
from connectors.messaging import Forged, Happened, Malformed, MessagingChannel, Part, Postponed, Update
from connectors.zalo.bot_api import ZaloBotApi
from connectors.zalo.bot_channel import ZaloBotChannel
from connectors.zalo.bot_events import unwrapped
from tests.fakes.zalo_bot import SECRET_HEADER, FakeZaloBot
from tests.fakes.zalo_faults import Fault

SECRET = "a secret of the webhook"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEADERS = {SECRET_HEADER.lower(): SECRET}
CHANNEL = ZaloBotChannel(ZaloBotApi("1:a", "http://bot"), SECRET)
UNSUPPORTED = Message(kind=MessageKind.UNSUPPORTED)


def told(channel: MessagingChannel, body: object, headers: dict[str, str] = HEADERS) -> tuple[Update, ...]:
    return channel.updates(headers, json.dumps(body).encode(), NOW)


@pytest.mark.parametrize("shape", ["wrapped", "flat"])
def test_a_text(channel: ZaloBotChannel, fake: FakeZaloBot, shape: Literal["wrapped", "flat"]) -> None:
    event = fake.event("an", text="làm khai sinh", at_ms=1750316131602)
    call = fake.call(event, shape)
    headers = {name.lower(): value for name, value in call.headers.items()}
    assert channel.updates(headers, call.body, NOW) == (
        Update(
            id="message.text.received:m000001",
            sender="an",
            chat="an",
            happened=Happened.MESSAGE,
            sent_at=datetime(2025, 6, 19, 6, 55, 31, 602000, tzinfo=UTC),
            message=Message("làm khai sinh"),
        ),
    )


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"ok": True, "result": {"event_name": "x"}}, {"event_name": "x"}),
        ({"event_name": "x", "message": 1}, {"event_name": "x", "message": 1}),
        ({"ok": True}, None),
        ({}, None),
    ],
)
def test_both_shapes_are_unwrapped(body: dict[str, object], event: object) -> None:
    assert unwrapped(body) == event


@pytest.mark.parametrize(
    ("kind", "content", "answer"),
    [
        ("image", {"photo": "https://a.vn/x.jpg"}, (UNSUPPORTED, Happened.MESSAGE)),
        ("image", {"photo_url": "https://a.vn/x.jpg"}, (UNSUPPORTED, Happened.MESSAGE)),
        ("sticker", {"sticker": "s", "url": "https://a.vn"}, (UNSUPPORTED, Happened.MESSAGE)),
        ("voice", {}, (UNSUPPORTED, Happened.MESSAGE)),  # a kind that nobody documented
        ("unsupported", {}, (None, Happened.WITHHELD)),
        ("unsupported", {"text": "what the vendor should not send"}, (None, Happened.WITHHELD)),
    ],
)
def test_what_is_no_text(
    channel: ZaloBotChannel,
    fake: FakeZaloBot,
    kind: str,
    content: dict[str, Any],
    answer: tuple[Message | None, Happened],
) -> None:
    (update,) = told(channel, fake.event("an", kind, **content))
    assert (update.message, update.happened) == answer
    assert update.id == f"message.{kind}.received:m000001"


def test_what_needs_no_answer(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    echo, group = fake.says("an", "a"), fake.says("an", "a")
    echo["message"]["from"]["is_bot"] = True
    group["message"]["chat"]["chat_type"] = "GROUP"
    for event in (echo, group, {"event_name": "bot.renamed"}, {"event_name": "x", "message": []}):
        assert told(channel, event) == ()


def test_a_message_without_a_date_came_now(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    event = fake.says("an", "a")
    del event["message"]["date"]
    assert told(channel, event)[0].sent_at == NOW


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET + " ", "ệ"])
def test_forged_calls(channel: ZaloBotChannel, fake: FakeZaloBot, given: str | None) -> None:
    headers = {} if given is None else {SECRET_HEADER.lower(): given}
    with pytest.raises(Forged):
        told(channel, fake.says("an", "a"), headers)
    with pytest.raises(Forged):  # before anything of the body is read
        channel.updates(headers, b"[" * 10_000_000, NOW)


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_all_calls_are_forged(
    api: ZaloBotApi, fake: FakeZaloBot, secret: str | None
) -> None:
    with pytest.raises(Forged):
        told(ZaloBotChannel(api, secret), fake.says("an", "a"), {SECRET_HEADER.lower(): ""})


def changed(path: str, value: object) -> dict[str, Any]:
    """Return a good event with another value at `path`, or without it where the value is `...`."""
    event: dict[str, Any] = deepcopy(FakeZaloBot().says("an", "a"))
    *way, last = path.split(".")
    place = event
    for key in way:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return event


ODD: list[object] = [1, None, True, [], {}, 1.5, "", "a\x00b", ...]


@pytest.mark.parametrize("value", [*ODD, "x" * 257])
@pytest.mark.parametrize("path", ["message.message_id", "message.from.id", "message.chat.id", "event_name"])
def test_odd_ids_are_malformed(channel: ZaloBotChannel, path: str, value: object) -> None:
    with pytest.raises(Malformed) as raised:
        told(channel, changed(path, value))
    assert "x" * 257 not in str(raised.value)


@pytest.mark.parametrize("value", [1, None, True, [], {}, "a\x00b", ...])
def test_odd_texts_are_malformed(channel: ZaloBotChannel, value: object) -> None:
    with pytest.raises(Malformed):
        told(channel, changed("message.text", value))


@pytest.mark.parametrize("value", [True, 1.5, [], "now", "", -1, 10**14, "9" * 17, "٣"])
def test_odd_dates_are_malformed(channel: ZaloBotChannel, value: object) -> None:
    with pytest.raises(Malformed):
        told(channel, changed("message.date", value))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"event_name":"message.text.received","message":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"1" * 5000,
        b'{"event_name": NaN}',
        json.dumps(changed("message.text", "\ud800")).encode(),
        json.dumps(changed("message.from.id", "\udc00\ud800")).encode(),
        json.dumps(changed("message.text", "\ud83d\ude00x")).encode().replace(b"\\ude00", b""),
        json.dumps({"ok": True, "result": [changed("message.text", "a")]}).encode(),
        b" " * 300_000 + b"{}",
        b"x" * 10_000_000,
    ],
)
def test_what_is_no_json_of_the_vendor_is_malformed(channel: ZaloBotChannel, body: bytes) -> None:
    with pytest.raises(Malformed):
        channel.updates(HEADERS, body, NOW)


KEYS = st.sampled_from(
    ["ok", "result", "event_name", "message", "from", "chat", "id", "is_bot", "chat_type", "text", "date"]
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("message.text.received")
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


PATHS = ["event_name", "message", *(f"message.{key}" for key in ("from", "chat", "date", "text"))]
PATHS += ["message.from.is_bot", "message.chat.id", "message.chat.chat_type"]


@settings(max_examples=120, deadline=None)
@given(JSON)
def test_no_json_makes_it_crash(value: object) -> None:
    try:
        updates = told(CHANNEL, value)
    except Malformed:
        return
    assert isinstance(updates, tuple)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_change_to_a_good_event_makes_it_crash(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    try:
        updates = told(CHANNEL, changed(path, data.draw(JSON)))
    except Malformed:
        return
    assert isinstance(updates, tuple)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_make_it_crash(body: bytes) -> None:
    with pytest.raises(Malformed):
        CHANNEL.updates(HEADERS, body, NOW)


def test_a_reply_is_one_message_with_its_menu(channel: ZaloBotChannel) -> None:
    reply = Reply("Bạn cần gì?", (Button("Giấy tờ", "aspect:documents"),))
    assert channel.parts(reply, "m1", None) == (Part(text="Bạn cần gì?\n\nGõ số để chọn:\n1. Giấy tờ"),)
    assert len(channel.parts(Reply("Miễn phí. " * 500), None, None)) == 3
    assert len(channel.parts(Reply("Miễn phí. " * 500), None, 1)) == 1


def test_a_drawing_goes_with_the_first_part(api: ZaloBotApi) -> None:
    channel = ZaloBotChannel(api, SECRET, drawings={"qr": "https://a.vn/qr.png"}.get)
    first, *others = channel.parts(Reply("Miễn phí. " * 500, picture=Picture("qr", "Mã QR")), None, None)
    assert (first.image, {part.image for part in others}) == ("https://a.vn/qr.png", {None})
    (part,) = channel.parts(Reply("Quét mã.", picture=Picture("unknown", "Mã QR")), None, None)
    assert part == Part(text="Quét mã.")


def test_parts_are_sent(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    async def send() -> list[str]:
        await channel.typing("an")
        part = Part(text="Ảnh", image="https://a.vn/b.png")
        return [await channel.send("an", Part(text="Chào bạn.")), await channel.send("an", part)]

    ids = asyncio.run(send())
    assert [(one.method, one.text, one.photo) for one in fake.sent] == [
        ("sendChatAction", "typing", None),
        ("sendMessage", "Chào bạn.", None),
        ("sendPhoto", "Ảnh", "https://a.vn/b.png"),
    ]
    assert ids == [one.message_id for one in fake.sent[1:]]


def test_typing_never_fails(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    fake.fail(Fault("status", status=500), of="sendChatAction")
    asyncio.run(channel.typing("an"))
    asyncio.run(channel.typing("nobody"))


def test_a_message_whose_answer_was_lost_has_been_sent(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    fake.fail(Fault("cut", after=True))
    with pytest.raises(Postponed):
        asyncio.run(channel.send("an", Part(text="Chào bạn.")))
    assert fake.texts("an") == ["Chào bạn."]


def test_polling_without_a_webhook(channel: ZaloBotChannel, fake: FakeZaloBot) -> None:
    fake.waiting.append(fake.says("an", "chào"))

    async def twice() -> list[tuple[Update, ...]]:
        return [await channel.polled(NOW, 1), await channel.polled(NOW, 1)]

    (update,), idle = asyncio.run(twice())
    assert update.message == Message("chào")
    assert idle == ()
