"""The chat page in a real browser: asks, taps, erases, survives a lost connection, and keeps markup out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOOR = "**/web/messages"


def answer(text: str, *, buttons: list[dict[str, str]] | None = None, links: Any = ()) -> str:
    return json.dumps(
        {
            "conversation_id": "x.y",
            "reply": {"text": text, "buttons": buttons or [], "links": list(links)},
            "decision": {},
            "sources": [],
        }
    )


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("requestfailed", lambda _request: None)
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(server.url)
    yield opened
    context.close()
    assert wrong == []
    assert [url for url in asked if not url.startswith(server.url)] == [], "the page asked another host"


def ask(page: Any, text: str) -> None:
    page.fill("#words", text)
    page.keyboard.press("Enter")


def last(page: Any) -> Any:
    return page.locator(".said.theirs").last


def test_a_typed_question_is_answered_with_choices(page: Any) -> None:
    ask(page, "đăng ký kết hôn cần giấy tờ gì")
    last(page).wait_for()
    assert "kết hôn" in last(page).inner_text().lower()
    before = page.locator(".said.theirs").count()
    chip = last(page).locator(".chips button").first
    title = chip.inner_text()
    chip.click()
    page.locator(".said.theirs").nth(before).wait_for()
    assert page.locator(".said.mine").last.inner_text().endswith(title)
    assert page.locator(".chips").count() <= 1, "old choices are gone"


def test_an_example_is_asked_by_one_tap(page: Any) -> None:
    page.locator("[data-example]").first.click()
    last(page).wait_for()
    assert page.locator("#welcome").is_hidden()


def test_erasing_asks_first_then_forgets(page: Any) -> None:
    ask(page, "xin chào")
    last(page).wait_for()
    page.click("#erase")
    page.click("text=Giữ lại")
    assert page.locator(".said").count() == 2
    page.click("#erase")
    page.locator("#ask .danger").click()
    expect(page.locator(".said")).to_have_count(
        1
    )  # polling in the page would need eval, which its CSP forbids
    assert page.evaluate("sessionStorage.length") == 0
    assert page.locator("#welcome").is_visible()


def test_a_lost_connection_keeps_the_question_for_another_try(page: Any) -> None:
    page.route(DOOR, lambda route: route.abort())
    ask(page, "đăng ký khai sinh")
    page.locator("#trouble").wait_for()
    assert page.locator(".said.mine").inner_text().endswith("đăng ký khai sinh")
    page.unroute(DOOR)
    page.click("#again")
    last(page).wait_for()
    assert page.locator("#trouble").is_hidden()
    assert page.locator(".said.mine").count() == 1


def test_what_the_server_says_is_never_markup(page: Any) -> None:
    hostile = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>"
    body = answer(
        f"{hostile}\n• {hostile}\nxem https://dichvucong.gov.vn/a?b=1.",
        buttons=[{"title": hostile, "payload": "say:menu"}],
        links=[
            {"title": hostile, "url": "https://a.example"},
            {"title": "x", "url": "javascript:window.hit=1"},
        ],
    )
    page.route(DOOR, lambda route: route.fulfill(status=200, body=body, content_type="application/json"))
    ask(page, hostile)
    last(page).wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator(".log img, .log script").count() == 0
    addresses = page.evaluate("[...document.querySelectorAll('.log a')].map(a => a.href)")
    assert addresses == ["https://dichvucong.gov.vn/a?b=1", "https://a.example/"]


def test_lists_titles_and_the_source_are_told_apart(page: Any) -> None:
    text = (
        "Lệ phí — Cấp thẻ căn cước\n• Cấp đổi: 50.000 đồng\n  hoặc miễn\n• Cấp lại\nNguồn: Cổng, mã 1.014064."
    )
    body = answer(text)
    page.route(DOOR, lambda route: route.fulfill(status=200, body=body, content_type="application/json"))
    ask(page, "x")
    bubble = last(page).locator(".bubble")
    assert bubble.locator(".title").inner_text() == "Lệ phí — Cấp thẻ căn cước"
    assert bubble.locator("li").all_inner_texts() == ["Cấp đổi: 50.000 đồng\nhoặc miễn", "Cấp lại"]
    assert bubble.locator(".small").inner_text().startswith("Nguồn:")


def test_an_id_of_another_server_starts_a_new_conversation(page: Any) -> None:
    page.evaluate("sessionStorage.setItem('troly.conversation', 'for.ged')")
    page.reload()
    ask(page, "xin chào")
    last(page).wait_for()
    assert page.locator("#trouble").is_hidden()


def test_it_works_with_the_keyboard_alone_and_tells_screen_readers(page: Any) -> None:
    assert page.get_attribute("#log", "aria-live") == "polite"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.type("dang ky khai sinh")
    page.keyboard.press("Enter")
    last(page).wait_for()
    unnamed = page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => !(b.innerText.trim() || b.ariaLabel)).length"
    )
    assert unnamed == 0


@pytest.mark.parametrize(("width", "height"), [(320, 568), (360, 740), (1280, 800), (1080, 1920)])
def test_nothing_is_cut_off_at_any_width(page: Any, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    long = "x" * 300 + " từ " * 80
    body = answer(long, buttons=[{"title": "Một lựa chọn rất dài " * 4, "payload": "say:menu"}] * 4)
    page.route(DOOR, lambda route: route.fulfill(status=200, body=body, content_type="application/json"))
    ask(page, long)
    last(page).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('#talk').scrollWidth") <= width
    box = page.locator("#send").bounding_box()
    assert box["y"] + box["height"] <= height
    assert min(box["width"], box["height"]) >= 44
