"""Cutting texts down: bullets, brackets, words that hang, whole words."""

from __future__ import annotations

import pytest

from procedures_kb.build.text import balance, clean, clean_lines, shorten, strip_bullets, tidy
from procedures_kb.check import balanced


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("- Đơn đề nghị", "Đơn đề nghị"),
        ("b) Đơn đề nghị", "Đơn đề nghị"),
        ("(iii) + Đơn đề nghị", "Đơn đề nghị"),
        ("1.2. Đơn đề nghị", "Đơn đề nghị"),
        ("02 ảnh màu", "02 ảnh màu"),
        ("3/ Danh sách", "Danh sách"),
        ("4- Tài liệu", "Tài liệu"),
        ("! Bản sao", "Bản sao"),
    ],
)
def test_bullets_are_taken_off(text: str, plain: str) -> None:
    assert strip_bullets(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Đơn đề nghị theo quy định tại", "Đơn đề nghị"),
        ("Đơn đề nghị và;", "Đơn đề nghị"),
        ("Danh mục trang thiết bị", "Danh mục trang thiết bị"),
        ("Giấy phép kinh doanh hàng không", "Giấy phép kinh doanh hàng không"),
        ("Bản sao văn bằng", "Bản sao văn bằng"),
        ("Giấy xác nhận (nếu", "Giấy xác nhận"),
        ('Bằng "Tổ quốc ghi công', "Bằng Tổ quốc ghi công"),
    ],
)
def test_nothing_is_left_hanging(text: str, plain: str) -> None:
    assert tidy(text) == plain


def test_brackets_are_always_paired() -> None:
    for text in ("a) giấy (b", "giấy (một [hai) ba]", "))((", "đơn đề nghị cấp giấy (mẫu 1"):
        assert balanced(balance(text))


def test_a_mark_after_a_space_goes_back_to_its_word() -> None:
    assert clean("hô ̣tic̣h") == "hộ tịch"


def test_a_line_broken_inside_a_sentence_is_joined() -> None:
    assert clean_lines("Nộp hồ sơ tại\ntrung tâm\n- Dòng hai") == ["Nộp hồ sơ tại trung tâm", "- Dòng hai"]


def test_shortening_ends_at_a_whole_word_within_the_limits() -> None:
    text = "Báo cáo tình hình hoạt động của tổ chức tài chính vi mô trong thời gian hai năm liền kề trước đó"
    for limit in range(20, len(text)):
        short = shorten(text, limit)
        assert len(short) <= limit
        assert text.startswith(short)
        assert text[len(short) :][:1] in {"", " ", ","}
    assert not shorten(text, 53).endswith(" vi")


def test_shortening_counts_words() -> None:
    text = "một hai ba bốn năm sáu bảy tám chín mười mười một mười hai mười ba mười bốn"
    assert len(shorten(text, 200, 5).split()) <= 5
