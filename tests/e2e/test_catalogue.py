"""The operator imports and synchronises while a real server serves: it swaps, or goes on as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import FakeRasa, Server, served
from tests.e2e.test_process import say
from tests.fakes.portal import FakePortal, invented, serving
from tests.procedures_kb.importers import making

pytestmark = pytest.mark.slow
CODE = "9.000007"
QUESTION = f"{CODE} thời hạn bao lâu"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, rasa: FakeRasa) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("kb"), rasa.url, nlu="false") as running:
        yield running


def troly(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import app; app()", *arguments],
        env={**os.environ, **environment(server)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def environment(server: Server) -> dict[str, str]:
    folder = server.log.parent
    return {
        "TROLY_VAR": str(folder),
        "TROLY_DATABASE_URL": f"sqlite:///{folder}/troly.db",
        "COLUMNS": "200",
    }


def written(file: Path, **values: Any) -> Path:
    return making.written(file, making.envelope(invented(7, **values)))


def version(server: Server) -> int:
    return int(server.health()["parts"]["catalogue"]["facts"]["version"])


def test_an_import_is_swapped_in_and_told_and_taken_back(fresh: Server, tmp_path: Path) -> None:
    assert "ngày làm việc" not in say(fresh, QUESTION)[0]["text"]
    file = written(tmp_path / f"{CODE}.json", requirementsAndConditions="Có diều và có gió.")
    dry = troly(fresh, "kb", "import", str(file))
    assert (dry.returncode, "1 new" in dry.stdout, "a dry run" in dry.stdout) == (0, True, True), dry.stdout
    assert version(fresh) == 0

    failed: list[str] = []
    stop = threading.Event()
    asking = threading.Thread(target=_keep_asking, args=(fresh, stop, failed))
    asking.start()
    applied = troly(fresh, "kb", "import", str(file), "--apply")
    assert "version 1 is published" in applied.stdout, applied.stdout + applied.stderr
    fresh.until(lambda: version(fresh) == 1, 60)
    stop.set()
    asking.join()
    assert failed == []  # somebody asked all the while

    answer = say(fresh, QUESTION, "b")[0]["text"]
    assert "3 ngày làm việc" in answer and "dữ liệu cập nhật ngày" in answer
    quoted = say(fresh, f"{CODE} điều kiện", "c")[0]["text"]
    assert "Nguyên văn trên Cổng" in quoted and "Có diều và có gió." in quoted

    written(file, executionMethods=[_method(5)], updatedAt=1_776_000_000_000)
    assert "version 2" in troly(fresh, "kb", "import", str(file), "--apply").stdout
    told = troly(fresh, "kb", "diff").stdout
    assert "từ 3 ngày làm việc" in told and "5 ngày làm việc" in told
    fresh.until(lambda: version(fresh) == 2, 60)
    assert "5 ngày làm việc" in say(fresh, QUESTION, "d")[0]["text"]

    assert "the same as version 0" in troly(fresh, "kb", "restore", "0").stdout
    fresh.until(lambda: version(fresh) == 3, 60)
    assert "ngày làm việc" not in say(fresh, QUESTION, "e")[0]["text"]


def test_broken_files_are_refused_by_name_and_nothing_is_lost(fresh: Server, tmp_path: Path) -> None:
    before = version(fresh)
    (tmp_path / "cut.json").write_text(json.dumps(making.envelope(invented(7)))[:300], "utf-8")
    (tmp_path / "page.json").write_text("<!doctype html><html><body>504</body></html>", "utf-8")
    written(tmp_path / "1.001193.json")
    making.excel(tmp_path / "list.xlsx", [["x"]], ["Không", "phải"])
    result = troly(fresh, "kb", "import", str(tmp_path), "--apply")
    assert result.returncode == 1
    assert "4 refused" in result.stdout, result.stdout
    for name in ("cut.json", "page.json", "1.001193.json", "list.xlsx"):
        assert name in result.stdout
    assert version(fresh) == before
    assert fresh.health()["parts"]["catalogue"]["state"] == "ready"
    assert say(fresh, "đăng ký kết hôn", "f")[0]["text"]


def test_another_province_is_refused_before_anything_is_read(fresh: Server, tmp_path: Path) -> None:
    result = troly(fresh, "kb", "import", str(written(tmp_path / "a.json")), "--province", "Nghệ An")
    assert result.returncode == 1
    assert "serves Thanh Hóa, not Nghệ An" in result.stderr


def test_a_sync_killed_in_the_middle_ends_like_an_uninterrupted_one(fresh: Server, tmp_path: Path) -> None:
    portal = FakePortal.of(12)
    portal.delay_s = 0.15
    with serving(portal):
        arguments = ["kb", "sync", "--base-url", portal.url, "--rate", "1000"]
        _killed(fresh, [*arguments, "--folder", str(tmp_path / "killed")])
        resumed = troly(fresh, *arguments, "--folder", str(tmp_path / "killed"), "--apply")
        assert "12 new" in resumed.stdout, resumed.stdout + resumed.stderr
        fresh.until(lambda: len(_versions(fresh)) >= 1, 10)
        first = _versions(fresh)[0]
        troly(fresh, "kb", "restore", "0")
        whole = troly(fresh, *arguments, "--folder", str(tmp_path / "whole"), "--apply")
        assert "12 fetched" in whole.stdout
    assert _versions(fresh)[0]["digest"] == first["digest"]


def _killed(server: Server, arguments: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from bot.cli import app; app()", *arguments],
        env={**os.environ, **environment(server)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    details = Path(arguments[arguments.index("--folder") + 1]) / "details"
    end = time.monotonic() + 60
    while time.monotonic() < end and len(list(details.glob("*.json"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 3 <= len(list(details.glob("*.json"))) < 12


def _versions(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(troly(server, "kb", "versions", "--json").stdout)
    return found


def _method(days: int) -> dict[str, Any]:
    return {
        "submissionMethod": "DIRECT",
        "processingTime": days,
        "processingTimeUnit": "WORKING_DAY",
        "fees": [],
        "description": "",
    }


def _keep_asking(server: Server, stop: threading.Event, failed: list[str]) -> None:
    number = 0
    while not stop.wait(0.05):
        number += 1
        try:
            if "kết hôn" not in say(server, "đăng ký kết hôn ở đâu", f"asker-{number}")[0]["text"].lower():
                failed.append("another answer")
        except Exception as error:  # whatever it is, the citizen would have seen it
            failed.append(repr(error))
