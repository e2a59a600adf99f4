"""A real server in a process of its own, a stand-in for Rasa, and a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 120  # a bound against hanging, not a measure: other work may have both cores


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class FakeRasa:
    """Answers like Rasa's API, with one intent for everything; can be killed and come back on its port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send({"model_file": "fake.tar.gz", "fingerprint": {}, "num_active_training_jobs": 0})

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                text = json.loads(self.rfile.read(length))["text"]
                fake.asked += 1
                intent = {"name": "find_procedure", "confidence": 0.5}
                self._send({"text": text, "intent": intent, "intent_ranking": [intent], "entities": []})

            def _send(self, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def kill(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Server:
    """`troly serve` in a process of its own."""

    def __init__(self, folder: Path, rasa: str, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)
        self.log = folder / "server.log"
        own = {
            "TROLY_PORT": str(self.port),
            "TROLY_VAR": str(folder),
            "TROLY_DATABASE_URL": f"sqlite:///{folder}/troly.db",
            "TROLY_RASA_URL": rasa,
            "TROLY_ENCODER": "false",
            **{f"TROLY_{name.upper()}": value for name, value in settings.items()},
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from bot.cli import app; app()", "serve"],
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get("/health").json()
        return answer

    def until(self, true: Callable[[], bool], seconds: float = START_S) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if true():
                    return
            except httpx.TransportError:
                assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(f"did not come true in {seconds} s\n{self.log.read_text()}")

    def answering(self) -> bool:
        return bool(self.health()["answering"])


@contextmanager
def served(folder: Path, rasa: str, **settings: str) -> Iterator[Server]:
    server = Server(folder, rasa, **settings)
    try:
        server.until(server.answering)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()
    fake.start()
    yield fake
    fake.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, rasa: FakeRasa) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server"), rasa.url) as running:
        yield running


@pytest.fixture(scope="module")  # Playwright keeps a loop running: tests of other files need their own
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()
