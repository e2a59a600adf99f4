"""The Official Account as a channel: what signed calls say, and what a reply becomes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Button, Link, Message, MessageKind, Picture, Reply
from connectors.messaging import (
    Forged,
    Happened,
    Malformed,
    Part,
    PartButton,
    Update,
)
from connectors.zalo.oa_channel import ZaloOaChannel
from connectors.zalo.oa_events import timestamp
from connectors.zalo.signatures import event_mac
from tests.connectors.zalo.conftest import Oa
from tests.fakes.zalo_faults import Call
from tests.fakes.zalo_oa import APP_ID, OA_SECRET, Event

STAMP = 1750316131602
THEN = datetime(2025, 6, 19, 6, 55, 31, 602000, tzinfo=UTC)
LONG = Reply("Miễn phí. " * 500)


def read(channel: ZaloOaChannel, call: Call, now: datetime) -> tuple[Update, ...]:
    return channel.updates({name.lower(): value for name, value in call.headers.items()}, call.body, now)


def told(oa: Oa, event: Event, **options: Any) -> tuple[Update, ...]:
    return read(oa.channel(), oa.fake.call(event | {"timestamp": str(STAMP)}, **options), THEN)


@pytest.mark.parametrize("prefix", ["mac=", ""])
def test_a_text(oa: Oa, prefix: str) -> None:
    assert told(oa, oa.fake.says("an", "làm khai sinh"), prefix=prefix) == (
        Update(
            id="user_send_text:m000001",
            sender="an",
            chat="an",
            happened=Happened.MESSAGE,
            sent_at=THEN,
            message=Message("làm khai sinh"),
            quote="m000001",
        ),
    )


def test_a_tapped_button(oa: Oa) -> None:
    (update,) = told(oa, oa.fake.says("an", "/pick:1.001193"))
    assert update.message == Message("pick:1.001193", MessageKind.PAYLOAD)


@pytest.mark.parametrize("name", ["user_send_image", "user_send_sticker", "user_send_audio", "user_send_new"])
def test_what_is_no_text(oa: Oa, name: str) -> None:
    (update,) = told(oa, oa.fake.event("an", name, attachments=[{"type": "image"}]))
    assert update.message == Message(kind=MessageKind.UNSUPPORTED)
    assert update.id == f"{name}:m000001"


def test_followers_come_and_go(oa: Oa) -> None:
    (came,) = told(oa, oa.fake.follows("an"))
    (left,) = told(oa, {**oa.fake.follows("an"), "event_name": "unfollow"})
    assert (came.happened, left.happened) == (Happened.FOLLOWED, Happened.LEFT)
    assert (came.id, came.sender, came.chat, came.message) == (f"follow:an:{STAMP}", "an", "an", None)


@pytest.mark.parametrize("name", ["oa_send_text", "oa_send_image", "user_submit_info", "user_seen", "x"])
def test_what_needs_no_answer(oa: Oa, name: str) -> None:
    assert told(oa, oa.fake.event("an", name, text="a")) == ()


def test_a_time_may_be_a_number(oa: Oa) -> None:
    event = oa.fake.says("an", "a") | {"timestamp": STAMP}
    assert len(read(oa.channel(), oa.fake.call(event), THEN)) == 1
    assert timestamp({"timestamp": str(STAMP)}) == timestamp({"timestamp": STAMP}) == str(STAMP)


# ---- forged ------------------------------------------------------------------------------------------------


def test_forged_calls(oa: Oa) -> None:
    event = oa.fake.says("an", "a") | {"timestamp": str(STAMP)}
    good = oa.fake.call(event)
    calls = [
        oa.fake.call(event, forged=True),
        Call({}, good.body),
        Call({"X-ZEvent-Signature": "mac="}, good.body),
        Call(good.headers, good.body.replace(b'"a"', b'"b"')),
        Call(good.headers, good.body + b" "),
        Call({"X-ZEvent-Signature": "mac=ệ"}, good.body),
    ]
    for call in calls:
        with pytest.raises(Forged):
            read(oa.channel(), call, THEN)
    assert read(oa.channel(), good, THEN)


@pytest.mark.parametrize("minutes", [-6, 6, 600])
def test_stale_calls(oa: Oa, minutes: int) -> None:
    call = oa.fake.call(oa.fake.says("an", "a") | {"timestamp": str(STAMP)})
    assert read(oa.channel(), call, THEN + timedelta(minutes=4))
    with pytest.raises(Forged):
        read(oa.channel(), call, THEN + timedelta(minutes=minutes))


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_every_call_is_forged(oa: Oa, secret: str | None) -> None:
    event = oa.fake.says("an", "a") | {"timestamp": str(STAMP)}
    body = json.dumps(event).encode()
    signed_with_nothing = Call({"x-zevent-signature": event_mac(APP_ID, body, str(STAMP), "")}, body)
    for call in (oa.fake.call(event), signed_with_nothing):
        with pytest.raises(Forged):
            read(oa.channel(secret), call, THEN)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"timestamp":' * 100_000,
        b"x" * 10_000_000,
        b"{}",
        b'{"timestamp":null}',
        b'{"timestamp":true}',
        b'{"timestamp":"soon"}',
        b'{"timestamp":-1}',
        b'{"timestamp":"99999999999999999999"}',
        b'{"timestamp":["1"]}',
    ],
)
def test_what_has_no_time_cannot_be_proven(oa: Oa, body: bytes) -> None:
    for stamp in ("", str(STAMP)):
        headers = {"x-zevent-signature": event_mac(APP_ID, body, stamp, OA_SECRET)}
        with pytest.raises(Forged):
            oa.channel().updates(headers, body, THEN)


def signed(body: object) -> Call:
    raw = json.dumps(body).encode()
    return Call({"x-zevent-signature": event_mac(APP_ID, raw, str(STAMP), OA_SECRET)}, raw)


ODD: list[object] = [1, None, True, [], {}, 1.5, "", "a\x00b", "\ud800"]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("path", ["event_name", "sender.id", "message.msg_id"])
def test_odd_ids_are_refused(oa: Oa, path: str, value: object) -> None:
    event = oa.fake.says("an", "a") | {"timestamp": str(STAMP)}
    *way, last = path.split(".")
    place = event[way[0]] if way else event
    place[last] = value
    # Half a surrogate pair is no JSON text, so there is no time to prove it with.
    with pytest.raises(Forged if value == "\ud800" else Malformed):
        read(oa.channel(), signed(event), THEN)


@pytest.mark.parametrize("text", [1, None, True, [], {}, "a\x00b", ...])
def test_odd_texts_are_malformed(oa: Oa, text: object) -> None:
    event = oa.fake.says("an", "a") | {"timestamp": str(STAMP)}
    event["message"] = {"msg_id": "m1"} if text is ... else {"msg_id": "m1", "text": text}
    with pytest.raises(Malformed):
        read(oa.channel(), signed(event), THEN)


CHANNEL = Oa().channel()
KEYS = st.sampled_from(
    [
        "event_name",
        "message",
        "sender",
        "recipient",
        "follower",
        "id",
        "text",
        "msg_id",
        "timestamp",
        "app_id",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["user_send_text", "follow"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
STAMPED = st.dictionaries(KEYS, JSON, max_size=4).map(lambda body: body | {"timestamp": str(STAMP)})


@settings(max_examples=120, deadline=None)
@given(st.one_of(JSON, STAMPED))
def test_no_signed_json_makes_it_crash(value: object) -> None:
    try:
        updates = read(CHANNEL, signed(value), THEN)
    except (Forged, Malformed):
        return
    assert isinstance(updates, tuple)


# ---- what a reply becomes ----------------------------------------------------------------------------------

CHOICES = Reply("Bạn cần gì?", (Button("Giấy tờ", "aspect:documents"),), (Link("Cổng", "https://a.vn"),))


def test_a_reply_is_one_message_with_its_menu(oa: Oa) -> None:
    text = "Bạn cần gì?\n\nCổng: https://a.vn\n\nGõ số để chọn:\n1. Giấy tờ"
    assert oa.channel().parts(CHOICES, "m1", None) == (Part(text=text),)
    assert oa.channel(quotes=True).parts(CHOICES, "m1", 8) == (Part(text=text, quote="m1"),)


@pytest.mark.parametrize(("left", "count"), [(None, 3), (8, 3), (3, 3), (2, 1), (1, 1), (0, 1)])
def test_no_more_messages_than_replies_are_left(oa: Oa, left: int | None, count: int) -> None:
    assert len(oa.channel().parts(LONG, None, left)) == count


def test_buttons_where_they_are_switched_on(oa: Oa) -> None:
    channel = oa.channel(buttons=True)
    buttons = (
        PartButton(title="Giấy tờ", payload="aspect:documents"),
        PartButton(title="Cổng", payload="https://a.vn"),
    )
    assert channel.parts(CHOICES, None, None) == (Part(text="Bạn cần gì?", buttons=buttons),)
    (part,) = channel.parts(CHOICES, None, None)
    oa.fake.says("an", "chào")
    asyncio.run(channel.send("an", part))
    many = Reply("Bạn cần gì?", tuple(Button(str(number), f"a:{number}") for number in range(6)))
    (listed,) = channel.parts(many, None, None)
    assert listed.buttons == ()
    assert listed.text.endswith("6. 5")


def test_a_drawing_takes_the_place_of_buttons(oa: Oa) -> None:
    reply = replace(CHOICES, picture=Picture("qr", "Mã QR"))
    (part,) = oa.channel(buttons=True, drawings={"qr": "https://a.vn/qr.png"}.get).parts(reply, None, None)
    assert (part.image, part.buttons) == ("https://a.vn/qr.png", ())
    assert part.text.endswith("1. Giấy tờ")
    oa.fake.says("an", "chào")
    asyncio.run(oa.channel().send("an", part))
    assert oa.channel(buttons=True).parts(reply, None, None)[0].image is None


def test_nothing_to_say_is_no_part(oa: Oa) -> None:
    assert oa.channel().parts(Reply(" "), None, None) == ()
