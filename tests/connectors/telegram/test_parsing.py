"""What the channel makes of what is posted to its webhook."""

from __future__ import annotations

import contextlib
import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages import Message, MessageKind
from connectors.messaging import Forged, Happened, Malformed, Update
from connectors.telegram.channel import SECRET_HEADER, TelegramChannel
from connectors.telegram.taps import Taps
from tests.connectors.telegram.conftest import PERSON, SECRET
from tests.fakes.telegram import FakeTelegram

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
SIGNED = {SECRET_HEADER: SECRET}
Json = dict[str, Any]


CHANNEL = TelegramChannel("1:x", SECRET, transport=httpx.MockTransport(lambda _: httpx.Response(500)))


def read(update: object) -> tuple[Update, ...]:
    return CHANNEL.updates(SIGNED, json.dumps(update).encode(), NOW)


def said(update: Json) -> Message:
    (one,) = read(update)
    assert one.message is not None
    return one.message


def test_a_text_is_an_update_of_its_sender(fake: FakeTelegram) -> None:
    update = fake.says(PERSON, "làm khai sinh")
    (one,) = read(update)
    assert (one.id, one.sender, one.chat) == (str(update["update_id"]), str(PERSON), str(PERSON))
    assert (one.happened, one.message) == (Happened.MESSAGE, Message("làm khai sinh"))
    assert one.sent_at == datetime.fromtimestamp(update["message"]["date"], UTC)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("/start", "/start"),
        ("/start tu_to_roi", "/start"),
        ("/start@troly_thu_bot", "/start"),
        ("/menu@troly_thu_bot", "/menu"),
        ("/xoa", "/xoa"),
        ("/started", "/started"),
        ("a@b.example", "a@b.example"),
        ("/menu a@b.example", "/menu a@b.example"),
    ],
)
def test_commands_are_texts(fake: FakeTelegram, typed: str, text: str) -> None:
    assert said(fake.says(PERSON, typed)) == Message(text)


def test_a_tap_is_a_payload_of_now(fake: FakeTelegram) -> None:
    (one,) = read(fake.taps_key(PERSON, "aspect:fee"))
    assert (one.message, one.sent_at) == (Message("aspect:fee", MessageKind.PAYLOAD), NOW)


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"caption": "cái này", "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 3}},
        {
            "sticker": {
                "file_id": "f",
                "file_unique_id": "u",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
                "type": "regular",
            }
        },
        {"location": {"latitude": 21.0, "longitude": 105.8}},
    ],
)
def test_what_is_no_text_is_unsupported(fake: FakeTelegram, what: Json) -> None:
    assert said(fake.shows(PERSON, **what)) == Message("", MessageKind.UNSUPPORTED)


def test_blocking_is_leaving_and_coming_back_says_nothing(fake: FakeTelegram) -> None:
    (left,) = read(fake.blocks(PERSON))
    assert (left.happened, left.sender, left.message) == (Happened.LEFT, str(PERSON), None)
    assert read(fake.unblocks(PERSON)) == ()


def test_what_needs_no_answer_gives_none(fake: FakeTelegram) -> None:
    by_bot = fake.says(PERSON, "tôi là máy")
    by_bot["message"]["from"]["is_bot"] = True
    in_channel = fake.says(PERSON, "tin")
    del in_channel["message"]["from"]
    far_tap = fake.taps_key(PERSON, "say:menu")
    del far_tap["callback_query"]["message"]
    group_tap = fake.taps_key(PERSON, "say:menu")
    group_tap["callback_query"]["message"]["chat"] = {"id": -1, "type": "group", "title": "n"}
    left_group = fake.blocks(PERSON)
    left_group["my_chat_member"]["chat"] = {"id": -1, "type": "group", "title": "n"}
    game = fake.taps_key(PERSON, "x")
    del game["callback_query"]["data"]
    for update in (
        by_bot,
        in_channel,
        far_tap,
        group_tap,
        left_group,
        game,
        fake.edits(PERSON, "sửa lại"),
        fake.says_in_group(PERSON, "cả nhà ơi"),
        fake.shows(PERSON, pinned_message=fake.says(PERSON, "x")["message"]),
        {"update_id": 1, "something_new": {"a": 1}},
        {"update_id": 2},
    ):
        assert read(update) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SECRET_HEADER: ""},
        {SECRET_HEADER: SECRET[:-1]},
        {SECRET_HEADER: SECRET + "x"},
        {SECRET_HEADER: "ế"},
    ],
)
def test_a_wrong_secret_is_forged_before_anything_is_read(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        CHANNEL.updates(headers, b"no json", NOW)


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: ""}, SIGNED])
def test_without_a_secret_of_our_own_every_call_is_forged(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        TelegramChannel("1:x").updates(headers, b'{"update_id": 1}', NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"x"',
        b"{",
        b"\xff\xfe",
        '{"update_id": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"update_id": NaN}',
        b'{"update_id": 1e400}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": -1}',
        b'{"update_id": true}',
        b'{"update_id": "7"}',
        b"{}",
        b'{"update_id": 1, "message": "hello"}',
        b'{"update_id": 1, "message": {}}',
        b'{"update_id": 1, "callback_query": [1]}',
        b" " * (1 << 20) + b"{}",
    ],
)
def test_what_is_no_update_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        CHANNEL.updates(SIGNED, body, NOW)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("text",), 5),
        (("text",), "a\x00b"),
        (("text",), "\ud83d"),
        (("from", "id"), "x"),
        (("from", "id"), 1.5),
        (("chat", "id"), None),
        (("chat", "id"), -4),
        (("date",), "yesterday"),
        (("date",), 10**18),
        (("chat",), 4),
    ],
)
def test_a_value_of_a_wrong_kind_is_malformed(
    fake: FakeTelegram, path: tuple[str, ...], value: object
) -> None:
    update = fake.says(PERSON, "bí mật của tôi")
    place = update["message"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(Malformed) as caught:
        read(update)
    assert "bí mật" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def genuine() -> list[Json]:
    fake = FakeTelegram()
    return [fake.says(PERSON, "a"), fake.taps_key(PERSON, "b"), fake.shows(PERSON), fake.blocks(PERSON)]


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_json_makes_the_channel_crash(data: st.DataObject) -> None:
    update: Any = deepcopy(data.draw(st.sampled_from(genuine())))
    path = data.draw(st.sampled_from(places(update)))
    odd = data.draw(JSON)
    if path:
        holder = update
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = odd
    else:
        update = odd
    try:
        for one in read(update):
            assert one.sender.isdigit()
            assert one.chat.isdigit()
    except Malformed:
        pass


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.text(max_size=40))
def test_no_body_and_no_header_makes_the_channel_crash(body: bytes, secret: str) -> None:
    with pytest.raises((Forged, Malformed)):
        CHANNEL.updates({SECRET_HEADER: secret}, body, NOW)
    with contextlib.suppress(Malformed):
        assert CHANNEL.updates(SIGNED, body, NOW) == ()


def test_taps_of_the_newest_chats_are_remembered() -> None:
    taps = Taps()
    for number in range(7):
        taps.add("a", str(number))
    taps.add("a", "6")
    assert taps.take("a") == ("2", "3", "4", "5", "6")
    assert taps.take("a") == ()
    for number in range(1025):
        taps.add(str(number), "x")
    assert (taps.take("0"), taps.take("1024")) == ((), ("x",))
