"""Rasa for the time of a measurement: one that is up already, one started here, or none."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Protocol

from bot.nlu.understanding import Understander, Understanding

START_TIMEOUT_S = 240.0
TIMEOUT_S = 2.0  # generous: a measurement wants Rasa's word, a citizen's turn has its own, shorter limit
Progress = Callable[[str], None]


class NluUnavailable(RuntimeError):
    """Rasa was asked for and cannot be had; the message says what to do."""


class Client(Understander, Protocol):
    """An understander that knows whether its server is ready."""

    def ready(self) -> bool:
        """Return whether the model is loaded."""


Connect = Callable[[str], Client]


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a server: the command, the whole of its environment, and the address that it will have."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    url: str
    folder: Path | None = None


@dataclass
class Witness:
    """Passes messages on to an understander and notes how many it answered, and how fast (milliseconds)."""

    inner: Client
    asked: int = 0
    took_ms: list[float] = field(default_factory=list)

    def understand(self, text: str) -> Understanding | None:
        """Return what the inner understander returns."""
        self.asked += 1
        start = perf_counter()
        understanding = self.inner.understand(text)
        if understanding is not None:
            self.took_ms.append((perf_counter() - start) * 1000)
        return understanding

    @property
    def answered(self) -> float:
        """The share of messages that were answered; 0.0 where none was asked."""
        return len(self.took_ms) / self.asked if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class Nlu:
    """What takes part: the witness (None: no NLU), a word on it for the report, its address; and, of a server
    that was started here, the process and the seconds until it was ready.
    """

    witness: Witness | None
    note: str
    url: str | None = None
    pid: int | None = None
    start_s: float | None = None


@contextmanager
def nlu(
    option: str, default_url: str, connect: Connect, launch: Callable[[], Launch | None]
) -> Iterator[Nlu]:
    """Give the NLU that `option` asks for: "auto", "start", "off", or the address of a server.

    "auto" takes the server at `default_url` when it is ready, else starts one, else goes without. `launch`
    returns None where Rasa's environment is not installed.

    Raises NluUnavailable when "start" or an address was asked for and cannot be had.
    """
    if option == "off":
        yield Nlu(None, "off, as asked")
        return
    url = default_url if option in {"auto", "start"} else option
    if option != "start" and connect(url).ready():
        yield Nlu(Witness(connect(url)), "a server that was up", url)
        return
    if option not in {"auto", "start"}:
        raise NluUnavailable(f"no NLU answers at {url}: start it with `make run`, or pass --nlu start")
    with ExitStack() as stack:
        try:
            plan = _planned(launch)
            part = stack.enter_context(_started(plan, connect))
        except NluUnavailable as error:
            if option == "start":
                raise
            part = Nlu(None, f"absent: {error}")
        yield part


def _planned(launch: Callable[[], Launch | None]) -> Launch:
    plan = launch()
    if plan is None:
        raise NluUnavailable("Rasa's environment is not installed: run `make setup`")
    return plan


@contextmanager
def _started(plan: Launch, connect: Connect) -> Iterator[Nlu]:
    start = monotonic()
    process = subprocess.Popen(  # noqa: S603 - the command is composed by bot.nlu.serving
        plan.command,
        env=dict(plan.environment),
        cwd=plan.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        client = connect(plan.url)
        _await_ready(client, process)
        took = monotonic() - start
        yield Nlu(Witness(client), "started for this run", plan.url, process.pid, took)
    finally:
        stop(process)


def _await_ready(client: Client, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + START_TIMEOUT_S
    while not client.ready():
        if process.poll() is not None:
            raise NluUnavailable(f"Rasa ended with status {process.returncode}: run `troly nlu train`")
        if monotonic() > deadline:
            raise NluUnavailable(f"Rasa was not ready within {START_TIMEOUT_S:.0f} s: is the machine busy?")
        sleep(1)


def stop(process: subprocess.Popen[bytes], patience_s: float = 10) -> None:
    """End a process that was started in a session of its own, with its children."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
