"""The client of the Official Account and its sign-in, before the fake vendor."""

from __future__ import annotations

import asyncio
import logging
import traceback
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from connectors.messaging import Gone, PartButton, Postponed, Refused, SendFailed, TokenPair, Unauthorised
from connectors.zalo.errors import OA, BadToken, TokenRejected
from connectors.zalo.oa_api import ZaloOaApi, quoting, with_buttons
from connectors.zalo.oa_tokens import OaSignIn, challenge, lifetime, new_verifier, permission_url
from tests.connectors.zalo.conftest import Oa
from tests.fakes.serving import serving
from tests.fakes.zalo_faults import Fault
from tests.fakes.zalo_oa import APP_ID, APP_KEY, FakeZaloOa

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def sending(oa: Oa, text: str = "Chào bạn.", **options: Any) -> str:
    assert oa.tokens.pair is not None
    oa.fake.says("an", "chào")
    sent = oa.api(deadline_s=0.3).send_text(oa.tokens.pair.access, "an", text, **options)
    return asyncio.run(sent).message_id


def test_everything_that_can_be_sent(oa: Oa) -> None:
    assert oa.tokens.pair is not None
    access, api = oa.tokens.pair.access, oa.api()
    asked = oa.fake.says("an", "chào")["message"]["msg_id"]
    oa.fake.files.add("f1")
    buttons = [
        PartButton(title="Lệ phí", payload="aspect:fee"),
        PartButton(title="Xem", payload="https://a.vn"),
    ]

    async def send() -> list[str]:
        sent = [
            await api.send_text(access, "an", "Chào bạn."),
            await api.send_text(access, "an", "Chọn:", buttons=buttons, quote=asked),
            await api.send_image(access, "an", "https://a.vn/b.png", "Ảnh"),
            await api.send_image(access, "an", "https://a.vn/b.png"),
            await api.send_file(access, "an", "f1"),
        ]
        return [one.message_id for one in sent]

    assert asyncio.run(send()) == [one.message_id for one in oa.fake.sent]
    told = [one.message.model_dump(exclude_none=True) for one in oa.fake.sent]
    media = {"template_type": "media", "elements": [{"media_type": "image", "url": "https://a.vn/b.png"}]}
    assert told == [
        {"text": "Chào bạn."},
        {
            "text": "Chọn:",
            "quote_message_id": asked,
            "attachment": {
                "type": "template",
                "payload": {
                    "buttons": [
                        {"title": "Lệ phí", "type": "oa.query.show", "payload": "/aspect:fee"},
                        {"title": "Xem", "type": "oa.open.url", "payload": {"url": "https://a.vn"}},
                    ]
                },
            },
        },
        {"text": "Ảnh", "attachment": {"type": "template", "payload": media}},
        {"attachment": {"type": "template", "payload": media}},
        {"attachment": {"type": "file", "payload": {"token": "f1"}}},
    ]


def test_parts_of_a_message_that_are_not_there() -> None:
    assert with_buttons([]) == quoting(None) == quoting("") == {}
    with pytest.raises(Refused):
        with_buttons([PartButton(title="x", payload="a:b")] * 6)


@pytest.mark.parametrize("code", sorted(OA))
def test_each_code_is_its_failure(oa: Oa, code: int) -> None:
    oa.fake.fail(Fault("code", code=code))
    with pytest.raises(SendFailed, match=str(code)) as raised:
        sending(oa, "một điều riêng tư")
    assert type(raised.value) is OA[code].kind
    assert "riêng tư" not in str(raised.value)


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ((-32, -211), Postponed),
        ((-201, -230, -232, -233), Refused),
        ((-213, -217), Gone),
        ((-216, -220), TokenRejected),
        ((-224, -240), Unauthorised),
    ],
)
def test_what_the_codes_mean(codes: tuple[int, ...], kind: type[SendFailed]) -> None:
    assert {OA[code].kind for code in codes} == {kind}


def test_every_code_of_the_reference_is_there() -> None:
    assert set(OA) == {-32, -201, -211, -213, -216, -217, -220, -224, -230, -232, -233, -240}


def test_a_used_up_quota_is_not_asked_again_at_once(oa: Oa) -> None:
    oa.fake.fail(Fault("code", code=-211))
    with pytest.raises(Postponed) as raised:
        sending(oa)
    assert raised.value.retry_after_s == 3600


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("code", code=-9999), Postponed),
        (Fault("status", status=500), Postponed),
        (Fault("status", status=429, retry_after="3"), Postponed),
        (Fault("html", status=403), Postponed),
        (Fault("html", status=200), Postponed),
        (Fault("html", status=401), TokenRejected),
        (Fault("html", status=413), Refused),
        (Fault("malformed"), Postponed),
        (Fault("huge"), Postponed),
        (Fault("cut"), Postponed),
        (Fault("slow", seconds=1.0), Postponed),
    ],
)
def test_other_failures(oa: Oa, fault: Fault, kind: type[SendFailed]) -> None:
    oa.fake.fail(fault)
    with pytest.raises(SendFailed) as raised:
        sending(oa)
    assert type(raised.value) is kind
    assert getattr(raised.value, "retry_after_s", None) == (3.0 if fault.retry_after else None)
    assert oa.fake.sent == []


def test_a_sent_message_without_its_id_was_sent() -> None:
    app = FastAPI()
    app.post("/v3.0/oa/message/cs")(lambda: {"error": 0, "message": "Success"})
    api = ZaloOaApi("http://oa", transport=httpx.ASGITransport(app))
    assert asyncio.run(api.send_text("a", "an", "x")).message_id == ""


