"""A storm: the real server between fake vendors in bad weather, killed at random moments, ever again."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, select

from bot.storage.database import open_database
from bot.storage.inbox import NEW
from bot.storage.models import InboxRow, OutboxRow
from bot.storage.outbox import SENDING, WAITING
from bot.storage.sealing import Seal
from bot.storage.tokens import SqlTokens
from connectors.messaging import TokenPair
from tests.delivery.plan import STORMY, Planned, Play, Report, planned
from tests.delivery.servers import (
    SERVER_SECRET,
    Child,
    await_answering,
    environment,
    server,
    until,
    vendors,
)
from tests.delivery.verdict import Verdict, judge

WHILE_STARTING = 0.25  # of the kills
DRAIN_S = 240.0


@dataclass(frozen=True)
class Storm:
    """What is to happen. `database` is an address; None for a SQLite file of its own."""

    name: str
    messages: int
    kills: int
    people: int
    port: int
    servers: int = 1
    database: str | None = None
    seed: int = 20


@dataclass(frozen=True)
class Outcome:
    """What happened: how many kills met a server that was still starting, seconds in all."""

    storm: Storm
    verdict: Verdict
    report: Report
    starting: int
    seconds: float


def run(storm: Storm) -> Outcome:
    """Let it happen. Raises NotUp where a process does not come up, or the messages do not drain away."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="troly-storm-") as name:
        folder = Path(name)
        database = storm.database or f"sqlite:///{folder / 'storm.db'}"
        engine = open_database(database)
        people = vendors(storm.port, folder)
        settings = environment(people.url, database, folder)
        serving = [server(storm.port + 1 + number, folder, settings) for number in range(storm.servers)]
        try:
            people.start()
            until(lambda: people.answers("/control/count"), "the vendors")
            _connect(people, engine)
            plan = planned(storm.messages, storm.kills + 1, storm.people, storm.seed)
            starting = _rage(storm, people, serving, plan, engine)
            _drain(people, engine, storm.messages)
            report = Report.model_validate_json(people.client.get("/control/report").content)
        finally:
            for child in (*serving, people):
                child.kill()
        verdict = judge(plan, report, engine, SERVER_SECRET.encode())
        engine.dispose()
    return Outcome(storm, verdict, report, starting, time.monotonic() - begun)


def _connect(people: Child, engine: Engine) -> None:
    """Store a pair of tokens for the Official Account, as `troly connect` does."""
    access, refresh = people.client.post("/control/oa/pair").json()
    tokens = SqlTokens(engine, Seal(SERVER_SECRET.encode(), "delivery"), "zalo_oa")
    tokens.put(TokenPair(access, refresh, datetime.now(UTC) + timedelta(hours=20)))


def _rage(storm: Storm, people: Child, serving: list[Child], plan: list[Planned], engine: Engine) -> int:
    """Let people write, wave after wave, and kill a server in each; return how many were still starting."""
    rng = Random(storm.seed)
    for child in serving:
        child.start()
    for child in serving:
        await_answering(child)
    play = Play(messages=plan, servers=[child.url for child in serving], weather=STORMY)
    people.client.post("/control/play", json=play.model_dump()).raise_for_status()
    starting = 0
    for wave in range(storm.kills):
        victim = rng.choice(serving)
        if rng.random() < WHILE_STARTING and wave:
            starting += not victim.answers("/health", "answering")
        else:
            await_answering(victim)
            # People wait for answers before they write again: the vendors count free replies.
            until(lambda: _waiting(engine) < storm.people, "the answers to the wave before")
        people.client.post(f"/control/wave/{wave}").raise_for_status()
        time.sleep(rng.uniform(0.2, 4.0))
        victim.kill()
        victim.start()
    people.client.post(f"/control/wave/{storm.kills}").raise_for_status()
    for child in serving:
        await_answering(child)
    return starting


def _drain(people: Child, engine: Engine, messages: int) -> None:
    """Wait until every message is taken, worked and answered."""

    def empty() -> bool:
        taken = people.client.get("/control/count").json()["delivered"]
        return taken == messages and _waiting(engine) == 0

    until(empty, "all messages answered", DRAIN_S, 0.5)


def _waiting(engine: Engine) -> int:
    """Return how many messages wait to be worked and parts to be sent."""
    with engine.connect() as connection:
        new = connection.scalar(select(func.count()).where(InboxRow.status == NEW))
        due = connection.scalar(select(func.count()).where(OutboxRow.status.in_((WAITING, SENDING))))
    return (new or 0) + (due or 0)


def table(outcomes: list[Outcome]) -> str:
    """Return the figures of storms side by side, as text."""
    rows: list[tuple[str, list[object]]] = [
        ("", [one.storm.name for one in outcomes]),
        ("messages", [one.verdict.messages for one in outcomes]),
        ("webhook calls made", [one.verdict.calls for one in outcomes]),
        ("kills (while starting)", [f"{one.storm.kills} ({one.starting})" for one in outcomes]),
        ("messages in work when a kill came", [one.verdict.cut_short for one in outcomes]),
        ("sends spoilt (429, 5xx, cut)", [sum(one.report.faults.values()) for one in outcomes]),
        ("lost", [len(one.verdict.lost) for one in outcomes]),
        ("worked twice", [len(one.verdict.worked_twice) for one in outcomes]),
        ("out of order", [len(one.verdict.out_of_order) for one in outcomes]),
        ("arrived after a later one was in work", [one.verdict.overtaken for one in outcomes]),
        ("tries beyond the first", [one.verdict.retried for one in outcomes]),
        ("parts to send", [one.verdict.parts for one in outcomes]),
        ("sends that people saw", [one.verdict.sends for one in outcomes]),
        ("duplicate sends", [one.verdict.duplicates for one in outcomes]),
        ("  of at most: sent again after a kill", [one.verdict.resent for one in outcomes]),
        ("  and answers of the vendor cut off", [one.verdict.unmarked for one in outcomes]),
        ("rows that still hold words", [one.verdict.kept_words for one in outcomes]),
        ("seconds", [round(one.seconds) for one in outcomes]),
    ]
    wide = max(len(name) for name, _ in rows)
    columns = [max(len(str(row[1][place])) for row in rows) for place in range(len(outcomes))]
    return "\n".join(
        f"{name:<{wide}}  " + "  ".join(f"{value!s:>{columns[n]}}" for n, value in enumerate(values))
        for name, values in rows
    )
