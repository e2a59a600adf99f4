"""Proofs of a webhook call, against vectors that were not made by this code (printf … | sha256sum)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.zalo.signatures import event_mac, fresh, secret_holds, signature_holds

BODY = '{"a":"ệ"}'.encode()
STAMP = "1750316131602"
MAC = "f7582c9329630765dfd7ab7d7c39ee4a129d433284b8f6d7aa721beb5d6badab"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_signature_is_plain_sha256_of_app_body_time_and_secret() -> None:
    assert event_mac("4242", BODY, STAMP, "secret") == MAC


@pytest.mark.parametrize("header", [MAC, f"mac={MAC}", f" mac={MAC} ", f"mac={MAC.upper()}"])
def test_a_signature_holds_with_and_without_its_prefix(header: str) -> None:
    assert signature_holds(header, "4242", BODY, STAMP, "secret")


@pytest.mark.parametrize("header", [None, "", "mac=", MAC[:-1], MAC + "0", f"mac=mac={MAC}", "mac=ệ\udc80"])
def test_another_signature_does_not(header: str | None) -> None:
    assert not signature_holds(header, "4242", BODY, STAMP, "secret")


@pytest.mark.parametrize(
    ("app", "body", "stamp"), [("4243", BODY, STAMP), ("4242", BODY + b" ", STAMP), ("4242", BODY, "1")]
)
def test_it_covers_app_body_and_time(app: str, body: bytes, stamp: str) -> None:
    assert not signature_holds(MAC, app, body, stamp, "secret")


@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_secret_nothing_holds(secret: str | None) -> None:
    assert not secret_holds("", secret)
    assert not secret_holds("x", secret)
    signed_with_nothing = event_mac("4242", BODY, STAMP, "")
    assert not signature_holds(signed_with_nothing, "4242", BODY, STAMP, secret)
    assert not signature_holds(event_mac("", BODY, STAMP, "secret"), "", BODY, STAMP, "secret")


def test_the_secret_token() -> None:
    assert secret_holds("bí mật", "bí mật")
    assert not secret_holds("bí mật ", "bí mật")
    assert not secret_holds(None, "bí mật")


@pytest.mark.parametrize(
    ("seconds", "holds"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_five_minutes_of_clock(seconds: int, holds: bool) -> None:
    assert fresh(NOW - timedelta(seconds=seconds), NOW) is holds
