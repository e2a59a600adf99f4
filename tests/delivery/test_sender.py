"""The sender: in order, with the vendor's own pauses, dead letters for what can never go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.server.sender import Backoff, Sender
from bot.storage.database import open_database
from bot.storage.models import OutboxRow
from connectors.messaging import Gone, Part, Postponed, Refused, Unauthorised
from tests.bot.storage.delivered import answered, outbox, rows

FAST = Backoff(first_s=0.02, most_s=0.05, attempts=4, hold_s=5, idle_s=0.01, unauthorised_s=0.02)


class Channel:
    """Fails as it is told, then sends; an exception of no kind is a fault of ours."""

    name = "telegram"

    def __init__(self, failures: Sequence[Exception] = ()) -> None:
        self.failures = list(failures)
        self.sent: list[str] = []
        self.tried = 0

    async def send(self, chat: str, part: Part) -> str:
        self.tried += 1
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(part.text)
        return "1"


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/troly.db")


def sending(engine: Engine, channel: Channel, seconds: float = 5.0) -> Sender:
    """Send until nothing waits any more."""
    sender = Sender(outbox(engine), channel, "s", backoff=FAST)  # type: ignore[arg-type]

    async def run() -> None:
        work = asyncio.create_task(sender.run())
        end = time.monotonic() + seconds
        while time.monotonic() < end and _waits(engine):
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    asyncio.run(run())
    return sender


def _waits(engine: Engine) -> bool:
    return any(row.status in {"waiting", "sending"} for row in rows(engine, OutboxRow))


def statuses(engine: Engine) -> list[Any]:
    return [row.status for row in rows(engine, OutboxRow)]


def test_all_is_sent_in_order(engine: Engine) -> None:
    for number in range(3):
        answered(engine, str(number), f"{number}a", f"{number}b")
    channel = Channel()
    assert sending(engine, channel).sent == 6
    assert channel.sent == ["0a", "0b", "1a", "1b", "2a", "2b"]


def test_what_may_pass_is_tried_again_and_holds_its_place(engine: Engine) -> None:
    answered(engine, "1", "first", "second")
    channel = Channel([Postponed("cut"), Postponed("429", retry_after_s=0.3), KeyError("ours")])
    begun = time.monotonic()
    assert sending(engine, channel).failed == 3
    assert channel.sent == ["first", "second"]
    assert time.monotonic() - begun > 0.3


def test_after_so_many_tries_it_is_laid_aside_and_the_next_goes(engine: Engine) -> None:
    answered(engine, "1", "first", "second")
    channel = Channel([Postponed("down")] * FAST.attempts)
    sending(engine, channel)
    assert channel.sent == ["second"]
    assert statuses(engine) == ["dead", "sent"]
    assert outbox(engine).dead()[0].has_text


def test_what_can_never_be_sent_is_laid_aside_at_once(engine: Engine) -> None:
    answered(engine, "1", "first")
    channel = Channel([Refused("too long")])
    sending(engine, channel)
    assert (channel.tried, statuses(engine)) == (1, ["dead"])


def test_a_token_that_does_not_hold_loses_nothing(engine: Engine) -> None:
    answered(engine, "1", "first")
    channel = Channel([Unauthorised("no")] * (FAST.attempts + 2) + [Postponed("429")])
    sender = sending(engine, channel)
    assert channel.sent == ["first"]
    assert sender.trouble == ""


def test_who_is_gone_is_left_in_peace(engine: Engine) -> None:
    answered(engine, "1", "first", "second")
    channel = Channel([Gone("blocked")])
    sending(engine, channel)
    assert (channel.tried, statuses(engine)) == (1, ["dead", "dead"])


def test_an_idle_sender_is_woken(engine: Engine) -> None:
    channel = Channel()
    slow = Backoff(idle_s=30)
    sender = Sender(outbox(engine), channel, "s", backoff=slow)  # type: ignore[arg-type]

    async def run() -> None:
        work = asyncio.create_task(sender.run())
        await asyncio.sleep(0.2)
        for number in range(5):
            answered(engine, str(number), "now", who=str(number))
            sender.wake()
        end = time.monotonic() + 20
        while time.monotonic() < end and len(channel.sent) < 5:
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    asyncio.run(run())
    assert channel.sent == ["now"] * 5


@pytest.mark.parametrize(
    ("attempt", "least", "most"), [(1, 0.5, 1), (2, 1, 2), (9, 128, 256), (50, 150, 300)]
)
def test_pauses_grow_to_a_bound_and_scatter(attempt: int, least: float, most: float) -> None:
    delays = {Backoff().delay(attempt, None) for _ in range(20)}
    assert all(least <= delay <= most for delay in delays)
    assert len(delays) > 1
    assert Backoff().delay(attempt, 1000) == 1000
