"""A token pair is sealed, and renewed by one at a time; what fails is noted and loses nothing."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from bot.storage.models import TokenRow
from bot.storage.sealing import Seal, Unsealable
from bot.storage.tokens import SqlTokens
from connectors.messaging import Postponed, TokenPair
from tests.bot.storage.delivered import SEAL, rows


def pair(number: int) -> TokenPair:
    return TokenPair(f"access-{number}", f"refresh-{number}", datetime(2026, 11, 22, tzinfo=UTC))


def tokens(engine: Engine) -> SqlTokens:
    return SqlTokens(engine, SEAL, "zalo_oa")


def test_before_the_first_connection_there_is_none(both: Engine) -> None:
    assert tokens(both).current() is None
    assert tokens(both).failure() == ""


def test_a_pair_is_kept_sealed_and_by_channel(both: Engine) -> None:
    tokens(both).put(pair(1))
    tokens(both).put(pair(2))
    assert tokens(both).current() == pair(2)
    assert SqlTokens(both, SEAL, "another").current() is None
    (row,) = rows(both, TokenRow)
    assert b"access" not in row.sealed
    assert b"refresh" not in row.sealed
    with pytest.raises(Unsealable):
        SqlTokens(both, Seal(b"x" * 32, "tests"), "zalo_oa").current()


def test_two_who_find_a_pair_stale_renew_it_once(both: Engine) -> None:
    tokens(both).put(pair(1))
    asked: list[TokenPair] = []
    got: list[TokenPair] = []

    def exchange(old: TokenPair) -> TokenPair:
        asked.append(old)
        time.sleep(0.3)
        return pair(2)

    threads = [
        threading.Thread(target=lambda: got.append(tokens(both).renewed(pair(1), exchange))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == [pair(1)]
    assert got == [pair(2), pair(2)]
    assert tokens(both).current() == pair(2)


def test_one_who_comes_late_gets_the_renewed_pair(both: Engine) -> None:
    tokens(both).put(pair(2))

    def never(_: TokenPair) -> TokenPair:
        raise AssertionError("the refresh token would be spent twice")

    assert tokens(both).renewed(pair(1), never) == pair(2)


def test_a_failure_leaves_the_pair_is_noted_and_goes_with_the_next_success(both: Engine) -> None:
    box = tokens(both)
    box.put(pair(1))

    def fails(_: TokenPair) -> TokenPair:
        raise Postponed("no answer " + "x" * 300)

    with pytest.raises(Postponed):
        box.renewed(pair(1), fails)
    assert box.current() == pair(1)
    assert "Postponed: no answer" in box.failure()
    assert len(box.failure()) <= 200
    later = TokenPair("a", "r", datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=25))
    assert box.renewed(pair(1), lambda _: later) == later
    assert box.failure() == ""
    assert box.current() == later
