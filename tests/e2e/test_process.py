"""The real server in its own process: starts, answers, survives Rasa, remembers over a restart."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import FakeRasa, Server, served

pytestmark = pytest.mark.slow


def say(server: Server, text: str, sender: str = "a") -> list[dict[str, Any]]:
    answer = server.http.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
    assert answer.status_code == 200
    replies: list[dict[str, Any]] = answer.json()
    return replies


def test_a_question_gets_an_answer(server: Server) -> None:
    (reply,) = say(server, "dang ky ket hon o dau")
    assert "kết hôn" in reply["text"].lower()


def test_no_heavy_library_is_loaded_without_the_search_model(server: Server) -> None:
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("needs /proc")
    assert "libtorch" not in maps.read_text()


def test_rasa_dies_and_comes_back_while_answers_go_on(tmp_path: Path) -> None:
    rasa = FakeRasa()
    rasa.start()
    with served(tmp_path, rasa.url) as server:
        server.until(lambda: server.health()["parts"]["nlu"]["state"] == "ready")
        assert server.health()["status"] == "ok"
        say(server, "lệ phí cấp hộ chiếu phổ thông")
        assert rasa.asked > 0
        rasa.kill()
        assert say(server, "đăng ký khai sinh cần gì", "b")[0]["text"]
        server.until(lambda: server.health()["status"] == "degraded", 30)
        assert say(server, "đăng ký khai sinh cần gì", "c")[0]["text"]
        asked = rasa.asked
        rasa.start()
        server.until(lambda: server.health()["status"] == "ok", 30)
        # The client's breaker may rest some seconds longer before it asks again.
        server.until(lambda: bool(say(server, "khai sinh", "d")) and rasa.asked > asked, 30)
    rasa.kill()


def test_after_a_kill_the_conversation_goes_on_and_nothing_said_was_kept(
    tmp_path: Path, rasa: FakeRasa
) -> None:
    with served(tmp_path, rasa.url, log_level="debug") as server:
        first = say(server, "đăng ký khai sinh", "sender-plover")[0]["text"]
        say(server, "xyzzyplugh cccd 038095001234", "sender-plover")
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with served(tmp_path, rasa.url) as server:
        second = say(server, "đăng ký khai sinh", "sender-plover")[0]["text"]
    introduction = first.split(".")[0]
    assert not second.startswith(introduction), "the first reply alone introduces the assistant"
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for words in (b"xyzzyplugh", b"038095001234", b"sender-plover"):
        assert words not in kept


def test_a_wrong_setting_ends_with_one_line(tmp_path: Path) -> None:
    server = Server(tmp_path, "not an address")
    assert server.process.wait(timeout=60) == 2
    assert "TROLY_RASA_URL" in server.log.read_text()
    assert "Traceback" not in server.log.read_text()
