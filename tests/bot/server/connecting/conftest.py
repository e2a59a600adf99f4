"""The operator's desk: `troly connect …` with a real database, and our public address as it is wanted."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from bot import cli
from bot.server.connecting import door
from bot.server.connecting.words import load_words
from bot.server.delivery import Stores
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.inbox import Incoming
from tests.bot.server.conftest import SECRET
from tests.fakes import zalo_bot, zalo_oa
from tests.fakes.telegram import FakeTelegram

PORTS = range(8450, 8470)
PUBLIC = "https://troly.example"
BOT_SECRET = "a-secret-of-the-webhook"
TELEGRAM_SECRET = "bi-mat-cua-webhook_0123456789"
VERIFIER = "a-verifier-of-forty-three-characters-000000"
PERSON = "zalo-user-1"
TEST = load_words().test_message
runner = CliRunner()


class Desk:
    """The operator's desk: an environment, and the command."""

    def __init__(self, env: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
        self.env = env
        self.hidden = {zalo_bot.TOKEN, FakeTelegram().token, zalo_oa.APP_KEY, zalo_oa.OA_SECRET, VERIFIER}
        self.hidden |= {BOT_SECRET, TELEGRAM_SECRET, SECRET}
        self._log = caplog

    def run(self, *arguments: str, typed: str | None = "", **env: str | None) -> Result:
        changed = {f"TROLY_{name.upper()}": value for name, value in env.items()}
        given = {name: value for name, value in {**self.env, **changed}.items() if value is not None}
        result = runner.invoke(cli.app, ["connect", *arguments], input=typed, env=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        for secret in self.hidden:
            assert secret not in result.output
            assert secret not in self._log.text
        return result

    def fails(self, vi: str, en: str, *arguments: str, **env: str | None) -> Result:
        """Run, and hold that the two last lines are a Vietnamese sentence and the English below it."""
        result = self.run(*arguments, **env)
        lines = result.output.strip().splitlines()
        assert result.exit_code == 1, result.output
        assert lines[-2].startswith("✘") and vi in lines[-2], result.output
        assert en in lines[-1], result.output
        return result


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database that is up to date: to make one anew each time is slow."""
    file = tmp_path_factory.mktemp("connect") / "troly.db"
    open_database(f"sqlite:///{file}").dispose()
    return file


@pytest.fixture
def desk(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Desk:
    monkeypatch.chdir(tmp_path)
    shutil.copy(migrated, tmp_path / "troly.db")
    monkeypatch.setattr(door, "open_client", lambda: client_of(_nobody))
    for field in Settings.model_fields:
        monkeypatch.delenv(f"TROLY_{field.upper()}", raising=False)
    settings = {
        "TROLY_VAR": str(tmp_path),
        "TROLY_DATABASE_URL": f"sqlite:///{tmp_path}/troly.db",
        "TROLY_SECRET_KEY": SECRET,
        "TROLY_PUBLIC_URL": PUBLIC,
    }
    return Desk(settings, caplog)


def _nobody(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no such host", request=request)


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


def answers(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """Let our public address answer with `status`."""
    monkeypatch.setattr(door, "open_client", lambda: client_of(lambda _: httpx.Response(status)))


def leads_to(monkeypatch: pytest.MonkeyPatch, client: TestClient) -> None:
    """Let our public address lead to a running server."""
    app = client.app
    monkeypatch.setattr(
        door,
        "open_client",
        lambda: httpx.AsyncClient(transport=httpx.ASGITransport(app)),
    )


def once(ready: Callable[[], object], act: Callable[[], object]) -> AbstractContextManager[None]:
    """Do `act` in a thread as soon as `ready` gives something true."""

    def work() -> None:
        end = time.monotonic() + 10
        while not ready() and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(0.3)  # so that the command has begun to wait, mostly
        act()

    @contextmanager
    def working() -> Iterator[None]:
        thread = threading.Thread(target=work)
        thread.start()
        yield
        thread.join(10)

    return working()


def stores(desk: Desk) -> Stores:
    engine = open_database(desk.env["TROLY_DATABASE_URL"])
    return Stores.of(engine, SECRET.encode(), Settings(_env_file=None))


def wrote(desk: Desk, channel: str, chat: str, update_id: str = "u1") -> None:
    """Let the server have taken a message of `chat`."""
    one = Incoming(update_id, f"c-{chat}", "message", chat, chat, None, None, datetime.now(UTC))
    stores(desk).inbox.accept(channel, [one])
