"""What the derived phrases must not do: break off, lose their verb, hide their case."""

from __future__ import annotations

import pytest

from procedures_kb.build.conditions import read_conditions
from procedures_kb.build.fees import fees_in, is_past
from procedures_kb.build.legal import legal_texts
from procedures_kb.build.papers import read_documents, when_of
from procedures_kb.build.phrases import hangs, is_fragment, phrase
from procedures_kb.build.reading import RawDocument, RawNamed
from procedures_kb.build.steps import read_steps
from procedures_kb.build.times import joined, read_times
from procedures_kb.model import DocumentKind, ProcessingTime


@pytest.mark.parametrize(
    "text",
    [
        "Sau khi cơ quan mẫu làm thủ tục thu hồi, tổ chức",
        "Tổ chức, cá nhân đứng tên trong giấy mẫu tiếp tục",
        "Dự án mẫu không bị",
        "Trong thời hạn 10 ngày kể từ ngày",
        "Có đủ vốn và",
    ],
)
def test_broken_off_phrases_are_seen(text: str) -> None:
    assert hangs(text)


def test_good_phrases_pass() -> None:
    for text in ("Có năng lực hành vi dân sự đầy đủ", "Phí phải nộp", "Đang thường trú ở Việt Nam"):
        assert not hangs(text)
    assert is_fragment("Sau khi nhận giấy mẫu")
    assert is_fragment("Địa vật lý")


def test_a_long_sentence_ends_at_a_clause_or_keeps_its_duty() -> None:
    long = (
        "Tổ chức, cá nhân đứng tên trong giấy chứng nhận mẫu của cơ quan mẫu thuộc tỉnh mẫu phải giữ sổ mẫu, "
        "bảo quản sổ và nộp lại cho cơ quan đã cấp khi chuyển đi nơi khác"
    )
    assert phrase(long, statement=True) == "phải giữ sổ mẫu, bảo quản sổ và nộp lại cho cơ quan đã cấp"


@pytest.mark.parametrize(
    ("text", "about", "limit"),
    [
        ("Việc báo tin được thực hiện trước 23 giờ của ngày bắt đầu lưu trú", "Báo tin", "trước 23 giờ"),
        ("Từ đủ 18 tuổi đến đủ 70 tuổi", "Độ tuổi", "Từ đủ 18 tuổi đến đủ 70 tuổi"),
        ("Thời gian thường trú ở Việt Nam từ 05 năm trở lên", "Thời gian thường trú ở Việt Nam", "từ 05 năm"),
        (
            "Trong thời hạn 07 ngày kể từ ngày có người đi thì đại diện hộ có trách nhiệm nộp hồ sơ mẫu",
            "nộp hồ sơ mẫu",
            "07 ngày",
        ),
    ],
)
def test_numbers_keep_what_they_are_about(text: str, about: str, limit: str) -> None:
    condition = read_conditions(text, [])[0]
    assert about.lower() in condition.about.lower()
    assert limit in (condition.limit or "")


def test_an_occasion_goes_with_the_number_that_follows() -> None:
    text = "trường hợp khách đến sau 23 giờ thì việc báo tin được thực hiện trước 08 giờ ngày hôm sau"
    (condition,) = read_conditions(text, [])
    assert condition.about == "Nếu khách đến sau 23 giờ, báo tin"
    assert condition.limit == "trước 08 giờ ngày hôm sau"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("người có yêu cầu lựa chọn nộp hồ sơ theo hình thức trực tiếp", "khi nộp trực tiếp"),
        ("người có yêu cầu lựa chọn nộp hồ sơ theo hình thức trực tuyến", "khi nộp qua mạng"),
        ("ủy quyền thực hiện việc đăng ký mẫu", "nếu ủy quyền"),
        ("trẻ em bị bỏ rơi", "nếu trẻ em bị bỏ rơi"),
        ("trường hợp Bằng bị mất", "nếu bằng bị mất"),
        ("công ty TNHH một thành viên", "đối với công ty TNHH một thành viên"),
        ("quy định tại khoản 4 Điều 45 Luật Mẫu", "nếu thuộc trường hợp phải nộp"),
    ],
)
def test_when_reads_after_a_dash(text: str, when: str) -> None:
    assert when_of(text) == when


