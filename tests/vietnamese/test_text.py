"""Sentences in, sentences out: normalising, folding, syllables and the lexicon."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vietnamese import bigrams, expand, fold, normalise, syllables


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("thủ tuc̣ hành chính", "thủ tục hành chính"),
        ("giâý tờ", "giấy tờ"),
        ("  hai\u00a0 khoảng\u200b trắng ", "hai khoảng trắng"),
        ("hoà thuận, thuỷ sản", "hòa thuận, thủy sản"),
        ("quý, quỹ, giã", "quý, quỹ, giã"),
        ("hoàn, toán, huỳnh", "hoàn, toán, huỳnh"),
        (unicodedata.normalize("NFD", "Đăng ký khai sinh"), "Đăng ký khai sinh"),
        ("“trích lục”", '"trích lục"'),
        ("a\x00b\ud800c", "a b c"),
    ],
)
def test_normalise(given_text: str, expected: str) -> None:
    assert normalise(given_text) == expected


@given(st.text(max_size=60))
def test_normalise_is_idempotent_and_never_fails(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"), [("Đăng Ký Kết Hôn", "dang ky ket hon"), ("ƯỚC", "uoc"), ("ẵ ợ ỹ", "a o y")]
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_syllables_keep_codes_and_amounts_whole() -> None:
    assert syllables("Mã 1.001193, phí 50.000đ/lần") == ["mã", "1.001193", "phí", "50.000", "đ", "lần"]


def test_bigrams() -> None:
    assert bigrams(["a", "b", "c"]) == ["a_b", "b_c"]
    assert bigrams(["a"]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lm gks cho con", "làm giấy khai sinh cho con"),
        ("Mất CCCD ko?", "Mất căn cước công dân không?"),
        ("khai sinh", "khai sinh"),
    ],
)
def test_expand(text: str, expected: str) -> None:
    assert expand(text) == expected
