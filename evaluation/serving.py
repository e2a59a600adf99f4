"""The real server in a process of its own: how fast it is up, what it bears, how much memory it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Literal

import httpx

from bot.server.board import Part, State
from bot.server.health import NEEDED, Health
from evaluation.measuring import percentile
from evaluation.nlu import free_port, stop

ROOT = Path(__file__).parents[1]
CLIENTS = 8
START_TIMEOUT_S = 120.0
POLL_S = 0.02
Progress = Callable[[str], None]


class ServerFailed(RuntimeError):
    """The server did not come up; the message says why."""


@contextmanager
def served(
    rasa_url: str | None, more: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Give a server on a free port of 127.0.0.1, with its state in a folder that goes away with it.

    `more` are further settings, as environment variables.
    """
    port = free_port()
    with TemporaryDirectory(prefix="troly-bench-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", "from bot.cli import app; app()", "serve"],
            env={**os.environ, **_environment(port, Path(folder), rasa_url), **(more or {})},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            stop(process)


def _environment(port: int, folder: Path, rasa_url: str | None) -> dict[str, str]:
    return {
        "TROLY_HOST": "127.0.0.1",
        "TROLY_PORT": str(port),
        "TROLY_VAR": str(folder),
        "TROLY_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "TROLY_LOG_LEVEL": "error",
        "TROLY_RATE_PER_MINUTE": "0",
        "TROLY_NLU": "true" if rasa_url else "false",
        **({"TROLY_RASA_URL": rasa_url} if rasa_url else {}),
    }


def measure_server(
    texts: Sequence[str], seconds: float, rasa_url: str | None, progress: Progress
) -> dict[str, float]:
    """Return start.*, load.* and memory.bot_mb of a fresh server process.

    Raises ServerFailed where it ends, or does not answer in time.
    """
    progress("starting the server")
    start = monotonic()
    with served(rasa_url) as (process, url), httpx.Client(base_url=url, timeout=10) as client:
        await_true(lambda: _answers(client, texts[0]), process)
        figures = {"start.answer_s": round(monotonic() - start, 2)}
        await_true(lambda: _state(client, Part.MODEL) is not State.LOADING, process)
        if _state(client, Part.MODEL) is State.READY:
            figures["start.search_model_s"] = round(monotonic() - start, 2)
        else:
            progress("the search model did not come up: see /health")
        if rasa_url:
            await_true(lambda: _state(client, Part.NLU) is not State.LOADING, process)
        progress(f"{CLIENTS} clients for {seconds:g} s")
        figures |= load(lambda sender, text: say(client, sender, text), texts, seconds)
        figures["memory.bot_mb"] = round(tree_mb(process.pid))
    return figures


def await_true(met: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until `met` returns True. Raises ServerFailed when the process ends or time is out."""
    deadline = monotonic() + START_TIMEOUT_S
    while not met():
        if process.poll() is not None:
            raise ServerFailed(f"the server ended ({process.returncode}): `troly serve` shows why")
        if monotonic() > deadline:
            raise ServerFailed(f"the server was not ready within {START_TIMEOUT_S:.0f} s")
        sleep(POLL_S)


def say(client: httpx.Client, sender: str, text: str) -> None:
    """Send one message through the REST door. Raises httpx.HTTPError where it is not answered well."""
    answer = client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
    answer.raise_for_status()
    if not answer.json():
        raise httpx.HTTPError("an empty answer")


def _answers(client: httpx.Client, text: str) -> bool:
    try:
        say(client, "bench-start", text)
    except httpx.HTTPError:
        return _not_failed(client)
    return True


def _not_failed(client: httpx.Client) -> Literal[False]:
    """Return False. Raises ServerFailed where a part that answers need has failed for good."""
    try:
        parts = Health.model_validate_json(client.get("/health").content).parts
    except httpx.HTTPError:
        return False
    for part in NEEDED:
        if parts[part].state is State.FAILED:
            raise ServerFailed(f"{part.value} failed: {parts[part].message}")
    return False


def _state(client: httpx.Client, part: Part) -> State:
    """Return the state of a part of the server; LOADING while its health page is not up."""
    try:
        return Health.model_validate_json(client.get("/health").content).parts[part].state
    except httpx.HTTPError:
        return State.LOADING


def load(send: Callable[[str, str], None], texts: Sequence[str], seconds: float) -> dict[str, float]:
    """Send from CLIENTS at once for `seconds`, each in conversations of its own; return load.*.

    Each client asks one message after the other; a conversation takes three, as people ask on.
    """
    until = monotonic() + seconds
    numbers = count()

    def client(name: int) -> tuple[list[float], int]:
        took: list[float] = []
        failed = 0
        for number in count():
            if monotonic() > until:
                return took, failed
            start = perf_counter()
            try:
                send(f"bench-{name}-{number // 3}", texts[next(numbers) % len(texts)])
            except httpx.HTTPError:
                failed += 1
            else:
                took.append((perf_counter() - start) * 1000)
        raise AssertionError  # count() never ends

    begun = monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(client, range(CLIENTS)))
    spent = monotonic() - begun
    took = [lap for laps, _ in results for lap in laps]
    return {
        "load.turns_per_s": round(len(took) / spent, 1),
        **{f"load.p{cut}_ms": round(percentile(took, cut), 1) for cut in (50, 95, 99)},
        "load.failed": float(sum(failed for _, failed in results)),
    }


def tree_mb(pid: int) -> float:
    """Return the resident memory in MB of a process and its descendants (Linux; 0.0 where it is gone)."""
    return sum(_resident_mb(one) for one in _descendants(pid))


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _descendants(int(child))


def _resident_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    sizes = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(sizes[0]) / 1024 if sizes else 0.0
