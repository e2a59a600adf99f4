"""How phrases are written, and where they are found in a sentence."""

from __future__ import annotations

import pytest

from bot.nlu.phrases import Phrase, PhraseIndex, Sentence


def found(phrase: str, text: str) -> list[tuple[int, ...]]:
    """Return the places of `phrase` in `text`."""
    return [match.fixed for match in PhraseIndex([(Phrase.of(phrase), True)]).find(Sentence.of(text))]


@pytest.mark.parametrize(
    ("phrase", "text", "places"),
    [
        ("(mang|đem theo) giấy (gì|chi)", "phải mang giấy gì", [(1, 2, 3)]),
        ("(mang|đem theo) giấy (gì|chi)", "đem theo giấy chi rứa", [(0, 1, 2, 3)]),
        ("(mang|đem theo) giấy (gì|chi)", "đem giấy chi rứa", []),
        ("(mang|đem theo) giấy (gì|chi)", "dem theo giay chi", [(0, 1, 2, 3)]),
        ("mất (khoảng|) mấy (ngày|)", "mất mấy đồng", [(0, 1)]),
        ("mất (khoảng|) mấy (ngày|)", "mất khoảng mấy ngày", [(0, 1, 2, 3)]),
        ("(bao giờ|khi nào) * (xong|có)", "bao giờ thì xã làm xong", [(0, 1, 5)]),
        ("(bao giờ|khi nào) * (xong|có)", "bao giờ thì người ta mới làm cho xong", []),
        ("mẫu # hay", "ghi mẫu CT01 hay mẫu khác", [(1, 2, 3)]),
        ("mẫu # hay", "ghi mẫu nào hay mẫu khác", []),
        ("(#|một) tờ", "photo 3 tờ", [(1, 2)]),
        ("(#|một) tờ", "photo một tờ", [(1, 2)]),
        ("(#|một) tờ", "photo tờ khai", []),
    ],
)
def test_choices_and_holes(phrase: str, text: str, places: list[tuple[int, ...]]) -> None:
    assert found(phrase, text) == places


def test_a_choice_stands_in_what_bars_an_intent_too() -> None:
    assert Phrase.of("(ngân hàng|nước ngoài) đòi").within(Sentence.of("bên nước ngoài đòi giấy"))


def test_the_longest_of_overlapping_phrases_wins_with_choices() -> None:
    index = PhraseIndex(
        [(Phrase.of("ở (đâu|mô)"), "place"), (Phrase.of("đơn (này|) lấy ở (đâu|mô)"), "form")]
    )
    assert [match.value for match in index.longest(Sentence.of("đơn lấy ở mô"))] == ["form"]
    assert [match.value for match in index.longest(Sentence.of("giấy lấy ở mô"))] == ["place"]
