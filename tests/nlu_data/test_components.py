"""Runs nlu_data/tests in Rasa's environment, where its components live."""

from __future__ import annotations

import subprocess

import pytest

from bot.nlu.project import Project

PROJECT = Project.here()


@pytest.mark.rasa
@pytest.mark.skipif(not PROJECT.python.is_file(), reason="nlu_data/.venv is absent: run `make setup`")
def test_components_pass_their_own_tests() -> None:
    done = subprocess.run(
        [
            str(PROJECT.python),
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            "--rootdir",
            ".",
            "tests",
        ],
        cwd=PROJECT.rasa,
        env=PROJECT.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
