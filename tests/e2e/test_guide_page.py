"""Drawings and pages of our own in a real browser: in the chat, on paper, and never of another host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOOR = "**/web/messages"
MAX_WIDTH = 390


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": MAX_WIDTH, "height": 844}, locale="vi-VN")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(server.url)
    yield opened
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(server.url)] == [], "the page asked another host"


def answered(page: Any, **reply: Any) -> Any:
    """Show a reply that the server is made to give; returns what stands in the log."""
    told = {"text": "Bước 1/7: Mở cửa hàng ứng dụng.", "buttons": [], "links": [], "picture": None, **reply}
    body = json.dumps({"conversation_id": "x.y", "reply": told, "decision": {}, "sources": []})
    page.route(DOOR, lambda route: route.fulfill(status=200, body=body, content_type="application/json"))
    say(page, "x")
    return page.locator(".said.theirs").last


def say(page: Any, text: str) -> None:
    before = page.locator(".said.theirs").count()
    page.fill("#words", text)
    page.keyboard.press("Enter")
    page.locator(".said.theirs").nth(before).wait_for()


def tap(page: Any, title: str) -> None:
    before = page.locator(".said.theirs").count()
    page.locator(".chips button", has_text=title).first.click()
    page.locator(".said.theirs").nth(before).wait_for()


def narrow(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= MAX_WIDTH)


def test_a_drawing_is_shown_with_what_it_shows_in_words(page: Any) -> None:
    shown = answered(page, picture={"id": "wallet", "alt": "Ví <b>giấy tờ</b>"})
    image = shown.locator("img")
    assert image.get_attribute("src") == "/pictures/wallet.svg"
    assert image.get_attribute("alt") == "Ví <b>giấy tờ</b>"
    assert image.get_attribute("loading") == "lazy"
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    assert image.bounding_box()["width"] <= MAX_WIDTH
    assert narrow(page)
    assert shown.locator(".title").inner_text() == "Bước 1/7: Mở cửa hàng ứng dụng."


@pytest.mark.parametrize("name", ["../wallet", "a/b", "", "wallet?x", "//evil.example/a"])
def test_a_drawing_of_another_place_is_not_shown(page: Any, name: str) -> None:
    shown = answered(page, picture={"id": name, "alt": "x"})
    assert shown.locator("img").count() == 0


def test_only_our_own_paths_and_https_become_links(page: Any, server: Server) -> None:
    urls = ["/in/huong-dan/vneid_install", "//evil.example", "/\\evil.example", "http://evil.example"]
    urls += ["javascript:window.hit=1", "in/huong-dan", "https://a.example/x"]
    shown = answered(page, links=[{"title": "Trang", "url": url} for url in urls])
    found = shown.locator(".links a").evaluate_all("links => links.map(link => link.href)")
    assert found == [f"{server.url}/in/huong-dan/vneid_install", "https://a.example/x"]
    assert shown.locator(".links a").first.get_attribute("target") == "_blank"


def test_a_guide_is_walked_with_its_drawing_and_printed(page: Any, server: Server) -> None:
    say(page, "kích hoạt vneid mức 2")
    path = page.locator(".links a").last.get_attribute("href")
    assert path == "/in/huong-dan/vneid_activate_level2"
    tap(page, "tôi có thẻ căn cước rồi")
    image = page.locator(".said.theirs").last.locator("img")
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    page.goto(server.url + path)
    expect(page.locator("h1")).to_have_text("Làm và kích hoạt VNeID mức 2")
    assert narrow(page)


def test_a_checked_dossier_is_printed_with_its_code(page: Any, server: Server) -> None:
    say(page, "đăng ký khai sinh")
    for title in ("Kiểm tra hồ sơ", "Đến nơi nộp", "Con có giấy chứng sinh", "Có rồi", "Xem kết quả"):
        tap(page, title)
    path = page.locator(".links a[href^='/in/ho-so/']").last.get_attribute("href")
    page.goto(server.url + path)
    expect(page.locator("h1")).to_contain_text("Kiểm tra hồ sơ")
    assert page.locator(".ticked li").count() == 1
    assert page.locator(".code svg").bounding_box()["width"] >= 200
    assert page.locator("script").count() == 0
    assert narrow(page)
