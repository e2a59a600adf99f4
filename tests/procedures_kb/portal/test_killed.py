"""A sync that is killed, wherever it stands, and run again leaves what an uninterrupted one leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from procedures_kb.portal import PortalClient, PortalStore, sync
from tests.fakes.portal import LIST_KEY, FakePortal, serving
from tests.procedures_kb.portal.conftest import MakeClient
from tests.procedures_kb.portal.helpers import NOW, quick, snapshot

RECORDS = 40
START_S = 60  # a bound against hanging, not a measure


def _start(portal: FakePortal, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.procedures_kb.portal.run_sync", portal.url, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3])


def _kill_when(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    until = time.monotonic() + START_S
    while not reached():
        assert process.poll() is None and time.monotonic() < until, "the sync ended before it was killed"
        time.sleep(0.001)
    process.kill()
    process.wait()


def _asked(portal: FakePortal, goal: int) -> bool:
    return portal.details_asked >= goal


def _finished(folder: Path) -> set[str]:
    with PortalStore(folder) as store:
        return {entry.id for entry in store.entries() if entry.fetched}


def test_killed_again_and_again_it_ends_the_same(tmp_path: Path) -> None:
    with serving(FakePortal.of(RECORDS)) as portal:
        with PortalClient(quick(portal.url)) as client, PortalStore(tmp_path / "whole") as store:
            sync(client, store, now=lambda: NOW)
        portal.asked.clear()
        portal.delay_s = 0.004
        folder = tmp_path / "killed"
        _kill_when(_start(portal, folder), lambda: portal.asked[LIST_KEY] >= 4)
        asked_before: dict[str, int] = {}
        for goal in (1, 12, 30):
            _kill_when(_start(portal, folder), partial(_asked, portal, goal))
            assert all(portal.asked[id_] == times for id_, times in asked_before.items())
            asked_before = {id_: portal.asked[id_] for id_ in _finished(folder)}
        last = _start(portal, folder)
        counts = last.communicate(timeout=START_S)[0].split()
        assert all(portal.asked[id_] == times for id_, times in asked_before.items())
        assert portal.details_asked <= RECORDS + 3, "at most the one in flight is asked for again"
    assert counts == [str(RECORDS), str(RECORDS - len(asked_before)), str(len(asked_before)), "0"]
    assert snapshot(folder) == snapshot(tmp_path / "whole")


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", range(1, 13))
def test_every_step_of_storing_may_be_the_last(
    make_client: MakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    with PortalStore(tmp_path / "whole") as store:
        sync(make_client(), store, limit=2, now=lambda: NOW)
    taken = 0

    def last_at(original: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **values: object) -> object:
            nonlocal taken
            taken += 1
            if taken == step:
                raise Killed
            result = original(*args, **values)
            taken += 1
            if taken == step:
                raise Killed
            return result

        return wrapped

    with monkeypatch.context() as patched, PortalStore(tmp_path / "killed") as store:
        patched.setattr(os, "fsync", last_at(os.fsync))
        patched.setattr(Path, "replace", last_at(Path.replace))
        with pytest.raises(Killed):
            sync(make_client(), store, limit=2, now=lambda: NOW)
    with PortalStore(tmp_path / "killed") as store:
        sync(make_client(), store, limit=2, now=lambda: NOW)
    assert snapshot(tmp_path / "killed") == snapshot(tmp_path / "whole")
