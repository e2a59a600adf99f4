"""Single rules of the derivation: fees, times, papers, forms, numbers, legal texts, families."""

from __future__ import annotations

import pytest

from procedures_kb.build.agency import agency_of, audience_of, is_elsewhere, names_district
from procedures_kb.build.fees import fees_in, read_fees
from procedures_kb.build.forms import form_of, form_of_file
from procedures_kb.build.legal import legal_texts
from procedures_kb.build.names import family_of, shorten_name
from procedures_kb.build.papers import case_of, read_documents, title_of, titles_of
from procedures_kb.build.quantities import Quantity, repair, stated
from procedures_kb.build.reading import RawDocument, RawNamed
from procedures_kb.build.steps import read_steps
from procedures_kb.build.text import clean
from procedures_kb.build.times import read_times, times_in
from procedures_kb.model import FeeStatus, Result


@pytest.mark.parametrize(
    ("text", "flagged", "status", "conflict"),
    [
        ("Miễn phí", False, FeeStatus.FREE, False),
        ("Miễn phí(Không có)", False, FeeStatus.FREE, False),
        ("Miễn phí", True, FeeStatus.CONFLICTING, True),
        ("Miễn phí(Lệ phí: 50.000 đồng/lần)", False, FeeStatus.CONFLICTING, True),
        ("Miễn phí(Do Hội đồng nhân dân tỉnh quyết định)", False, FeeStatus.VARIES, True),
        ("Miễn phí(Theo quy định của Luật phí và lệ phí)", False, FeeStatus.CONFLICTING, True),
        ("Phí : 0 Đồng", False, FeeStatus.FREE, False),
        ("500,000 Việt Nam Đồng", False, FeeStatus.PAID, False),
        ("Không có thông tin(2)", False, FeeStatus.UNKNOWN, False),
        (None, False, FeeStatus.UNKNOWN, False),
    ],
)
def test_what_may_be_said_of_a_fee(
    text: str | None, flagged: bool, status: FeeStatus, conflict: bool
) -> None:
    read = read_fees(text, None, flagged)
    assert (read.status, read.conflict) == (status, conflict)


def test_amounts_units_and_currencies() -> None:
    fees = fees_in("Cấp mới: 2 triệu đồng/giấy phép; Cấp lại: 03 USD/lần")
    assert [(f.case, f.amount, f.currency, f.unit) for f in fees] == [
        ("Cấp mới", 2_000_000, "VND", "giấy phép"),
        ("Cấp lại", 3, "USD", "lần"),
    ]


def test_a_clock_time_is_no_duration() -> None:
    assert times_in("Tiếp nhận hồ sơ sau 15 giờ thì trả vào hôm sau.") == []


def test_zero_units_and_stages() -> None:
    read = read_times(20, "Ngày", "- Thẩm định hồ sơ: 12 ngày làm việc;\n- Trả kết quả: 02 ngày làm việc.")
    assert [(t.value, t.case) for t in read.times] == [
        (20, None),
        (12, "Thẩm định hồ sơ"),
    ]
    assert read_times(120, None, None).unclear


@pytest.mark.parametrize(
    ("text", "first", "expected"),
    [
        ("theo Mẫu số 03 ban hành ngày 01/01/", 20261, (1, True)),
        ("Đơn đăng ký biến động theo Mẫu số", 181, (1, True)),
        ("Đơn đề nghị", 3, (3, False)),
        ("Ảnh chân dung", 20, (20, False)),
    ],
)
def test_quantities_are_repaired(text: str, first: int, expected: tuple[int, bool]) -> None:
    quantity = repair(text, first, 0)
    assert (quantity.originals, quantity.repaired) == expected


def test_stated_quantities_count_where_the_columns_are_empty() -> None:
    assert stated(Quantity("02 bản sao giấy mẫu", 0, 0)).copies == 2
    assert stated(Quantity("01 tờ khai mẫu", 0, 0)).text == "tờ khai mẫu"
    assert stated(Quantity("Giấy mẫu: 03 bản chính", 1, 0)).originals == 1


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "Tờ khai theo Mẫu số 03.ĐKV kèm theo Thông tư 02/2026/TT-BNNMT",
            "Mẫu số 03.ĐKV, Thông tư 02/2026/TT-BNNMT",
        ),
        ("Tờ khai (mẫu TK01)", "Mẫu số TK01"),
        ("Tờ khai mẫu số 01/KHBS ban hành", "Mẫu số 01/KHBS"),
        ("Đơn theo mẫu tại Phụ lục số 05b", "Mẫu tại Phụ lục số 05b"),
        ("Đơn đề nghị", None),
    ],
)
def test_forms_are_read(text: str, form: str | None) -> None:
    assert form_of(text) == form


def test_the_first_form_file_is_named() -> None:
    assert form_of_file("MU1B.docx\nMU1C.docx") == "MU1B.docx"


