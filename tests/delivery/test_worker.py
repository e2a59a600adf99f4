"""The worker leaves what waits until the server can answer, and says so when that takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.server.parts import PartsFailed
from bot.server.sentences import load_sentences
from bot.server.worker import Pace, Worker
from bot.storage.database import open_database
from bot.storage.models import OutboxRow
from connectors.messaging import Part
from tests.bot.storage.delivered import inbox, incoming, rows


class Channel:
    """Says a reply as it is."""

    name = "telegram"

    def parts(self, reply: object, quote: str | None, free_left: int | None) -> tuple[Part, ...]:
        return (Part(text=reply.text),)  # type: ignore[attr-defined]


class Loading:
    """Parts that are never there; `fails` says that they never will be."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    def serving(self) -> None:
        if self.fails:
            raise PartsFailed("no catalogue")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/troly.db")


@contextmanager
def working(engine: Engine, parts: Loading, load_s: float) -> Iterator[Worker]:
    worker = Worker(
        inbox(engine),
        parts,
        {"telegram": Channel()},  # type: ignore[dict-item]
        load_sentences(),
        "w",
        pace=Pace(load_s=load_s, idle_s=0.01),
    )
    worker.start()
    yield worker
    worker.stop()


def until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_what_waits_is_left_while_the_server_loads(engine: Engine) -> None:
    box = inbox(engine)
    box.accept("telegram", [incoming("1")])
    with working(engine, Loading(), load_s=60):
        time.sleep(0.2)
        assert box.counts() == {"new": 1}


def test_when_loading_takes_too_long_people_are_told(engine: Engine) -> None:
    inbox(engine).accept("telegram", [incoming("1", sent_at=datetime.now(UTC))])
    with working(engine, Loading(), load_s=0.05):
        assert until(lambda: bool(rows(engine, OutboxRow)))
    assert rows(engine, OutboxRow)[0].body["text"] == load_sentences().starting


def test_when_there_will_be_no_parts_people_are_told(engine: Engine) -> None:
    inbox(engine).accept("telegram", [incoming("1", sent_at=datetime.now(UTC))])
    with working(engine, Loading(fails=True), load_s=60):
        assert until(lambda: bool(rows(engine, OutboxRow)))
    assert rows(engine, OutboxRow)[0].body["text"] == load_sentences().trouble
