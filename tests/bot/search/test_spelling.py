from __future__ import annotations

import pytest

from bot.search.analysis import analyse_question
from bot.search.searcher import Searcher


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("đăng ký khai sihn", "sinh"),
        ("dang ky khai sunh", "sinh"),
        ("đăgn ký kết hôn", "dang"),
        ("dang ky khsi sinh", "khai"),
    ],
)
def test_a_slip_is_read_as_the_nearest_word(lexical: Searcher, typed: str, meant: str) -> None:
    mended = lexical.spelling.mend(analyse_question(typed))
    assert mended is not None
    assert meant in mended.folded


@pytest.mark.parametrize(
    "typed",
    ["đăng ký khai sinh", "xin cho hỏi ở đâu", "hom nay troi dep qua", "", "1.004222", "xyzwvut qqqqq", "hư"],
)
def test_words_and_the_unknowable_stay(lexical: Searcher, typed: str) -> None:
    assert lexical.spelling.mend(analyse_question(typed)) is None


def test_the_second_reading_is_added_and_replaces_nothing(lexical: Searcher) -> None:
    question = analyse_question("đăng ký khaii sihn lại")
    mended = lexical.spelling.mend(question)
    assert mended is not None
    alone, both = lexical.lexical.search(question), lexical.lexical.search(question, mended)
    assert (both.raw >= alone.raw).all()
    at = lexical.corpus.position["1.004884"]
    assert both.raw[at] > alone.raw[at]
    assert both.normalised[at] > alone.normalised[at]


@pytest.mark.parametrize(
    "typed", ["đăng ký lại khai sihn", "dang ky lai khai sinhh", "đăgn ký lại kahi sinh"]
)
def test_slips_lead_to_the_right_family(both: Searcher, typed: str) -> None:
    assert both.search(typed).hits[0].code == "1.004884"
