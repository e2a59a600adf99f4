"""`deploy/supervisord.conf`: both programs run, each comes back alone, and one signal ends both."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CONFIG = Path(__file__).parents[2] / "deploy" / "supervisord.conf"
SUPERVISORD = shutil.which("supervisord", path=str(Path(sys.executable).parent))


def spawned(log: Path, program: str) -> list[int]:
    return [int(pid) for pid in re.findall(rf"spawned: '{program}' with pid (\d+)", log.read_text())]


def until_spawned(log: Path, program: str, times: int) -> int:
    end = time.monotonic() + 60
    while len(spawned(log, program)) < times:
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    return spawned(log, program)[-1]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The committed configuration in a folder of its own, with sleepers in place of the two programs."""
    if SUPERVISORD is None:
        pytest.skip("supervisord is not installed")
    config = RawConfigParser(inline_comment_prefixes=(";",))
    config.read(CONFIG)
    for program in ("program:bot", "program:nlu"):
        config[program]["command"] = f"{sys.executable} -c 'import time; time.sleep(600)'"
        config[program]["startsecs"] = "0"
    for folder in ("deploy", "var"):
        (tmp_path / folder).mkdir()
    copy = tmp_path / "deploy" / "supervisord.conf"
    with copy.open("w") as file:
        config.write(file)
    log = tmp_path / "log"
    environment = {**os.environ, "TROLY_NLU_PORT": "5005"}
    with log.open("ab") as output:
        started = subprocess.Popen(
            [SUPERVISORD, "-n", "-c", str(copy)], stdout=output, stderr=output, env=environment
        )
    yield started, log
    started.terminate()
    started.wait(timeout=30)


def test_each_program_comes_back_alone_and_a_signal_ends_both(
    supervisor: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, log = supervisor
    bot, nlu = until_spawned(log, "bot", 1), until_spawned(log, "nlu", 1)
    os.kill(nlu, signal.SIGKILL)
    nlu = until_spawned(log, "nlu", 2)
    assert spawned(log, "bot") == [bot]
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    for pid in (bot, nlu):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_no_port_controls_the_supervisor() -> None:
    config = RawConfigParser()
    config.read(CONFIG)
    assert "inet_http_server" not in config.sections()
    assert {"program:bot", "program:nlu"} < set(config.sections())