@pytest.mark.parametrize("access", ["", "a\nb", "ệ", "a b"])
def test_a_damaged_token_is_not_sent(oa: Oa, access: str) -> None:
    with pytest.raises(Unauthorised):
        asyncio.run(oa.api().send_text(access, "an", "x"))
    assert oa.fake.asked["send"] == 0


# ---- sign-in -----------------------------------------------------------------------------------------------


def test_a_code_is_exchanged_with_its_verifier(oa: Oa) -> None:
    verifier = new_verifier()
    pair = oa.sign_in().exchanged(oa.fake.permitted(challenge(verifier)), verifier)
    assert pair.access in oa.fake.access
    assert pair.refresh in oa.fake.refresh
    assert timedelta(hours=24) < pair.expires_at - datetime.now(UTC) < timedelta(hours=26)
    with pytest.raises(Unauthorised):
        oa.sign_in().exchanged(oa.fake.permitted(challenge(verifier)), new_verifier())


def test_a_refresh_token_is_good_for_one_use(oa: Oa) -> None:
    first = oa.connect()
    second = oa.sign_in().refreshed(first)
    assert (second.access, second.refresh) != (first.access, first.refresh)
    with pytest.raises(Unauthorised, match="troly connect zalo-oa"):
        oa.sign_in().refreshed(first)
    assert oa.sign_in().refreshed(second).access in oa.fake.access


def test_a_wrong_key_is_the_operators_to_mend(oa: Oa) -> None:
    with pytest.raises(Unauthorised):
        oa.sign_in("another-key").refreshed(oa.connect())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault("code", code=-32), Postponed),
        (Fault("status", status=500), Postponed),
        (Fault("status", status=429), Postponed),
        (Fault("html", status=200), Postponed),
        (Fault("malformed"), Postponed),
        (Fault("huge"), Postponed),
        (Fault("cut"), Postponed),
        (Fault("code", code=-216), Unauthorised),
        (Fault("html", status=401), Unauthorised),
        (Fault("html", status=404), Unauthorised),
    ],
)
def test_what_goes_wrong_while_signing_in(oa: Oa, fault: Fault, kind: type[SendFailed]) -> None:
    oa.fake.fail(fault, of="token")
    with pytest.raises(SendFailed) as raised:
        oa.sign_in().refreshed(oa.connect())
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        ("90000", 90000),
        (90000, 90000),
        ("1", 1),
        (None, 3600),
        ("", 3600),
        ("soon", 3600),
        ("-5", 3600),
        ("0", 3600),
        (True, 3600),
        (1.5, 3600),
        (["90000"], 3600),
        ("999999999", 90 * 24 * 3600),
        ("9" * 30, 3600),
        ("٣", 3600),
    ],
)
def test_how_long_a_token_lives(expires_in: object, seconds: int) -> None:
    assert lifetime(expires_in) == timedelta(seconds=seconds)


def test_a_pair_is_never_lost_for_an_odd_lifetime(oa: Oa) -> None:
    oa.fake.expires_in = {"odd": 1}
    assert oa.sign_in().refreshed(oa.connect()).access in oa.fake.access


def test_the_permission_page() -> None:
    url = urlsplit(
        permission_url(APP_ID, "https://a.vn/x?y=1", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "s")
    )
    assert (url.netloc, url.path) == ("oauth.zaloapp.com", "/v4/oa/permission")
    assert {name: values[0] for name, values in parse_qs(url.query).items()} == {
        "app_id": APP_ID,
        "redirect_uri": "https://a.vn/x?y=1",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "state": "s",
    }
    assert len(new_verifier()) == 43


@pytest.mark.parametrize(("app", "key"), [("", "k"), ("1", ""), ("1", "k\n"), ("1", "ệ")])
def test_odd_keys_are_refused(app: str, key: str) -> None:
    with pytest.raises(BadToken):
        OaSignIn(app, key)


# ---- secrets -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, Fault("cut"), Fault("status", status=500), Fault("code", code=-216)])
def test_no_token_is_in_a_log_or_an_error(caplog: pytest.LogCaptureFixture, fault: Fault | None) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeZaloOa()
    access, refresh = fake.connected()
    told = []
    with serving(fake.app()) as url:
        if fault:
            fake.fail(fault)
            fake.fail(fault, of="token")
        told += [_failed_send(url, access), _failed_refresh(url, refresh)]
    told += [_failed_send(url, access), _failed_refresh(url, refresh)]  # nobody listens any more
    assert (fake.asked["send"], fake.asked["token"]) == (1, 1)
    assert "httpx" in caplog.text
    for secret in (access, refresh, APP_KEY):
        assert secret not in caplog.text
        assert not [text for text in told if secret in text]


def _failed_send(url: str, access: str) -> str:
    async def send() -> str:
        api = ZaloOaApi(url)
        try:
            await api.send_text(access, "an", "x")
        except SendFailed as failed:
            return _all_of(failed) + repr(api)
        finally:
            await api.aclose()
        return repr(api)

    return asyncio.run(send())


def _failed_refresh(url: str, refresh: str) -> str:
    sign_in = OaSignIn(APP_ID, APP_KEY, url)
    try:
        sign_in.refreshed(TokenPair("old", refresh, FIRST))
    except SendFailed as failed:
        return _all_of(failed) + repr(sign_in)
    return repr(sign_in)


def _all_of(failed: SendFailed) -> str:
    held = [vars(one) for one in (failed, failed.__context__, failed.__cause__) if one is not None]
    return f"{traceback.format_exception(failed)} {failed!r} {held}"
