from __future__ import annotations

import pytest

from bot.search.analysis import (
    analyse_question,
    analyse_record,
    content_syllables,
    features,
    find_code,
    lexical_terms,
    stop_words,
)


def test_question_and_its_unaccented_twin_give_the_same_terms() -> None:
    accented = lexical_terms(analyse_question("Làm GKS cho con"))
    assert accented == lexical_terms(analyse_question("lam gks cho con"))
    assert "giay" in accented
    assert "khai_sinh" in accented


def test_records_expand_abbreviations_but_keep_classes() -> None:
    assert analyse_record("thẻ BHYT").folded == ("the", "bao", "hiem", "y", "te")
    assert analyse_record("bằng lái hạng B").folded == ("bang", "lai", "hang", "b")


def test_features_are_told_apart_by_prefix() -> None:
    found = features(analyse_question("đăng ký"))
    assert {"a:đăng", "f:dang", "b:dang_ky", "c:<da", "c:ng>"} <= set(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mã 1.001193: khai sinh", "1.001193"),
        ("thủ tục 2.000815.", "2.000815"),
        ("số 11.001193", None),
        ("1.0011934", None),
        ("ngày 1.12.2026", None),
        ("", None),
    ],
)
def test_code_is_found_on_its_borders(text: str, code: str | None) -> None:
    assert find_code(text) == code


def test_content_leaves_out_what_says_nothing() -> None:
    assert content_syllables(analyse_question("cho tôi hỏi làm hộ chiếu ở đâu ạ")) == ("ho", "chieu")
    assert content_syllables(analyse_question("thế thì sao ạ")) == ()
    assert content_syllables(analyse_question("mất thẻ")) == ("mat", "the")


def test_stop_words_are_folded_single_syllables() -> None:
    assert all(" " not in word and word == word.lower() for word in stop_words())
    assert not stop_words() & {"con", "hon", "dat", "xe", "nha"}


@pytest.mark.parametrize("text", ["", "   ", "???", "🙂", "\x00", "a" * 2000])
def test_any_text_can_be_read(text: str) -> None:
    features(analyse_question(text))
    lexical_terms(analyse_question(text))