def test_titles_are_noun_phrases() -> None:
    assert title_of("- Đơn đề nghị cấp giấy theo mẫu số 02 ban hành kèm theo Nghị định số 1/2020/NĐ-CP;") == (
        "Đơn đề nghị cấp giấy"
    )
    assert title_of("Bản sao") is None
    long = "Báo cáo tài chính của doanh nghiệp " + "đã được kiểm toán theo chuẩn mực " * 12
    assert len(title_of(long) or "") <= 120


def test_one_of_several_papers() -> None:
    titles = titles_of("Một trong các giấy tờ sau: giấy khai sinh; sổ hộ khẩu cũ; giấy xác nhận cư trú")
    assert titles == ["Giấy khai sinh", "Sổ hộ khẩu cũ", "Giấy xác nhận cư trú"]


@pytest.mark.parametrize(
    ("group", "case"),
    [
        ("* Giấy tờ phải nộp:", None),
        ("Trường hợp 2: * Giấy tờ phải xuất trình:", None),
        ("Thành phần hồ sơ:", None),
        ("Trường hợp 1: a) Đối với trường hợp tách thửa đất:", "Tách thửa đất"),
        ("* Trường hợp ủy quyền thực hiện thủ tục:", "Ủy quyền thực hiện thủ tục"),
    ],
)
def test_cases_of_groups(group: str, case: str | None) -> None:
    assert case_of(group) == case


def test_legal_numbers_are_repaired() -> None:
    codes = [
        "61/2014/QH",
        "61/2014/QH13",
        "136/2025/NĐ-CPQUY",
        "2443/2024/QH15",
        "53/2025/TT-BC",
        "53/2025/TT-BCA",
    ]
    numbers = [x.number for x in legal_texts([RawNamed(code=code) for code in codes])]
    assert numbers == ["61/2014/QH13", "43/2024/QH15", "136/2025/NĐ-CP", "53/2025/TT-BCA"]


def test_families_join_levels_and_nothing_else() -> None:
    assert family_of("Cấp đổi thẻ (thực hiện tại cấp tỉnh)") == family_of("Thủ tục cấp đổi thẻ (cấp xã)")
    assert family_of("Cấp đổi thẻ") != family_of("Cấp lại thẻ")


def test_short_names_never_end_inside_a_word() -> None:
    short = shorten_name(
        "Cấp giấy chứng nhận đủ điều kiện kinh doanh dịch vụ thẩm định giá tài sản của doanh nghiệp"
    )
    assert len(short) <= 60
    assert not short.endswith(("thẩm", "dịch", "của"))


def test_agencies_and_audiences() -> None:
    assert agency_of("Không có thông tin", "Công an cấp Xã") == "Công an cấp xã"
    assert is_elsewhere("Sở Mẫu tỉnh Bắc Ninh")
    assert not is_elsewhere("Sở Tư pháp")
    assert names_district("nộp tại Ủy ban nhân dân cấp huyện")
    assert audience_of(
        ["Cán bộ", "công chức", "viên chức", "Tổ chức (không bao gồm doanh nghiệp", "HTX)"]
    ) == (
        "Cán bộ, công chức, viên chức",
        "Tổ chức (không bao gồm doanh nghiệp, HTX)",
    )


def test_steps_are_at_most_eight_and_name_the_result() -> None:
    text = (
        "Người yêu cầu nộp hồ sơ. Cơ quan thuế kiểm tra hồ sơ và cấp giấy chứng nhận trong 03 ngày làm việc."
    )
    steps = read_steps(text, (Result(name="Giấy chứng nhận mẫu"),), ("counter",))
    assert steps[-2].act == "Cấp giấy chứng nhận mẫu trong 3 ngày làm việc"
    assert [steps[0].act, steps[-1].act] == ["Chuẩn bị giấy tờ, thông tin cần khai", "Nhận kết quả"]
    assert len(read_steps(text * 40, (), ())) <= 8


def test_the_working_hours_are_not_the_case_of_the_time_limit() -> None:
    told = "Thời gian tiếp nhận hồ sơ: giờ hành chính. Thời hạn giải quyết: 07 ngày làm việc."
    assert [(t.value, t.case) for t in times_in(told.replace(". ", ", "))] == [(7, None)]


def test_a_quantity_at_the_end_does_not_hide_the_case() -> None:
    row = RawDocument(
        name="Giấy phép mẫu đối với hàng hóa phải có giấy phép: 01 bản chính", originals=0, copies=0
    )
    paper = read_documents([row]).cases[0].items[0]
    assert (paper.name, paper.originals, paper.when) == ("Giấy phép mẫu", 1, "nếu hàng hóa phải có giấy phép")


def test_a_split_word_is_joined() -> None:
    assert clean("nơi cư tr ú c ó thể") == "nơi cư trú có thể"
