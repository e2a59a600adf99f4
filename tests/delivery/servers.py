"""Processes of a storm: the real server, which is killed and started again, and the vendors, which go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.delivery.plan import ROOT
from tests.delivery.vendors import SECRET
from tests.fakes import telegram, zalo_bot, zalo_oa

PATIENCE_S = 120.0
SERVER_SECRET = "a signing key of more than thirty-two bytes"


class NotUp(RuntimeError):
    """A process did not come up in time."""


def until(met: Callable[[], bool], what: str, patience_s: float = PATIENCE_S, pause_s: float = 0.2) -> None:
    """Wait until `met` returns True. Raises NotUp."""
    deadline = time.monotonic() + patience_s
    while not met():
        if time.monotonic() > deadline:
            raise NotUp(f"{what}: not within {patience_s:g} s")
        time.sleep(pause_s)


def environment(vendors: str, database: str, folder: Path) -> dict[str, str]:
    """Return the settings of a server that three fake vendors call."""
    return {
        "TROLY_HOST": "127.0.0.1",
        "TROLY_VAR": str(folder / "var"),
        "TROLY_DATABASE_URL": database,
        "TROLY_SECRET_KEY": SERVER_SECRET,
        "TROLY_NLU": "false",
        "TROLY_ENCODER": "false",
        "TROLY_LOG_LEVEL": "warning",
        "TROLY_LEASE_SECONDS": "2",
        "TROLY_SEND_SECONDS": "3",
        "TROLY_ZALO_BOT_TOKEN": zalo_bot.TOKEN,
        "TROLY_ZALO_BOT_SECRET": SECRET,
        "TROLY_ZALO_BOT_URL": f"{vendors}/zalo_bot",
        "TROLY_ZALO_OA_APP_ID": zalo_oa.APP_ID,
        "TROLY_ZALO_OA_APP_SECRET": zalo_oa.APP_KEY,
        "TROLY_ZALO_OA_SECRET": zalo_oa.OA_SECRET,
        "TROLY_ZALO_OA_URL": f"{vendors}/zalo_oa",
        "TROLY_ZALO_OA_SIGN_IN_URL": f"{vendors}/zalo_oa",
        "TROLY_TELEGRAM_TOKEN": telegram.TOKEN,
        "TROLY_TELEGRAM_SECRET": SECRET,
        "TROLY_TELEGRAM_URL": f"{vendors}/telegram",
    }


@dataclass
class Child:
    """A process in a session of its own, on a port of 127.0.0.1; what it says goes to `log`."""

    command: list[str]
    port: int
    log: Path
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        # One for all questions: to make a client costs more than to ask.
        self.client = httpx.Client(base_url=self.url, timeout=20)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; it is not up yet when this returns."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.extra, "TROLY_PORT": str(self.port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it at once, with SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def answers(self, path: str, field_name: str | None = None) -> bool:
        """Return whether it answers a GET of `path`; with `field_name`, whether that is true in its JSON."""
        if self.process is None or self.process.poll() is not None:
            raise NotUp(f"the process ended; see {self.log}: {self.log.read_text()[-2000:]}")
        try:
            answer = self.client.get(path)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and (field_name is None or bool(answer.json()[field_name]))


def server(port: int, folder: Path, settings: dict[str, str]) -> Child:
    """Return the real server, not started."""
    command = [sys.executable, "-c", "from bot.cli import app; app()", "serve"]
    return Child(command, port, folder / f"server-{port}.log", settings)


def vendors(port: int, folder: Path) -> Child:
    """Return the process of the three vendors, not started."""
    return Child([sys.executable, "-m", "tests.delivery.vendors", str(port)], port, folder / "vendors.log")


def await_answering(child: Child) -> None:
    """Wait until a server can answer questions. Raises NotUp."""
    until(lambda: child.answers("/health", "answering"), "the server")