def test_postal_slips_and_sentences_are_not_papers() -> None:
    slip = "Phiếu gửi hồ sơ do doanh nghiệp cung ứng dịch vụ bưu chính công ích phát hành"
    rows = [
        RawDocument(name=slip, originals=0, copies=1),
        RawDocument(name="Phiếu này là biểu mẫu điện tử, công dân kê khai khi nộp qua mạng", originals=0),
        RawDocument(name="Tờ khai mẫu", originals=1),
    ]
    papers = read_documents(rows).cases[0].items
    assert [p.name for p in papers if p.kind is DocumentKind.SUBMIT] == ["Tờ khai mẫu"]
    assert any("bưu" in p.name for p in papers if p.kind is DocumentKind.NOTE)


def test_an_act_of_a_special_case_says_so_or_is_left_out() -> None:
    text = (
        "- Người yêu cầu nộp hồ sơ tại cơ quan mẫu.\n"
        "- Trường hợp trẻ bị bỏ rơi thì cơ quan mẫu niêm yết trong 07 ngày."
    )
    acts = [step.act for step in read_steps(text, (), ())]
    assert "Niêm yết công khai 7 ngày nếu trẻ bị bỏ rơi" in acts
    assert acts[0].startswith("Chuẩn bị")
    assert acts[-1] == "Nhận kết quả"
    everybody = "- Nộp hồ sơ.\n- Cơ quan mẫu niêm yết trong 15 ngày."
    assert "Niêm yết công khai 15 ngày" in [step.act for step in read_steps(everybody, (), ())]


def test_only_one_time_stands_without_a_case() -> None:
    rows = [
        read_times(7, "Ngày làm việc", "+ Cấp lại biển mẫu: Không quá 07 ngày làm việc").times,
        read_times(1, "Giờ", "+ Cấp biển mẫu lần đầu: Cấp ngay sau khi tiếp nhận hồ sơ").times,
        (ProcessingTime(value=9, unit="day"), ProcessingTime(value=9, unit="day", case="Cấp đổi biển mẫu")),
        (ProcessingTime(value=2, unit="day"),),
        (ProcessingTime(value=3, unit="day"),),
    ]
    told = joined(rows)
    assert sum(time.case is None for time in told) == 1
    assert {"Cấp lại biển mẫu", "Cấp biển mẫu lần đầu", "một số trường hợp"} <= {t.case for t in told}


def test_a_case_that_tells_nothing_more_is_dropped() -> None:
    one = ProcessingTime(value=5, unit="day")
    assert joined([(one, one.model_copy(update={"case": "Cấp giấy mẫu"}))]) == (one,)


def test_amounts_inside_a_case_are_fees_of_their_own() -> None:
    fees = fees_in("+ 160.000/hộ chiếu, trường hợp cấp lại: 320.000đ/hộ chiếu (đến hết ngày 31/12/2023)")
    assert [(f.amount, f.case) for f in fees] == [(160_000, None), (320_000, "Cấp lại")]
    assert all(is_past(fee) for fee in fees)


def test_a_share_of_the_amount_holds_until_its_day() -> None:
    fees = fees_in(
        "- Cấp lại: 70.000 đồng/thẻ. Kể từ ngày 01/01/2025 đến hết ngày 31/12/2025, thu bằng 50% mức thu."
        "\n- Kể từ ngày 01/7/2025 đến hết ngày 31/12/2026 mức thu bằng 50% mức thu nêu trên."
    )
    assert [(f.amount, str(f.valid_to)) for f in fees] == [(35_000, "2026-12-31"), (70_000, "None")]


def test_numbers_with_a_point_and_the_order_of_legal_texts() -> None:
    rows = [
        RawNamed(code="12/2020/TT-BTP", name="Thông tư mẫu"),
        RawNamed(
            code="66.7/2025/NQ-CP",
            name="Nghị quyết số 66.7/2025/NQ-CP của Chính phủ: Quy định cắt giảm thủ tục mẫu",
        ),
        RawNamed(code="1/2020/NĐ-CP", name=None),
        RawNamed(code="60/2014/QH13", name="Luật 60/2014/QH13"),
    ]
    texts = legal_texts(rows)
    assert [t.number for t in texts] == ["60/2014/QH13", "1/2020/NĐ-CP", "66.7/2025/NQ-CP", "12/2020/TT-BTP"]
    assert texts[0].title == "Luật Hộ tịch"
    assert texts[2].title == "Quy định cắt giảm thủ tục mẫu"
