"""Guides in large print and the drawings in them, as a browser gets them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from markupsafe import escape

from bot.assistant import Assistant
from bot.dialogue.check_writer import sheet_path
from bot.dialogue.dossier import case_id, need_id
from bot.dialogue.state import CheckPosition
from bot.search.types import Ranking, Verdict
from bot.server.parts import PartsFailed, Serving
from bot.server.printing import Pages, printed_steps, printing_router
from bot.server.sheet_page import CODE_BYTES, code_content, drawn_code, position_of
from bot.server.shield import SECURITY_HEADERS, Shield
from procedures_kb import guides, pictures
from procedures_kb.guides import Ask, Guide, Guides, GuideStep, Option, Stuck
from tests.factories import catalogue

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


def client(parts: Parts, public_url: str | None = None) -> TestClient:
    app = FastAPI()
    app.include_router(printing_router(parts, public_url=public_url))
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


# ---- a procedure's own way ---------------------------------------------------------------------------------

OWN = "/in/huong-dan/procedure:1.000001"


def test_a_procedure_s_own_way_asks_what_it_has_to_know_and_prints_one_way(checked: TestClient) -> None:
    path, seen = OWN, 0
    while "<ol" not in (page := checked.get(path).text):
        parsed = Balanced()
        parsed.feed(page)
        path = [target for target in parsed.targets if target.startswith(OWN)][1]
        seen += 1
        assert seen < 5, page
    assert seen == 2  # how, and which case
    parsed = Balanced()
    parsed.feed(page)
    assert parsed.open == []
    told = words(page)
    for part in (
        "Đăng ký khai sinh",
        "Bước 1",
        "Giấy chứng sinh",
        "mã thủ tục 1.000001",
        "Bản cho người giúp",
    ):
        assert part in told
    assert "Nếu “" not in told
    assert "8.000 đồng" in told, "the fee at the counter"


def test_a_procedure_s_way_for_a_helper_keeps_its_answers(checked: TestClient) -> None:
    page = checked.get(f"{OWN}?way=counter&case={ABANDONED}&nguoi-giup=1").text
    assert "Dành cho người giúp" in page
    assert f'href="{OWN}?way=counter&amp;case={ABANDONED}"' in page


@pytest.mark.parametrize("answer", ["?way=boat", "?way=%00&case=x", "?no=1"])
def test_an_answer_that_is_none_is_asked_again(checked: TestClient, answer: str) -> None:
    page = checked.get(OWN + answer)
    assert page.status_code == 200
    assert "boat" not in page.text
    assert 'class="choices"' in page.text


@pytest.mark.parametrize("code", ["9.999999", "", "x"])
def test_a_procedure_that_is_not_there_is_told_plainly(checked: TestClient, code: str) -> None:
    assert checked.get(f"/in/huong-dan/procedure:{code}").status_code == 404


# ---- a checked dossier -------------------------------------------------------------------------------------

BIRTH = "/in/ho-so/1.000001?cach=counter&truong-hop=none"
FORM, PROOF, CARD = map(need_id, ("Tờ khai đăng ký khai sinh", "Giấy chứng sinh", "Giấy tờ tùy thân"))
ABANDONED = case_id("Trẻ bị bỏ rơi")
PUBLIC = "https://tro-ly.example"


class NoSearch:
    def search(self, text: str, limit: int = 10) -> Ranking:
        return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@pytest.fixture(scope="module")
def real() -> Serving:
    return Serving(Assistant.build(catalogue(), NoSearch(), None), cast(Any, None))


@pytest.fixture(scope="module")
def checked(real: Serving) -> TestClient:
    return client(Parts(real))


def test_a_checked_dossier_is_printed_with_what_is_missing_first(checked: TestClient) -> None:
    answer = checked.get(f"{BIRTH}&co={FORM}.{CARD}&thieu={PROOF}")
    assert answer.status_code == 200
    parsed = Balanced()
    parsed.feed(answer.text)
    assert parsed.open == []
    assert not parsed.tags & {"script", "style", "iframe", "image"}
    page = words(answer.text)
    order = [
        "Mã thủ tục: 1.000001",
        "trực tiếp tại quầy",
        "Còn thiếu 1 giấy tờ",
        "Giấy chứng sinh",
        "bản chính",
    ]
    order += ["Hoặc: Văn bản của người làm chứng", "Đã có", "Tờ khai đăng ký khai sinh", "không phải nộp"]
    order += [
        "Giấy tờ tùy thân",
        "Lưu ý",
        "Nộp bản chụp",
        "Lệ phí",
        "8.000 đồng",
        "Thời hạn",
        "1 ngày làm việc",
    ]
    order += ["Không ai được đòi giấy tờ ngoài danh sách này", "phản ánh", "Nguồn", "dichvucong.gov.vn"]
    at = 0
    for told in order:
        assert told in page[at:], f"{told}\n{page}"
        at = page.index(told, at)
    assert "Chưa hỏi đến" not in page


def test_another_case_has_its_own_papers(checked: TestClient) -> None:
    page = words(checked.get(f"/in/ho-so/1.000001?cach=online&truong-hop={ABANDONED}").text)
    assert "Trường hợp: Trẻ bị bỏ rơi" in page
    assert "Biên bản" in page
    assert "Chưa hỏi đến" in page
    assert "chụp rõ bản chính" in page


def test_with_every_paper_it_says_so(checked: TestClient) -> None:
    page = words(checked.get(f"{BIRTH}&co={FORM}.{PROOF}").text)
    assert "Bạn có đủ giấy tờ trong danh sách công khai." in page


def test_what_a_check_links_to_opens(real: Serving, checked: TestClient) -> None:
    position = CheckPosition(code="1.000001", way="counter", case="none", lack=(PROOF,), other=(FORM,))
    assert checked.get(sheet_path(position)).status_code == 200
    assert "Tờ khai" not in words(checked.get(sheet_path(position)).text).split("Nguồn")[0]
    assert isinstance(real.assistant, Assistant)


@pytest.mark.parametrize(
    "path",
    [
        "/in/ho-so/1.000001",
        "/in/ho-so/1.000001?cach=counter",
        "/in/ho-so/1.000001?cach=boat&truong-hop=none",
        "/in/ho-so/1.000001?cach=counter&truong-hop=gone",
        "/in/ho-so/1.000001?cach=counter&truong-hop=NONE'",
        "/in/ho-so/9.999999?cach=counter",
        "/in/ho-so/x?cach=counter",
        "/in/ho-so/%00",
        "/in/ho-so/1.000005",
        f"{BIRTH}&co=.",
        f"{BIRTH}&co=%C3%A1",
        f"{BIRTH}&thieu={'.'.join(['a' * 10] * 61)}",
        f"{BIRTH}&bo={'a' * 41}",
        f"{BIRTH}&thieu=<script>",
    ],
)
def test_a_dossier_that_was_never_checked_is_told_plainly(checked: TestClient, path: str) -> None:
    answer = checked.get(path)
    assert answer.status_code == 404
    assert "Không có bản kiểm tra hồ sơ này" in answer.text
    assert "script" not in answer.text


@pytest.mark.parametrize(
    "parts", [Parts(), Parts(failed=True), Parts(Serving(cast(Any, object()), cast(Any, 0)))]
)
def test_a_dossier_waits_until_something_serves(parts: Parts) -> None:
    assert client(parts).get(BIRTH).status_code == 503


def test_an_id_said_to_be_both_there_and_missing_is_missing() -> None:
    request = Request({"type": "http", "query_string": f"co={FORM}&thieu={FORM}".encode()})
    position = position_of("1.000001", request)
    assert (position.have, position.lack) == ((), (FORM,))


def test_the_code_holds_the_address_of_the_page_where_one_is_known(real: Serving) -> None:
    position = CheckPosition(code="1.000001", way="counter", case="none", lack=(PROOF,))
    told = content(real, position, f"{PUBLIC}/")
    assert told == f"{PUBLIC}{sheet_path(position)}"
    page = client(Parts(real), PUBLIC).get(sheet_path(position)).text
    assert "Mã QR mở lại trang này" in page
    assert "<svg" in page


def test_without_an_address_it_holds_the_papers_as_plain_text(real: Serving) -> None:
    position = CheckPosition(code="1.000001", way="counter", case="none", lack=(PROOF,), have=(FORM,))
    told = content(real, position, None).splitlines()
    assert told[0] == "Đăng ký khai sinh (1.000001)"
    assert told[1:3] == ["Còn thiếu:", "- Giấy chứng sinh (bản chính)"]
    assert told[-2:] == ["Mang theo để cho xem:", "- Giấy tờ tùy thân"]


def test_the_text_of_a_code_is_cut_at_a_line(real: Serving) -> None:
    assert isinstance(real.assistant, Assistant)
    sheet = real.assistant.composer.checks.sheet(
        CheckPosition(code="1.000001", way="counter", case="none", lack=(PROOF,))
    )
    assert sheet is not None
    long = replace(sheet, lack=tuple(replace(sheet.lack[0], say=f"Giấy số {n} ấ") for n in range(60)))
    told = code_content(long, CheckPosition(code="1.000001"), Pages().template("dossier_code.txt"), None)
    assert CODE_BYTES - 50 < len(told.encode()) <= CODE_BYTES
    assert told.splitlines()[-1].endswith(")")
    far = CheckPosition(code="1.000001", way="counter", case="none", have=tuple(["a" * 10] * 60))
    assert content(real, far, PUBLIC).startswith("Đăng ký khai sinh")
    assert drawn_code(told).startswith("<svg")


def content(serving: Serving, position: CheckPosition, public_url: str | None) -> str:
    assert isinstance(serving.assistant, Assistant)
    sheet = serving.assistant.composer.checks.sheet(position)
    assert sheet is not None
    return code_content(sheet, position, Pages().template("dossier_code.txt"), public_url)
