"""What the Official Account sends: its windows, and tokens that end."""

from __future__ import annotations

import asyncio

import pytest

from connectors.messaging import Gone, Part, Postponed, Refused, SendFailed, Unauthorised
from connectors.zalo.errors import TokenRejected
from connectors.zalo.oa_channel import OaSettings
from tests.connectors.zalo.conftest import Oa
from tests.fakes.zalo_faults import Fault
from tests.fakes.zalo_oa import FREE_REPLIES

HELLO = Part(text="Chào bạn.")


def send(oa: Oa, part: Part = HELLO, times: int = 1) -> list[str]:
    async def each() -> list[str]:
        channel = oa.channel()
        return [await channel.send("an", part) for _ in range(times)]

    return asyncio.run(each())


def test_a_part_is_sent(oa: Oa) -> None:
    oa.fake.says("an", "chào")
    assert send(oa) == [oa.fake.sent[0].message_id]
    send(oa, Part(text="Ảnh", image="https://a.vn/b.png"))
    assert oa.fake.texts("an") == ["Chào bạn.", "Ảnh"]


def test_eight_replies_within_two_days(oa: Oa) -> None:
    oa.fake.says("an", "chào")
    send(oa, times=FREE_REPLIES)
    with pytest.raises(Refused, match="-232"):
        send(oa)
    oa.fake.says("an", "chào")
    send(oa)
    oa.fake.ahead_s += 48 * 3600 + 1
    oa.connect()
    with pytest.raises(Refused, match="-230"):
        send(oa)


def test_who_cannot_be_reached(oa: Oa) -> None:
    with pytest.raises(Gone, match="-213"):
        send(oa)
    oa.fake.says("an", "chào")
    oa.fake.blocked.add("an")
    with pytest.raises(Gone, match="-217"):
        send(oa)


def test_typing_is_nothing(oa: Oa) -> None:
    asyncio.run(oa.channel().typing("an"))
    assert not oa.fake.asked


# ---- tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [-216, -220])
def test_a_rejected_token_is_renewed_once(oa: Oa, code: int) -> None:
    oa.fake.says("an", "chào")
    oa.fake.fail(Fault("code", code=code))
    send(oa)
    assert oa.fake.texts("an") == ["Chào bạn."]
    assert (oa.fake.asked["send"], oa.fake.asked["token"], oa.tokens.renewals) == (2, 1, 1)


def test_and_not_twice(oa: Oa) -> None:
    oa.fake.fail(Fault("code", code=-216), times=5)
    with pytest.raises(TokenRejected):
        send(oa)
    assert (oa.fake.asked["send"], oa.fake.asked["token"]) == (2, 1)


def test_a_token_near_its_end_is_renewed_ahead(oa: Oa) -> None:
    oa.connect(life_s=50)
    oa.fake.says("an", "chào")
    send(oa, times=2)
    assert (oa.fake.asked["send"], oa.fake.asked["token"]) == (2, 1)


def test_years_of_use_spend_each_refresh_token_once(oa: Oa) -> None:
    for _ in range(20):
        oa.fake.ahead_s += 26 * 3600
        oa.fake.says("an", "chào")
        send(oa)
    assert oa.tokens.renewals == len(oa.fake.spent) == 20
    assert not oa.fake.refused


def test_many_at_once_renew_once(oa: Oa) -> None:
    oa.connect(life_s=0)
    oa.fake.says("an", "chào")

    async def eight() -> None:
        channel = oa.channel()
        await asyncio.gather(*(channel.send("an", HELLO) for _ in range(FREE_REPLIES)))

    asyncio.run(eight())
    assert (oa.fake.asked["token"], len(oa.fake.sent)) == (1, FREE_REPLIES)


def test_a_pair_that_was_renewed_elsewhere_is_taken(oa: Oa) -> None:
    stale = oa.tokens.pair
    assert stale is not None
    oa.fake.says("an", "chào")
    channel = oa.channel()
    current, oa.tokens.current = oa.tokens.current, lambda: stale  # type: ignore[method-assign]
    oa.tokens.renewed(stale, oa.sign_in().refreshed)
    asyncio.run(channel.send("an", HELLO))
    assert oa.fake.asked["token"] == 1
    assert current() != stale


def test_without_a_pair_the_operator_must_connect(oa: Oa) -> None:
    oa.tokens.pair = None
    with pytest.raises(Unauthorised, match="troly connect zalo-oa"):
        send(oa)


@pytest.mark.parametrize(
    ("fault", "first", "then"),
    [
        (Fault("status", status=500), Postponed, None),
        (Fault("code", code=-1), Unauthorised, None),
        # The answer is lost after the token was spent: nothing but the operator can help.
        (Fault("cut", after=True), Postponed, Unauthorised),
    ],
)
def test_a_failed_refresh_leaves_the_pair(
    oa: Oa, fault: Fault, first: type[SendFailed], then: type[SendFailed] | None
) -> None:
    pair = oa.connect(life_s=0)
    oa.fake.says("an", "chào")
    oa.fake.fail(fault, of="token")
    with pytest.raises(first):
        send(oa)
    assert oa.tokens.pair == pair
    if then is None:
        send(oa)
    else:
        with pytest.raises(then, match="troly connect zalo-oa"):
            send(oa)


def test_settings_do_not_show_their_secret() -> None:
    assert "geheim" not in repr(OaSettings("1", "geheim"))
