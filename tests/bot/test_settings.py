"""Settings: the signing key is made once, private and whole; loopback is recognised."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import Settings, UnusableSecret, kept_key


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    made = settings(var=tmp_path / "var").signing_key()
    file = tmp_path / "var" / "secret.key"
    assert len(made) >= 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert settings(var=tmp_path / "var").signing_key() == made
    assert [f.name for f in (tmp_path / "var").iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(kept_key(tmp_path / "k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_broken_key_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(UnusableSecret, match="delete the file"):
        settings(var=tmp_path).signing_key()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableSecret, match="TROLY_SECRET_KEY"):
        settings(var=tmp_path / "file" / "var").signing_key()


def test_a_key_of_the_environment_is_used_as_it_is(tmp_path: Path) -> None:
    assert settings(var=tmp_path, secret_key="s" * 32).signing_key() == b"s" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.8.8", True), ("0.0.0.0", False),
     ("::", False), ("192.168.1.5", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    assert settings(host=host).loopback is loopback


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 70000},
        {"rasa_url": "file:///etc/passwd"},
        {"api_key": "short"},
        {"secret_key": "short"},
        {"log_level": "x"},
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_secrets_are_not_shown() -> None:
    assert "s" * 32 not in repr(settings(secret_key="s" * 32))
