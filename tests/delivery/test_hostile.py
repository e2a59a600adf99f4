"""Forged and hostile webhook calls: refused, nothing stored, still serving; a replay works nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, func, select

from bot.server.app import create_app
from bot.server.wiring import Wired, wire
from bot.settings import Settings
from bot.storage.models import AddressRow, Base, ConversationRow, InboxRow, OutboxRow
from tests.bot.server.conftest import Fakes
from tests.delivery.calls import FORMER_SECRET, HOOKS, SECRET, Hook, changed, hostile_bodies, leaves
from tests.fakes import telegram, zalo_bot, zalo_oa
from tests.fakes.serving import serving

PORTS = range(8484, 8496)
NOWHERE = "http://127.0.0.1:9"
SIX_MINUTES = 360.0
each_channel = pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.channel)


@dataclass
class Served:
    """A server without its own worker, so that what it stores can be looked at."""

    wired: Wired
    engine: Engine
    client: httpx.Client

    def post(self, hook: Hook, body: object, headers: dict[str, str]) -> int:
        answer = self.client.post(f"/hooks/{hook.channel}", content=body, headers=headers)  # type: ignore[arg-type]
        return answer.status_code

    def count(self, table: type[Base]) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0

    def holds_nothing(self) -> bool:
        return all(self.count(table) == 0 for table in (InboxRow, AddressRow, OutboxRow, ConversationRow))

    def goes_on(self, hook: Hook) -> bool:
        """Return whether health answers and a right message is taken."""
        healthy = self.client.get("/health").status_code == 200
        return healthy and self.post(hook, *hook.call(hook.event(number=999))) == 200


def settings(folder: Path, **secrets: str | None) -> Settings:
    values: dict[str, Any] = {f"{hook.channel}_secret": SECRET for hook in HOOKS} | secrets
    return Settings(
        _env_file=None,
        var=folder,
        secret_key="s" * 40,
        database_url=f"sqlite:///{folder}/troly.db",
        zalo_bot_token=zalo_bot.TOKEN,
        zalo_bot_url=NOWHERE,
        zalo_oa_app_id=zalo_oa.APP_ID,
        zalo_oa_app_secret=zalo_oa.APP_KEY,
        zalo_oa_url=NOWHERE,
        telegram_token=telegram.TOKEN,
        telegram_url=NOWHERE,
        **values,
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with running(settings(tmp_path)) as one:
        yield one


class running:
    """Serve on a real socket."""

    def __init__(self, own: Settings) -> None:
        self._own = own
        self._wired = wire(own, Fakes().recipe)
        self._server = serving(create_app(own, self._wired), PORTS)

    def __enter__(self) -> Served:
        url = self._server.__enter__()
        self._wired.parts.start()
        self._client = httpx.Client(base_url=url, timeout=20)
        return Served(self._wired, create_engine(self._own.database_url), self._client)

    def __exit__(self, *error: object) -> None:
        self._client.close()
        self._wired.parts.stop()
        self._server.__exit__(None, None, None)


@each_channel
def test_what_is_not_proven_is_refused(served: Served, hook: Hook) -> None:
    event = hook.event()
    body, right = hook.call(event)
    (name, value), *_ = right.items()
    others = {other.header: SECRET for other in HOOKS if other.header != name}
    for forged in (
        {},
        {name: ""},
        {name: "mac="},
        {name: value[:-1]},
        {name: value + "0"},
        {name: value.upper() + " x"},
        {name: "a" * 5000},
        others,
        hook.call(event, secret="not the secret of the hook")[1],
        hook.call(event, secret=FORMER_SECRET)[1],
    ):
        assert served.post(hook, body, forged) == 401, forged
    odd = served.client.post(f"/hooks/{hook.channel}", content=body, headers={name.encode(): b"\xff\xfe\x80"})
    assert odd.status_code == 401
    assert served.holds_nothing()
    assert served.goes_on(hook)


def test_the_signature_of_the_official_account_covers_body_and_time(served: Served) -> None:
    hook = Hook("zalo_oa")
    event = hook.event()
    body, proof = hook.call(event)
    assert served.post(hook, body.replace(b"sinh", b"t\xe1\xbb\xad"), proof) == 401
    assert served.post(hook, *(hook.call({**event, "timestamp": "1"})[0], proof)) == 401
    for away_s in (-SIX_MINUTES, SIX_MINUTES):
        assert served.post(hook, *hook.call(hook.event(at=time.time() + away_s))) == 401
    assert served.holds_nothing()
    assert served.post(hook, *hook.call(hook.event(at=time.time() - SIX_MINUTES / 2))) == 200


@each_channel
def test_without_a_secret_every_call_is_refused(tmp_path: Path, hook: Hook) -> None:
    with running(settings(tmp_path, **{f"{hook.channel}_secret": None})) as served:
        body, _ = hook.call(hook.event())
        for secret in ("", "None", "null", SECRET):
            assert served.post(hook, *hook.call(hook.event(), secret=secret)) == 401
        assert served.post(hook, body, {}) == 401
        assert served.holds_nothing()


@each_channel
def test_a_replay_works_nothing_twice(served: Served, hook: Hook) -> None:
    body, proof = hook.call(hook.event())
    worker = served.wired.delivery.worker
    for _ in range(3):
        assert served.post(hook, body, proof) == 200
    assert served.count(InboxRow) == 1
    assert worker.work_one()
    assert served.post(hook, body, proof) == 200
    assert not worker.work_one()
    assert (served.count(InboxRow), served.count(OutboxRow)) == (1, 1)
    with served.engine.connect() as connection:
        assert connection.scalar(select(ConversationRow.version)) == 1


@each_channel
def test_hostile_bodies_are_refused(served: Served, hook: Hook) -> None:
    for name, (body, proof) in hostile_bodies(hook).items():
        status = served.post(hook, body, proof)
        assert 400 <= status < 500, (name, status)
    assert served.holds_nothing()
    assert served.goes_on(hook)


@each_channel
def test_ten_megabytes_without_a_length_are_refused(served: Served, hook: Hook) -> None:
    body, proof = hook.call(hook.event("a" * 10_000_000))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    # The server may refuse and close the connection before all is sent.
    with suppress(httpx.WriteError):
        assert served.post(hook, pieces(), proof) == 413
    assert served.holds_nothing()
    assert served.goes_on(hook)


@each_channel
def test_no_value_anywhere_brings_the_server_down(served: Served, hook: Hook) -> None:
    event = hook.event()
    odd: tuple[object, ...] = (
        None,
        True,
        0,
        -1,
        10**30,
        1e308,
        "",
        "x",
        "\x00",
        "\ud83d",
        [],
        [None],
        {},
        {"id": []},
        "9" * 5000,
    )
    for path in leaves(event):
        for value in odd:
            status = served.post(hook, *hook.call(changed(event, path, value)))
            assert status == 200 or 400 <= status < 500, (path, value, status)
    assert served.goes_on(hook)
    worker = served.wired.delivery.worker
    while worker.work_one():
        pass
    assert worker.failures == 0


def test_other_doors_of_the_hooks_are_closed(served: Served) -> None:
    assert served.client.post("/hooks/viber", content=b"{}").status_code == 404
    assert served.client.get("/hooks/telegram").status_code == 405
    assert served.client.post("/hooks/telegram/x", content=b"{}").status_code == 404
    assert served.holds_nothing()
