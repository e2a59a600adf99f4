"""What a reply looks like in Telegram."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button, Link, Reply
from connectors.messaging import Part, PartButton
from connectors.telegram.rendering import as_html, cut, keyboard, parts, with_addresses
from connectors.utf16 import units
from tests.fakes.telegram_html import parsed

SENTENCE = "Bạn nộp hồ sơ tại Trung tâm Phục vụ hành chính công của xã. "


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Lệ phí — Đăng ký khai sinh\n• Miễn phí.", "<b>Lệ phí — Đăng ký khai sinh</b>\n• Miễn phí."),
        ("Bước 2/5: Mở ứng dụng\nBấm nút", "<b>Bước 2/5: Mở ứng dụng</b>\nBấm nút"),
        ("Chào bạn!\nBạn cần gì", "Chào bạn!\nBạn cần gì"),
        ("Tôi giúp được những việc này:\n• Tìm", "Tôi giúp được những việc này:\n• Tìm"),
        ("• Đơn\n• Giấy", "• Đơn\n• Giấy"),
        ("1. Đăng ký\n2. Xóa", "1. Đăng ký\n2. Xóa"),
        ("Một dòng", "Một dòng"),
        ("A & B <c>\nd < e", "<b>A &amp; B &lt;c&gt;</b>\nd &lt; e"),
        ("x" * 121 + "\ny", "x" * 121 + "\ny"),
    ],
)
def test_a_heading_is_bold_and_all_is_escaped(text: str, html: str) -> None:
    assert as_html(text) == html


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_is_read_back_from_its_html(text: str) -> None:
    assert parsed(as_html(text))[0] == text


def test_choices_and_links_are_one_a_row_below_the_last_part() -> None:
    reply = Reply(
        "Tiêu đề\n" + SENTENCE * 100,
        (Button("Lệ phí", "aspect:fee"),),
        (Link("Trang của thủ tục", "https://a.example/1"), Link("Trang", "https://a.example/1")),
    )
    first, last = parts(reply, "17")
    assert (first.buttons, first.quote, last.quote) == ((), "17", None)
    keys = keyboard(last.buttons)
    assert keys is not None
    assert [[(key.text, key.callback_data, key.url) for key in row] for row in keys.inline_keyboard] == [
        [("Lệ phí", "aspect:fee", None)],
        [("Trang", None, "https://a.example/1")],
    ]


def test_a_key_of_64_bytes_fits_and_a_longer_one_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    fits, long_, empty = (
        PartButton(title="t", payload=key) for key in ("a:" + "b" * 62, "pick:" + "ế" * 20, "")
    )
    with caplog.at_level(logging.ERROR):
        keys = keyboard((fits, long_, empty))
    assert keys is not None
    assert [row[0].callback_data for row in keys.inline_keyboard] == [fits.payload]
    assert "'pick'" in caplog.text
    assert "ế" not in caplog.text
    assert keyboard(()) is None


def test_addresses_stand_below_the_text_where_buttons_cannot() -> None:
    buttons = (
        PartButton(title="Có", payload="say:menu"),
        PartButton(title="Cổng", payload="https://a.example"),
        PartButton(title="VNeID", payload="https://b.example"),
    )
    part = Part(text="Xem https://a.example", buttons=buttons)
    assert with_addresses(part) == "Xem https://a.example\nVNeID: https://b.example"
    full = Part(text="x" * 4090, buttons=buttons)
    assert with_addresses(full) == full.text


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("ngắn", 10, ("ngắn",)),
        ("", 10, ("",)),
        ("Một câu. Hai câu. Ba câu.", 18, ("Một câu. Hai câu.", "Ba câu.")),
        ("Một câu dài. Hai\nba bốn năm", 20, ("Một câu dài. Hai", "ba bốn năm")),
        ("một hai ba bốn", 8, ("một hai", "ba bốn")),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("xem https://a.example/b nhé", 22, ("xem", "https://a.example/b", "nhé")),
        ("Điều kiện số 1. Tiếp theo", 17, ("Điều kiện số 1.", "Tiếp theo")),
        ("😀😀😀", 4, ("😀😀", "😀")),
    ],
)
def test_texts_are_cut_where_it_reads_well(text: str, limit: int, pieces: tuple[str, ...]) -> None:
    assert cut(text, limit) == pieces


@given(st.text(st.sampled_from("aế😀 .\n?•"), max_size=300), st.integers(2, 40))
def test_nothing_is_lost_by_cutting(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert all(units(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(pieces) or pieces == ("",)
