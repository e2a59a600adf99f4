"""Guides in large print and the drawings in them, as a browser gets them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from markupsafe import escape

from bot.assistant import Assistant
from bot.server.parts import PartsFailed, Serving
from bot.server.printing import printed_steps, printing_router
from bot.server.shield import SECURITY_HEADERS, Shield
from procedures_kb import guides, pictures
from procedures_kb.guides import Ask, Guide, Guides, GuideStep, Option, Stuck

SHIPPED = guides.load()
DRAWINGS = pictures.load()


def knowing(known: Guides) -> Serving:
    """A server whose assistant knows these guides and nothing else."""
    reader = SimpleNamespace(known=SimpleNamespace(guides=known))
    return Serving(Assistant(cast(Any, reader), cast(Any, None), cast(Any, None)), cast(Any, None))


@dataclass
class Parts:
    now: Serving | None = None
    failed: bool = False

    def serving(self) -> Serving | None:
        if self.failed:
            raise PartsFailed("nothing")
        return self.now


def client(parts: Parts) -> TestClient:
    app = FastAPI()
    app.include_router(printing_router(parts))
    app.add_middleware(Shield, max_body=1000)
    return TestClient(app)


def guide(**changes: Any) -> Guide:
    """A guide with one question that decides, one that leads away, and steps for some answers only."""
    asks = (
        Ask(
            id="phone",
            ask="Máy loại nào?",
            help="Nhìn lưng máy.",
            options=(Option(id="apple", label="iPhone"), Option(id="other", label="Máy khác")),
        ),
        Ask(
            id="have",
            ask="Đã có tài khoản chưa?",
            options=(Option(id="yes", label="Có"), Option(id="no", label="Chưa có", go="second")),
        ),
    )
    steps = (
        step("one"),
        step("two", when={"phone": ("apple",)}, picture="wallet", own_hands=True),
        step("three", when={"phone": ("other",)}, helper="Đọc to cho người dân nghe."),
        step("four", when={"phone": ("apple", "other")}, picture="not_drawn_yet"),
    )
    base = next(iter(SHIPPED.values()))
    values = {"id": "first", "title": "Hướng dẫn thử", "asks": asks, "steps": steps, "next": ("second",)}
    return base.model_copy(update={**values, "helper": "Hỏi trước khi giúp.", **changes})


def step(step_id: str, **more: Any) -> GuideStep:
    stuck = (Stuck(when=f"Kẹt {step_id}", then=f"Gỡ {step_id}"),)
    return GuideStep(
        id=step_id, do=f"Làm {step_id}", where=f"Chỗ {step_id}", see=f"Thấy {step_id}", stuck=stuck, **more
    )


@pytest.fixture
def small() -> TestClient:
    second = guide(id="second", title="Hướng dẫn thứ hai", asks=(), next=())
    known = Guides((guide(), second), SHIPPED.matching)
    return client(Parts(knowing(known)))


@pytest.fixture(scope="module")
def shipped() -> TestClient:
    return client(Parts(knowing(SHIPPED)))


def words(html: str) -> str:
    """What a reader sees, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Balanced(HTMLParser):
    """Fails at a tag that is closed in the wrong place; collects what the page would load or open."""

    EMPTY = frozenset({"meta", "link", "img", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("helping", ["", "?nguoi-giup=1"])
@pytest.mark.parametrize("guide_id", list(SHIPPED))
def test_every_guide_is_printed_whole(shipped: TestClient, guide_id: str, helping: str) -> None:
    answer = shipped.get(f"/in/huong-dan/{guide_id}{helping}")
    assert answer.status_code == 200
    parsed = Balanced()
    parsed.feed(answer.text)
    assert parsed.open == []
    assert not parsed.tags & {"script", "style", "iframe"}
    told = SHIPPED[guide_id]
    loaded = [t for t in parsed.targets if not t.startswith("/")]
    assert set(loaded) == {source.url for source in told.sources}
    page = answer.text
    for s in told.steps:
        for text in (s.do, s.where, s.see, *(c.when for c in s.stuck), *(c.then for c in s.stuck)):
            assert str(escape(text)) in page
        assert s.picture is None or f'/pictures/{s.picture}.svg"' in page
    assert all(source.checked.strftime("%d/%m/%Y") in page for source in told.sources)
    assert ("Dành cho người giúp" in page) is bool(helping)


def test_steps_of_some_answers_are_printed_under_the_answers(small: TestClient) -> None:
    page = words(small.get("/in/huong-dan/first").text)
    assert "Nếu “Máy loại nào?” bạn chọn: iPhone Bước 2 Làm two" in page
    assert "Nếu “Máy loại nào?” bạn chọn: Máy khác Bước 3 Làm three" in page
    assert page.count("Nếu “") == 2  # the last step holds for every answer
    assert page.count("Nhìn lưng máy.") == 1
    assert "Chưa có: xem Hướng dẫn thứ hai" in page


def test_questions_stand_before_the_first_step_that_needs_them() -> None:
    printed = printed_steps(guide(), DRAWINGS)
    assert [[ask.id for ask in p.asks] for p in printed] == [["have"], ["phone"], [], []]
    assert [p.picture.id if p.picture else None for p in printed] == [None, "wallet", None, None]


def test_a_helper_gets_the_checklist_first_and_what_is_said_to_helpers(small: TestClient) -> None:
    alone = words(small.get("/in/huong-dan/first").text)
    beside = words(small.get("/in/huong-dan/first?nguoi-giup=1").text)
    for said in ("Hỏi trước khi giúp.", "Đọc to cho người dân nghe.", "phải tự tay làm: bước 2."):
        assert said in beside
        assert said not in alone
    assert beside.index("Dành cho người giúp") < beside.index("Cần có") < beside.index("Làm one")
    assert "Bạn tự tay làm bước này." in alone


def test_what_a_guide_says_is_escaped() -> None:
    evil = guide(title="<b>Đậm</b>", goal="<script>alert(1)</script>", asks=(), next=())
    evil = evil.model_copy(update={"steps": (step("one", picture="wallet"), step("two"))})
    text = (
        client(Parts(knowing(Guides((evil,), SHIPPED.matching)))).get("/in/huong-dan/first?nguoi-giup=1").text
    )
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<b>Đậm" not in text


@pytest.mark.parametrize(
    "path", ["/in/huong-dan/khong-co", "/in/huong-dan/..%2f..", "/pictures/khong_co.svg"]
)
def test_what_is_not_there_is_told_plainly(small: TestClient, path: str) -> None:
    answer = small.get(path)
    assert answer.status_code == 404
    if "%2f" not in path:
        assert answer.headers["content-type"].startswith("text/html")
        assert "Có thể địa chỉ trang bị gõ sai" in answer.text
    assert "khong" not in answer.text


def test_an_unknown_guide_is_answered_with_those_there_are(small: TestClient) -> None:
    assert '<a href="/in/huong-dan/second">Hướng dẫn thứ hai</a>' in small.get("/in/huong-dan/x").text


@pytest.mark.parametrize(
    "parts", [Parts(), Parts(failed=True), Parts(Serving(cast(Any, object()), cast(Any, 0)))]
)
def test_while_nothing_serves_the_page_asks_to_come_back(parts: Parts) -> None:
    answer = client(parts).get("/in/huong-dan/vneid_install")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "Trợ lý đang khởi động" in answer.text


def test_a_drawing_is_served_so_that_it_can_do_nothing(small: TestClient) -> None:
    answer = small.get("/pictures/wallet.svg")
    assert answer.content == DRAWINGS["wallet"].svg
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age=86400" in answer.headers["cache-control"]
    again = small.get("/pictures/wallet.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_keep_the_server_s_own_policy(small: TestClient) -> None:
    page = small.get("/in/huong-dan/first")
    assert page.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    style = small.get("/in/print.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "18pt" in style.text
