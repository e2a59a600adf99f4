"""`make demo` in a real browser: each fake phone gets an answer, and Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import START_S, free_port
from tests.fakes.vendors_app import CHANNELS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
END_S = 30.0


class Demo:
    """The two processes, in a group of their own, as a terminal has them."""

    def __init__(self, folder: Path) -> None:
        self.port, self.bot_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "demo.log"
        own = {"PORT": str(self.bot_port), "DEMO_PORT": str(self.port), "ENCODER": "false", "NLU": "false"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.fakes.demo"],
                env={**os.environ, "TMPDIR": str(folder), **{f"TROLY_{k}": v for k, v in own.items()}},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ready(self) -> bool:
        try:
            return bool(httpx.get(f"{self.url}/phones", trust_env=False).json()["ready"])
        except httpx.TransportError:
            assert self.process.poll() is None, self.log.read_text()
            return False

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(END_S)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        end = time.monotonic() + START_S
        while not running.ready():
            assert time.monotonic() < end, running.log.read_text()
            time.sleep(0.2)
        yield running
    finally:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()


@pytest.fixture
def page(browser: Any, demo: Demo) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN")
    opened = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(demo.url)
    yield opened
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(demo.url)] == [], "the page asked another host"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_typed_question_is_answered_on_each_phone(page: Any, channel: str) -> None:
    page.fill(f"#{channel} input", "đăng ký kết hôn cần giấy tờ gì")
    page.press(f"#{channel} input", "Enter")
    answer = page.locator(f"#{channel} .said.bot")
    expect(answer).to_contain_text("Tờ khai đăng ký kết hôn", timeout=30_000)
    expect(answer).to_have_count(1)
    expect(page.locator(f"#{channel} .waiting")).to_be_hidden()


def test_a_tapped_button_is_answered_too(page: Any) -> None:
    page.click("#telegram details summary")
    page.click("#telegram .deed:last-child")  # somebody new
    page.click("#telegram .example >> nth=0")
    page.locator("#telegram .key").first.click(timeout=30_000)
    expect(page.locator("#telegram .said.bot")).to_have_count(2, timeout=30_000)


def test_a_narrow_window_shows_one_phone_and_cuts_nothing_off(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for number, channel in enumerate(CHANNELS):
        page.locator(".tab").nth(number).click()
        expect(page.locator(".phone:visible")).to_have_count(1)
        expect(page.locator(f"#{channel}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_ctrl_c_ends_both_and_leaves_nothing(demo: Demo) -> None:
    (folder,) = demo.log.parent.glob("troly-demo-*")
    assert demo.interrupt() == 0, demo.log.read_text()
    assert not folder.exists()
    for url in (demo.url, f"http://127.0.0.1:{demo.bot_port}"):
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)
    assert "Traceback" not in demo.log.read_text(), demo.log.read_text()
