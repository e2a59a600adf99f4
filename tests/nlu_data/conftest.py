"""The trained model, served once for all tests that need it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

import pytest

from bot.nlu.client import RasaClient
from bot.nlu.serving import serving
from bot.nlu.training import train

PORT = 5611
START_S = 240


@pytest.fixture(scope="session")
def rasa() -> Iterator[RasaClient]:
    train()
    plan = serving(PORT)
    process = subprocess.Popen(
        plan.command,
        env=plan.environment,
        cwd=plan.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    client = RasaClient(plan.url, 10)
    try:
        deadline = time.monotonic() + START_S
        while not client.ready():
            assert process.poll() is None, "Rasa ended"
            assert time.monotonic() < deadline, f"Rasa was not ready within {START_S} s"
            time.sleep(1)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait(30)
