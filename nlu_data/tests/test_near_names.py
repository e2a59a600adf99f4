"""How near a text is to the names of procedures, by the search model that is in the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from components.near_names import DIMENSIONS, NearNames, features, read_model

MODEL = Path(__file__).parents[2] / "bot" / "search" / "model"
NAMES = [
    "đăng ký khai sinh",
    "đăng ký kết hôn",
    "cấp hộ chiếu",
    "đổi bằng lái xe",
    "tách thửa đất",
    "cấp giấy phép xây dựng",
    "đăng ký tạm trú",
    "trợ cấp người cao tuổi",
    "mai táng phí",
    "đăng ký hộ kinh doanh",
    "cấp phiếu lý lịch tư pháp",
    "làm thẻ căn cước",
]


@pytest.fixture(scope="module")
def near() -> NearNames:
    return NearNames.of(*read_model(MODEL), NAMES)


def tenths(near: NearNames, text: str) -> dict[str, int]:
    return {count: int(value) for count, value in (told.split() for told in near.find(text))}


def test_the_model_is_read_whole() -> None:
    vocabulary, rows = read_model(MODEL)
    assert rows.shape == (len(vocabulary), DIMENSIONS)
    assert rows.dtype == np.float16
    assert len(set(vocabulary)) == len(vocabulary)


def test_what_is_meant_is_nearer_than_what_is_not(near: NearNames) -> None:
    assert tenths(near, "tôi muốn làm khai sinh cho con")["1"] > tenths(near, "tối qua đội nào thắng")["1"]


def test_accents_and_case_matter_little(near: NearNames) -> None:
    written, bare = tenths(near, "làm khai sinh cho con"), tenths(near, "LAM KHAI SINH CHO CON")
    assert abs(written["1"] - bare["1"]) <= 4


def test_a_name_does_not_tell_itself(near: NearNames) -> None:
    assert tenths(near, "cấp hộ chiếu")["1"] < tenths(near, "cấp hộ chiếu nhé")["1"]


def test_too_few_names_or_no_text_tell_nothing_wrong(near: NearNames) -> None:
    assert list(NearNames.of(*read_model(MODEL), NAMES[:3]).find("khai sinh")) == []
    assert tenths(near, "🙂") == {"1": 0, "3": 0, "10": 0}


def test_arrays_give_the_same_again(near: NearNames) -> None:
    stored = near.arrays()
    again = NearNames.of(stored["vocabulary"].tolist(), stored["rows"], stored["names"].tolist())
    assert list(again.find("xin giấy phép xây nhà")) == list(near.find("xin giấy phép xây nhà"))


def test_features_of_a_short_text() -> None:
    assert features("Lệ phí") == ["a:lệ", "a:phí", "f:le", "f:phi", "b:le_phi", *_GRAMS]


_GRAMS = ["c:<le", "c:le>", "c:<ph", "c:phi", "c:hi>"]
