"""`troly connect zalo-oa` against a strict vendor on loopback: permission, lost pairs, the webhook's key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.server.connecting.zalo_oa import OtherAttempt, code_in
from connectors.messaging import Postponed, TokenPair, Unauthorised
from connectors.zalo import oa_tokens
from tests.bot.server.conftest import Serve
from tests.bot.server.connecting.conftest import (
    PERSON,
    PORTS,
    PUBLIC,
    TEST,
    VERIFIER,
    Desk,
    leads_to,
    once,
    stores,
)
from tests.fakes import zalo_oa
from tests.fakes.serving import serving
from tests.fakes.zalo_faults import Fault
from tests.fakes.zalo_oa import FakeZaloOa


@pytest.fixture
def oa(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeZaloOa]:
    fake = FakeZaloOa()
    monkeypatch.setattr(oa_tokens, "new_verifier", lambda: VERIFIER)
    with serving(fake.app(), PORTS) as url:
        desk.env |= {
            "TROLY_ZALO_OA_URL": url,
            "TROLY_ZALO_OA_SIGN_IN_URL": url,
            "TROLY_ZALO_OA_APP_ID": zalo_oa.APP_ID,
            "TROLY_ZALO_OA_APP_SECRET": zalo_oa.APP_KEY,
            "TROLY_ZALO_OA_SECRET": zalo_oa.OA_SECRET,
        }
        yield fake


def permitted(fake: FakeZaloOa, state: str | None = None) -> str:
    """Return the address that the browser ends at."""
    code = fake.permitted(oa_tokens.challenge(VERIFIER))
    return f"{PUBLIC}/?oa_id=1&code={code}" + (f"&state={state}" if state else "")


def keep(desk: Desk, fake: FakeZaloOa, *, ends_in: timedelta = timedelta(hours=25)) -> TokenPair:
    access, refresh = fake.connected()
    desk.hidden |= {access, refresh}
    pair = TokenPair(access, refresh, datetime.now(UTC) + ends_in)
    stores(desk).oa_tokens.put(pair)
    return pair


def test_an_account_is_connected(
    desk: Desk, oa: FakeZaloOa, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(
        zalo_oa_app_id=zalo_oa.APP_ID,
        zalo_oa_app_secret=SecretStr(zalo_oa.APP_KEY),
        zalo_oa_secret=SecretStr(zalo_oa.OA_SECRET),
        zalo_oa_url=desk.env["TROLY_ZALO_OA_URL"],
    )
    leads_to(monkeypatch, server)

    def phone() -> None:
        call = oa.call(oa.says(PERSON, "chào"))
        assert server.post("/hooks/zalo_oa", headers=call.headers, content=call.body).status_code == 200

    with once(lambda: oa.access, phone):
        result = desk.run("zalo-oa", "--wait", "10", typed=permitted(oa) + "\n")
    assert result.exit_code == 0, result.output
    pair = stores(desk).oa_tokens.current()
    assert pair is not None and pair.access in oa.access
    assert pair.access not in result.output and pair.refresh not in result.output
    assert TEST in oa.texts(PERSON)
    assert (
        f"{desk.env['TROLY_ZALO_OA_SIGN_IN_URL']}/v4/oa/permission?app_id={zalo_oa.APP_ID}" in result.output
    )
    assert f"{PUBLIC}/hooks/zalo_oa" in result.output
    assert "trả lời đúng" in result.output
    assert f"{pair.expires_at.astimezone():%H:%M ngày %d/%m/%Y}" in result.output


def test_how_things_stand_is_told_without_asking_zalo(desk: Desk, oa: FakeZaloOa) -> None:
    desk.fails("Chưa kết nối OA", "never connected", "zalo-oa", "--check")
    keep(desk, oa)
    result = desk.run("zalo-oa", "--check")
    assert result.exit_code == 0 and "dùng được đến" in result.output
    desk.fails("Còn thiếu TROLY_ZALO_OA_SECRET", "OA Secret Key", "zalo-oa", "--check", zalo_oa_secret=None)
    keep(desk, oa, ends_in=-timedelta(hours=1))
    result = desk.run("zalo-oa", "--check")
    assert result.exit_code == 0 and "đã hết hạn lúc" in result.output
    keep(desk, oa, ends_in=-timedelta(days=95))
    desk.fails("quá ba tháng", "three months", "zalo-oa", "--check")
    assert oa.asked == {}


def test_a_lost_pair_is_told_and_asked_for_again(desk: Desk, oa: FakeZaloOa) -> None:
    pair = keep(desk, oa)
    oa.people[PERSON] = zalo_oa.Person(oa.now())
    # The vendor answers, and the answer is lost on its way: the refresh token is spent.
    oa.fail(Fault("cut", after=True), of="token")
    sign_in = oa_tokens.OaSignIn(zalo_oa.APP_ID, zalo_oa.APP_KEY, desk.env["TROLY_ZALO_OA_SIGN_IN_URL"])
    with pytest.raises(Postponed):
        stores(desk).oa_tokens.renewed(pair, sign_in.refreshed)
    assert pair.refresh in oa.spent
    desk.fails("Lần gia hạn gần nhất không được", "Postponed", "zalo-oa", "--check")

    result = desk.run("zalo-oa", "--to", PERSON, typed=permitted(oa) + "\n")
    assert result.exit_code == 0, result.output
    assert "đã mất" in result.output
    assert stores(desk).oa_tokens.failure() == ""
    assert oa.texts(PERSON) == [TEST]
    assert desk.run("zalo-oa", "--check").exit_code == 0


def test_a_pair_that_only_has_ended_is_renewed_once(desk: Desk, oa: FakeZaloOa) -> None:
    old = keep(desk, oa, ends_in=-timedelta(minutes=1))
    result = desk.run("zalo-oa", "--no-test")
    assert result.exit_code == 0 and "Đã gia hạn" in result.output
    new = stores(desk).oa_tokens.current()
    assert new is not None and new.refresh != old.refresh
    assert (oa.asked["token"], oa.spent) == (1, {old.refresh})
    assert desk.run("zalo-oa", "--no-test").exit_code == 0
    assert oa.asked["token"] == 1


def test_a_failure_that_was_only_the_network_heals_without_a_browser(desk: Desk, oa: FakeZaloOa) -> None:
    pair = keep(desk, oa)

    def away(_: TokenPair) -> TokenPair:
        raise Postponed("zalo_oa sign-in: no answer (ConnectError)")

    with pytest.raises(Postponed):
        stores(desk).oa_tokens.renewed(pair, away)
    assert desk.run("zalo-oa", "--no-test").exit_code == 0
    assert stores(desk).oa_tokens.failure() == ""


def test_a_renewal_while_zalo_is_away_keeps_the_pair(desk: Desk, oa: FakeZaloOa) -> None:
    pair = keep(desk, oa, ends_in=-timedelta(minutes=1))
    oa.fail(Fault("status", 503), of="token")
    desk.fails("Chưa liên lạc được với Zalo OA", "503", "zalo-oa")
    assert stores(desk).oa_tokens.current() == pair


def test_what_is_pasted_is_read_with_patience(desk: Desk, oa: FakeZaloOa) -> None:
    typed = f"{PUBLIC}/?error=denied\n{permitted(oa, state='of-another-attempt')}\n{permitted(oa)}\n"
    result = desk.run("zalo-oa", "--no-test", typed=typed)
    assert result.exit_code == 0, result.output
    assert 'không có "code="' in result.output and "lần xin quyền khác" in result.output


@pytest.mark.parametrize("typed", ["", "\n", "a b\nc d\ne f\n"])
def test_no_code(desk: Desk, oa: FakeZaloOa, typed: str) -> None:
    result = desk.run("zalo-oa", typed=typed)
    assert result.exit_code == 1
    assert "Chưa nhận được mã" in result.output
    assert stores(desk).oa_tokens.current() is None


def test_a_code_is_good_once(desk: Desk, oa: FakeZaloOa) -> None:
    address = permitted(oa)
    assert desk.run("zalo-oa", "--no-test", typed=address + "\n").exit_code == 0
    before = stores(desk).oa_tokens.current()
    result = desk.run("zalo-oa", "--no-test", "--again", typed=address + "\n")
    assert result.exit_code == 1
    assert "chỉ dùng được một lần" in result.output
    assert stores(desk).oa_tokens.current() == before


@pytest.mark.parametrize(
    ("vi", "en", "env"),
    [
        ("Thiếu TROLY_ZALO_OA_APP_ID", "is missing", {"zalo_oa_app_id": None}),
        ("Thiếu TROLY_ZALO_OA_APP_SECRET", "is missing", {"zalo_oa_app_secret": None}),
        ("ký tự lạ", "odd characters", {"zalo_oa_app_secret": "khóa bí mật"}),
        ("Chưa có địa chỉ công khai", "no public address", {"public_url": None}),
        ("Còn thiếu TROLY_ZALO_OA_SECRET", "OA Secret Key", {"zalo_oa_secret": None}),
    ],
)
def test_what_is_wrong_with_the_account_is_said(
    desk: Desk, oa: FakeZaloOa, vi: str, en: str, env: dict[str, str | None]
) -> None:
    keep(desk, oa)
    desk.fails(vi, en, "zalo-oa", "--wait", "0", **env)


def test_a_pair_of_another_key_is_asked_for_again(desk: Desk, oa: FakeZaloOa) -> None:
    keep(desk, oa)
    result = desk.run("zalo-oa", "--no-test", typed=permitted(oa) + "\n", secret_key="y" * 40)
    assert result.exit_code == 0, result.output
    assert "TROLY_SECRET_KEY đã đổi" in result.output


def test_somebody_outside_the_window(desk: Desk, oa: FakeZaloOa) -> None:
    keep(desk, oa)
    oa.people[PERSON] = zalo_oa.Person(oa.now() - 49 * 3600)
    desk.fails("trong 48 giờ", "-230", "zalo-oa", "--to", PERSON)


def test_a_stored_token_that_zalo_does_not_take_any_more(desk: Desk, oa: FakeZaloOa) -> None:
    pair = keep(desk, oa)
    oa.access.clear()
    oa.refresh.clear()
    desk.fails("--again", "--again", "zalo-oa", "--to", PERSON)
    assert Unauthorised.__name__ in stores(desk).oa_tokens.failure()
    assert stores(desk).oa_tokens.current() == pair


def test_the_code_in_what_is_pasted() -> None:
    assert code_in("?code=abcdef&state=s", "s") == "abcdef"
    assert code_in("code=abcdef", "s") == "abcdef"
    assert code_in("https://x.example/", "s") is None
    with pytest.raises(OtherAttempt):
        code_in("https://x.example/?code=abcdef&state=t", "s")
