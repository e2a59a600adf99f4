"""Every aspect of a record, as the words that a citizen reads."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.cards import CardWriter
from bot.dialogue.state import Aspect
from bot.replies.renderer import Replies
from tests.factories import birth, catalogue, procedure

REPLIES = Replies.load()
NO_CARDS = CardWriter({}, catalogue(), REPLIES)
WRITER = AnswerWriter(REPLIES, NO_CARDS, today=lambda: date(2026, 11, 22))


@pytest.mark.parametrize(
    ("aspect", "lines"),
    [
        (
            Aspect.DOCUMENTS,
            [
                "• Tờ khai đăng ký khai sinh (1 bản chính), theo Mẫu số 01",
                "hoặc Văn bản của người làm chứng",
                "Mang theo để xuất trình, tức là cho xem, không phải nộp:\n• Giấy tờ tùy thân",
                "Lưu ý: Nộp bản chụp khi làm qua mạng",
                "▸ Trẻ bị bỏ rơi:\n• Biên bản (2 bản sao)",
            ],
        ),
        (
            Aspect.FEE,
            [
                "▸ Nộp trực tuyến (qua mạng):\n• 4.000 đồng (đến hết 31/12/2026)",
                "▸ Nộp trực tiếp:\n• 8.000 đồng",
            ],
        ),
        (
            Aspect.TIME,
            [
                "1 ngày làm việc",
                "phải xác minh: 3 ngày",
                "Thời gian bạn cần nhớ:\n• Đi khai sinh cho con: trong 60 ngày",
            ],
        ),
        (Aspect.PLACE, ["Trung tâm Phục vụ hành chính công xã, phường", "Ủy ban nhân dân cấp xã"]),
        (Aspect.ONLINE, ["Được. Cổng có nhận hồ sơ trực tuyến, tức là qua mạng.", "tìm mã 1.000001"]),
        (Aspect.FORM, ["• Tờ khai đăng ký khai sinh: Mẫu số 01"]),
        (Aspect.RESULT, ["• Giấy khai sinh"]),
        (Aspect.CONDITIONS, ["• Đi khai sinh cho con: trong 60 ngày", "Dành cho: Công dân Việt Nam."]),
        (Aspect.LEGAL_BASIS, ["• 123/2015/NĐ-CP – Nghị định về hộ tịch"]),
        (Aspect.STEPS, ["1. Người yêu cầu: nộp hồ sơ (Tờ khai)", "3. Trung tâm: trả kết quả"]),
    ],
)
def test_each_aspect_comes_from_the_record(aspect: Aspect, lines: list[str]) -> None:
    text = WRITER.answer(birth(), (aspect,))
    for line in lines:
        assert line in text


def test_every_answer_names_source_code_and_date() -> None:
    text = WRITER.answer(birth(), (Aspect.FEE,))
    assert text.endswith(
        "Nguồn: Cổng Dịch vụ công quốc gia, mã thủ tục 1.000001, dữ liệu cập nhật tháng 7/2026."
    )


def test_data_older_than_a_year_says_so() -> None:
    later = AnswerWriter(REPLIES, NO_CARDS, today=lambda: date(2027, 8, 1))
    assert "Dữ liệu này đã cũ" in later.answer(birth(), (Aspect.FEE,))


def test_several_aspects_are_all_answered() -> None:
    text = WRITER.answer(birth(), (Aspect.RESULT, Aspect.LEGAL_BASIS))
    assert "Giấy khai sinh" in text
    assert "123/2015/NĐ-CP" in text
    assert text.count("Nguồn:") == 1


def test_a_contradicting_fee_is_never_called_free() -> None:
    conflicting = catalogue().by_code["1.000006"]
    for aspects in ((), (Aspect.FEE,)):
        text = WRITER.answer(conflicting, aspects).lower()
        assert "iễn phí" not in text
    assert "Bạn có thể phải đóng" in WRITER.answer(conflicting, (Aspect.FEE,))


def test_a_free_one_is() -> None:
    assert "Miễn phí, bạn không phải đóng tiền." in WRITER.answer(
        catalogue().by_code["1.000002"], (Aspect.FEE,)
    )


def test_a_reduction_that_is_over_says_so() -> None:
    lapsed = [{"amount": 160000, "valid_to": "2023-12-31"}]
    old = procedure(channels=[{"how": "online", "fees": lapsed, "fee_status": "paid"}])
    text = WRITER.answer(old, (Aspect.FEE,))
    assert "160.000 đồng (đến hết 31/12/2023, nay đã hết hạn, bạn hỏi lại nơi nộp)" in text
    assert "160.000" not in WRITER.answer(old, ())


def test_an_unknown_fee_is_not_guessed() -> None:
    silent = procedure(channels=[{"how": "counter"}])
    assert "Tôi không đoán" in WRITER.answer(silent, (Aspect.FEE,))


def test_a_bare_name_is_named_honestly() -> None:
    text = WRITER.answer(catalogue().by_code["1.000005"], (Aspect.FEE,))
    assert "Tôi mới có tên thủ tục này, chưa có chi tiết về phí, lệ phí" in text


def test_another_provinces_version_is_never_served() -> None:
    foreign = birth().model_copy(update={"flags": ("local_version",)})
    text = WRITER.answer(foreign, (Aspect.FEE,))
    assert "của một tỉnh khác" in text
    assert "4.000" not in text


def test_another_provinces_agency_is_not_named() -> None:
    elsewhere = birth().model_copy(update={"flags": ("agency_elsewhere",)})
    assert "Ủy ban nhân dân cấp xã" not in WRITER.answer(elsewhere, (Aspect.PLACE,))


def test_the_police_take_dossiers_themselves() -> None:
    police = birth().model_copy(update={"agency": "Công an cấp xã", "ministry": "Bộ Công an"})
    text = WRITER.answer(police, (Aspect.PLACE,))
    assert "• Đến nộp tại: Công an cấp xã." in text
    assert "Trung tâm" not in text
    unnamed = police.model_copy(update={"agency": None})
    assert "Đến nộp tại" not in WRITER.answer(unnamed, (Aspect.PLACE,))


def test_the_abolished_district_is_explained() -> None:
    old = birth().model_copy(update={"flags": ("district_level",)})
    assert "Cấp huyện không còn từ 1/7/2025" in WRITER.answer(old, (Aspect.PLACE,))


@pytest.mark.parametrize("aspect", list(Aspect))
def test_a_record_without_the_fact_says_so(aspect: Aspect) -> None:
    text = WRITER.answer(procedure(), (aspect,))
    assert "None" not in text
    assert len(text) > 80


def test_a_long_list_of_papers_is_cut_with_the_number_left() -> None:
    many = procedure(documents=[{"items": [{"name": f"Giấy tờ số {n}"} for n in range(30)]}])
    text = WRITER.answer(many, (Aspect.DOCUMENTS,))
    assert "Giấy tờ số 23" in text
    assert "Giấy tờ số 24" not in text
    assert "Còn 6 giấy tờ nữa." in text
