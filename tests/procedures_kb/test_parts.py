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
from procedures_kb.model import FeeStatus, Paper, Result


@pytest.mark.parametrize(
    ("text", "flagged", "status", "conflict"),
    [
        ("Miễn phí", False, FeeStatus.FREE, False),
        ("Miễn phí(Không có)", False, FeeStatus.FREE, False),
        ("Miễn phí(Không quy định.)", False, FeeStatus.UNKNOWN, False),
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
    assert (paper.name, paper.originals, paper.when) == (
        "Giấy phép mẫu",
        1,
        "đối với hàng hóa phải có giấy phép",
    )


def test_a_split_word_is_joined() -> None:
    assert clean("nơi cư tr ú c ó thể") == "nơi cư trú có thể"


def test_a_word_printed_twice_stands_once() -> None:
    assert clean("Người người được giám hộ") == "Người được giám hộ"
    assert clean("Đơn yêu cầu yêu cầu hòa giải") == "Đơn yêu cầu hòa giải"


def paper_row(name: str, originals: int = 1, copies: int = 0, file: str | None = None) -> Paper:
    row = RawDocument(name=name, originals=originals, copies=copies, form_file=file)
    return read_documents([row]).cases[0].items[0]


@pytest.mark.parametrize(
    ("name", "file", "title", "form"),
    [
        (
            "Giấy khai mẫu (mẫu Đ",
            "KX10/79 ban hành kèm theo Thông tư số 13/2025/TT-BCA của Bộ mẫu).MauKX1079.docx",
            "Giấy khai mẫu",
            "Mẫu số ĐKX10/79, Thông tư 13/2025/TT-BCA",
        ),
        ("Tờ khai mẫu (Mẫu số 01/BĐ", "S)01 BĐS.docx", "Tờ khai mẫu", "Mẫu số 01/BĐS"),
        (
            "Phiếu khai báo mẫu (mẫu NA17)101-Mau A17.doc",
            "áo mẫu (mẫu NA17)101-Mau A17.doc",
            "Phiếu khai báo mẫu",
            "Mẫu số NA17",
        ),
        (
            "Đơn đề nghị theo Mẫu số 13 Nghị định số 23/2026/NĐ-CPMau13.docx",
            None,
            "Đơn đề nghị",
            "Mẫu số 13, Nghị định 23/2026/NĐ-CP",
        ),
        ("Văn bản đề nghị theo mẫu quy địnhvăn bản mẫu.docx", None, "Văn bản đề nghị", "văn bản mẫu.docx"),
        ("Tờ khai cư trú (Mẫu CT01)1.", None, "Tờ khai cư trú", "Mẫu số CT01"),
        (
            "Tờ khai mẫu (mẫu TK01 dành cho người từ 14 tuổi trở lên; mẫu TK01a dành cho "
            "người chưa đủ 14 tuổi)",
            None,
            "Tờ khai mẫu",
            "Mẫu TK01 dành cho người từ 14 tuổi trở lên; TK01a dành cho người chưa đủ 14 tuổi",
        ),
    ],
)
def test_file_names_and_footnotes_are_taken_off(
    name: str, file: str | None, title: str, form: str | None
) -> None:
    paper = paper_row(name, file=file)
    assert (paper.name, paper.form) == (title, form)


def test_a_number_in_the_row_goes_before_a_column_that_nobody_filled_in() -> None:
    rubbing = paper_row("02 bản chà số máy, số khung xe")
    assert (rubbing.name, rubbing.originals) == ("Bản chà số máy, số khung xe", 2)
    plans = paper_row("Hồ sơ thiết kế: 02 bộ bản vẽ thiết kế kèm theo", 2, 2)
    assert (plans.originals, plans.copies) == (2, 0)


def test_a_row_that_only_lists_papers_is_all_of_them() -> None:
    name = (
        "Bản sao các giấy tờ sau đây: - Giấy tờ pháp lý của cá nhân đối với chủ sở hữu; "
        "- Giấy tờ pháp lý của tổ chức đối với thành viên là tổ chức và văn bản cử người đại diện"
    )
    papers = read_documents([RawDocument(name=name, originals=0, copies=1)]).cases[0].items
    assert {p.name for p in papers} == {
        "Giấy tờ pháp lý của cá nhân",
        "Giấy tờ pháp lý của tổ chức",
        "Văn bản cử người đại diện",
    }
    assert all(p.copies == 1 for p in papers)


def test_options_stand_with_their_row_and_not_beside_it() -> None:
    listed = (
        "Một trong những giấy tờ hợp pháp về đất theo quy định bao gồm: + Giấy chứng nhận quyền mẫu "
        "thứ nhất. + Giấy chứng nhận quyền mẫu thứ hai."
    )
    rows = [
        RawDocument(name="Giấy chứng nhận quyền m ẫu thứ hai", originals=1),
        RawDocument(name=listed, originals=1),
    ]
    (paper,) = read_documents(rows).cases[0].items
    assert paper.name == "Giấy chứng nhận quyền mẫu thứ nhất"
    assert paper.alternatives == ("Giấy chứng nhận quyền mẫu thứ hai",)


def test_one_of_inside_a_condition_is_no_list() -> None:
    name = "Hồ sơ thiết kế đối với trường hợp chủ công trình không có một trong các loại giấy tờ theo luật"
    paper = paper_row(name)
    assert paper.name == "Hồ sơ thiết kế"
    assert paper.when is not None
    assert titles_of("Một trong các loại giấy tờ quy định tại Điều 137, khoản 1 Điều 148 Luật Đất đai") == [
        "Một trong các giấy tờ theo Luật Đất đai"
    ]


def test_headings_and_papers_of_the_office_are_no_papers() -> None:
    heading = RawDocument(name="- Bổ sung, hiệu đính thông tin đăng ký mẫu", originals=1)
    draft = RawDocument(
        name="Báo cáo đề xuất và dự thảo quyết định",
        group="Thành phần hồ sơ cơ quan quản lý trình Chủ tịch bao gồm:",
        originals=1,
    )
    assert read_documents([heading, draft]).cases == ()


def test_lettered_lists_of_papers_are_cases() -> None:
    assert case_of("b) Thành phần hồ sơ gia hạn sử dụng đất bao gồm:") == "Gia hạn sử dụng đất"
    assert case_of("b) Thành phần hồ sơ bao gồm:") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("135 VNĐ(Lệ phí mẫu: 135.000 đồng/lần.)", [135_000]),
        ("25 VNĐ(25.000.000đ/giấy mẫu)", [25_000]),
        ("50,000 Việt Nam Đồng(25.000.000đ/giấy mẫu)", [50_000]),
        ("850 VNĐ", []),
    ],
)
def test_amounts_printed_with_too_few_or_too_many_zeros(text: str, told: list[int]) -> None:
    assert [fee.amount for fee in read_fees(text, None, False).fees if fee.amount] == told


def test_a_time_for_each_piece_keeps_its_case() -> None:
    told = "Tối đa 07 ngày làm việc/tờ hoặc miếng cần giám định. Trường hợp vượt quá 20 tờ, tối đa 62 ngày."
    times = [(t.value, t.case) for t in read_times(62, "Ngày làm việc", told).times]
    assert times == [(7, "Mỗi tờ hoặc miếng cần giám định"), (62, "Vượt quá 20 tờ")]
    both = "10 ngày (hoặc 7 ngày đối với nhà ở riêng lẻ)"
    assert [(t.value, t.case) for t in times_in(both)] == [(10, None), (7, "Nhà ở riêng lẻ")]
