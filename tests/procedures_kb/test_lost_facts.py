"""Facts that the portal tells in odd places, and that the derivation must not lose. Texts are made up."""

from __future__ import annotations

from datetime import date

import pytest

from procedures_kb.build.channels import read_channels, read_extra_channels
from procedures_kb.build.fee_text import fee_text
from procedures_kb.build.fees import fees_in, read_fees
from procedures_kb.build.papers import case_of, read_documents
from procedures_kb.build.reading import ExtraMethod, RawDocument, RawMethod
from procedures_kb.build.rules import fee_rules, time_rules
from procedures_kb.build.step_times import times_of_steps
from procedures_kb.build.times import read_times, times_in
from procedures_kb.build.whens import when_of
from procedures_kb.model import FeeStatus, Paper


def papers_of(*rows: RawDocument) -> list[Paper]:
    return [paper for case in read_documents(list(rows)).cases for paper in case.items]


def names_of(row: str) -> list[str]:
    return [paper.name for paper in papers_of(RawDocument(name=row, originals=1))]


# ---- fees --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "description", "amounts"),
    [
        (None, "50,000 Việt Nam Đồng(/tờ mẫu)", [(50_000, "VND", "tờ mẫu", None)]),
        (None, "10 USD(/bản)", [(10, "USD", "bản", None)]),
        (
            None,
            "10,000 Việt Nam Đồng(/trường hợp)Tại xã: 10.000 đồng/trường hợp (một hay nhiều chữ ký).",
            [(10_000, "VND", "trường hợp", "Tại xã")],
        ),
        (
            None,
            "2,000 Việt Nam Đồng(/trang)Tại xã: 2.000 đồng/trang; từ trang thứ 3 trở lên thu 1.000 đồng/trang"
            ", tối đa thu không quá 200.000 đồng/bản.",
            [
                (2_000, "VND", "trang", "Tại xã"),
                (1_000, "VND", "trang", "Từ trang thứ 3 trở lên"),
                (200_000, "VND", "bản", "Tối đa"),
            ],
        ),
        (
            "800,000 Việt Nam Đồng",
            "Phí: 800.000 đồng/hồ sơ.\nLệ phí: 100.000 đồng/hồ sơ.",
            [(800_000, "VND", "hồ sơ", "Phí"), (100_000, "VND", "hồ sơ", "Lệ phí")],
        ),
        (
            "250,000 VNĐ",
            "( Đồng (Sát hạch mẫu) Phí: 400000 Đồng (- Sát hạch bổ sung)15 ngày, kể từ ngày nhận hồ sơ",
            [(250_000, "VND", None, None), (400_000, "VND", None, "Sát hạch bổ sung")],
        ),
    ],
)
def test_fees_told_only_in_the_description(
    text: str | None, description: str, amounts: list[tuple[int, str, str | None, str | None]]
) -> None:
    read = read_fees(text, description, flagged=False)
    assert [(f.amount, f.currency, f.unit, f.case) for f in read.fees] == amounts


def test_a_description_without_a_fee_adds_none() -> None:
    told = "Nộp hồ sơ trực tiếp (trừ ngày nghỉ). Vốn điều lệ từ 5.000.000.000 đồng"
    assert fee_text("300,000 Việt Nam Đồng", told) == "300,000 Việt Nam Đồng"
    assert fee_text(None, "Nộp hồ sơ trực tiếp") is None


def test_a_reduced_amount_has_its_own_dates_and_the_full_one_none() -> None:
    fees = fees_in(
        "Phí: 4.000.000 đồng/hồ sơ (áp dụng mức phí 2.000.000 đồng (Hai triệu đồng)/hồ sơ kể từ ngày "
        "01/7/2025 đến hết ngày 31/12/2026)"
    )
    assert [(f.amount, f.valid_to) for f in fees] == [(4_000_000, None), (2_000_000, date(2026, 12, 31))]
    assert all(f.case is None for f in fees)


def test_a_period_without_fee_is_not_the_period_of_the_fee() -> None:
    (fee,) = fees_in("Cấp lại do mất: 2.400.000 đồng (Miễn phí kể từ ngày 07/4/2026 đến 30/6/2026)")
    assert (fee.case, fee.valid_to) == ("Cấp lại do mất", None)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Miễn phí(Miễn lệ phí đối với người thuộc hộ nghèo)", FeeStatus.VARIES),
        ("Miễn phí(Miễn lệ phí đối với những trường hợp sau: + Người có công)", FeeStatus.VARIES),
        ("Miễn phí(Phí thẩm định)", FeeStatus.CONFLICTING),
        ("Miễn phí(Không thu phí)", FeeStatus.FREE),
    ],
)
def test_free_for_some_is_not_free(text: str, status: FeeStatus) -> None:
    assert read_fees(text, None, flagged=False).status is status


def test_the_exempt_are_named_for_and_told_of_beside_an_amount() -> None:
    spared = read_fees("Miễn phí(Miễn lệ phí đối với người thuộc hộ nghèo)", None, flagged=False).fees
    assert [(f.amount, f.case) for f in spared] == [(0, "Người thuộc hộ nghèo")]
    paid = read_fees("400,000 VNĐ(Miễn lệ phí đối với người khuyết tật)", None, flagged=False).fees
    assert [(f.amount, f.note) for f in paid][-1] == (None, fee_rules().note_some_exempt)


@pytest.mark.parametrize(
    ("steps", "note"),
    [
        ("Người nộp đến xã; nộp lệ phí nếu thuộc trường hợp phải nộp lệ phí mẫu.", fee_rules().note_if_due),
        ("Gửi phiếu đến cơ quan thuế để xác định và thông báo nghĩa vụ tài chính.", fee_rules().note_duty),
        ("Hoàn thành nghĩa vụ tài chính (nếu có).", None),
        ("Nhận kết quả.", None),
    ],
)
def test_a_bare_free_is_qualified_by_the_steps(steps: str, note: str | None) -> None:
    method = RawMethod(channel="truc_tiep", time_value=1, time_unit="ngày", fee_text="Miễn phí")
    (channel,) = read_channels([method], steps, flagged=False).channels
    assert (channel.fee_status is FeeStatus.FREE) == (note is None)
    assert [fee.note for fee in channel.fees] == ([note] if note else [])


# ---- times -------------------------------------------------------------------------------------------------


def test_a_longer_limit_for_hard_matters_and_for_remote_places() -> None:
    told = times_in(
        "Thời hạn giải quyết không quá 30 ngày; đối với vụ việc phức tạp thì thời hạn có thể kéo dài hơn "
        "nhưng không quá 45 ngày. Ở vùng sâu, vùng xa đi lại khó khăn thì không quá 45 ngày; đối với vụ việc "
        "phức tạp thì có thể kéo dài hơn nhưng không quá 60 ngày."
    )
    rules = time_rules()
    both = f"{rules.remote}, {rules.extended.lower()}"
    assert [(t.case, t.value) for t in told][1:] == [
        (rules.extended, 45),
        (rules.remote, 45),
        (both, 60),
    ]


def test_the_second_limit_of_a_sentence_is_kept() -> None:
    read = read_times(9, "ngày", "9 ngày làm việc (hoặc 7 ngày làm việc đối với nhà ở riêng lẻ)")
    assert [(t.case, t.value, t.unit) for t in read.times] == [
        (None, 9, "working_day"),
        ("Nhà ở riêng lẻ", 7, "working_day"),
    ]


def test_the_stages_of_a_brief_note() -> None:
    method = ExtraMethod(
        channel="truc_tiep",
        time_value=12,
        time_unit="ngày làm việc",
        time_note="Gồm cấp xã 5 ngày làm việc, Sở Mẫu 7 ngày làm việc",
    )
    (channel,) = read_extra_channels([method]).channels
    assert [(t.case, t.value) for t in channel.times] == [(None, 12), ("Cấp xã", 5), ("Sở Mẫu", 7)]


def test_a_case_that_cannot_be_said_is_still_told() -> None:
    long = (
        "thông tin cần xác minh về tổ chức không có trong bất kỳ kho thông tin nào của cơ quan nhà nước "
        "các cấp mà cơ quan đăng ký mẫu được quyền tra cứu trực tiếp"
    )
    told = times_in(f"Không quá 15 ngày với trường hợp {long}.")
    assert [(t.case, t.value) for t in told] == [(time_rules().some_cases, 15)]


@pytest.mark.parametrize(
    ("steps", "values", "told"),
    [
        (
            "Cơ quan tiếp nhận hồ sơ; nếu tiếp nhận hồ sơ sau 15 giờ thì có Phiếu hẹn, trả kết quả trong "
            "ngày làm việc tiếp theo.",
            [1],
            [(None, None, True), (1, "working_day", False)],
        ),
        (
            "Trong thời hạn 03 ngày làm việc kể từ ngày tiếp nhận hồ sơ, cơ quan mẫu hỏi nơi cũ.",
            [3],
            [(3, "working_day", False)],
        ),
        (
            "Trong thời hạn 03 ngày làm việc kể từ ngày nhận hồ sơ, cơ quan mẫu xem xét và cấp số.",
            [None],
            [(3, "working_day", False)],
        ),
        ("Trong thời hạn 07 ngày làm việc, Giám đốc ký quyết định cấp phép mẫu.", [105], []),
        ("Đến nộp hồ sơ.", [None], []),
    ],
)
def test_times_that_only_the_steps_tell(
    steps: str, values: list[float | None], told: list[tuple[float | None, str | None, bool]]
) -> None:
    assert [(t.value, t.unit, t.immediate) for t in times_of_steps(steps, values)] == told


# ---- papers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (
            "Bản khai mẫu; giấy chứng tử; hồ sơ người có công",
            ["Bản khai mẫu", "Giấy chứng tử", "Hồ sơ người có công"],
        ),
        (
            "Hồ sơ gồm: + Đơn đề nghị mẫu. + Giấy ra viện. + Hóa đơn thu tiền",
            ["Đơn đề nghị mẫu", "Giấy ra viện", "Hóa đơn thu tiền"],
        ),
        (
            "Giấy tờ của xe: Chứng nhận nguồn gốc xe; Chứng từ nộp thuế mẫu",
            ["Giấy tờ của xe: Chứng nhận nguồn gốc xe, Chứng từ nộp thuế mẫu"],
        ),
        (
            "- Phiếu giao nhận: 01 bản chính; - Bảng kê tiền mặt: 02 bản chính;",
            ["Phiếu giao nhận", "Bảng kê tiền mặt"],
        ),
        ("Đơn nêu rõ: tên; địa chỉ; mục đích", ["Đơn nêu rõ: tên"]),
        (
            "Phiếu mẫu do cơ quan lập. Trường hợp chưa có tên thì còn có Tờ khai mẫu; Giấy tờ pháp lý mẫu",
            ["Phiếu mẫu do cơ quan lập"],
        ),
        ("Văn bản ủy quyền; văn bản này phải được công chứng", ["Văn bản ủy quyền"]),
        ("Tờ khai theo Phụ lục I - Danh mục hồ sơ khai thuế", ["Tờ khai"]),
    ],
)
def test_papers_in_a_series_each_stand_for_themselves(row: str, names: list[str]) -> None:
    assert [name.split(" (")[0] for name in names_of(row)] == names


def test_a_condition_behind_two_papers_may_hold_for_either() -> None:
    row = "Quyết định mẫu; chứng từ nộp phạt đối với trường hợp chậm đăng ký mẫu"
    assert {paper.when for paper in papers_of(RawDocument(name=row, originals=1))} == {"nếu chậm đăng ký mẫu"}


def test_a_case_before_a_series_holds_for_each() -> None:
    row = "Đối với dự án có nhà: Giấy chứng nhận mẫu; giấy phép xây dựng"
    assert [(p.name, p.when) for p in papers_of(RawDocument(name=row, originals=1))] == [
        ("Giấy chứng nhận mẫu", "đối với dự án có nhà"),
        ("Giấy phép xây dựng", "đối với dự án có nhà"),
    ]


def test_one_or_several_of_a_list_are_alternatives() -> None:
    row = "Một hoặc một số giấy tờ sau: + Quyết định mẫu; + Lý lịch quân nhân; + Sổ bảo hiểm xã hội"
    (paper,) = papers_of(RawDocument(name=row, originals=1))
    assert (paper.name, paper.alternatives) == ("Quyết định mẫu", ("Lý lịch quân nhân", "Sổ bảo hiểm xã hội"))


@pytest.mark.parametrize(
    "group",
    [
        "1.1 người quản lý (một trong các giấy tờ)",
        "Một trong các giấy tờ: người quản lý",
        "Người quản lý (chọn một trong)",
    ],
)
def test_a_group_of_options_is_one_paper_with_alternatives(group: str) -> None:
    rows = [RawDocument(name=name, group=group, originals=1) for name in ("Điều lệ mẫu", "Giấy phép mẫu")]
    (case,) = read_documents(rows).cases
    assert (case.case, len(case.items), case.items[0].alternatives) == (
        "Người quản lý",
        1,
        ("Giấy phép mẫu",),
    )
    assert case_of(group) == "Người quản lý"


def test_what_goes_with_a_transcribed_paper_is_kept() -> None:
    title = "Bản khai của đại diện thân nhân (kèm biên bản ủy quyền) hoặc người tổ chức mai táng"
    (paper,) = papers_of(RawDocument(name=title, originals=1, brief=True))
    assert paper.name == title
    (joined,) = papers_of(RawDocument(name=f"{title}; giấy chứng tử", originals=1, brief=True))
    assert joined.name == f"{title}; giấy chứng tử"


def test_what_sets_an_option_apart_is_told_with_it() -> None:
    rows = [
        RawDocument(name="Giấy xác nhận mẫu", group="Một trong các giấy tờ sau:", originals=1),
        RawDocument(name="Giấy ra viện mẫu", group="Một trong các giấy tờ sau:", originals=1, copies=1),
        RawDocument(name="Bản trích lục (Mẫu số 44)", group="Một trong các giấy tờ sau:", originals=1),
    ]
    (paper,) = papers_of(*rows)
    assert paper.alternatives == ("Giấy ra viện mẫu (bản chính hoặc bản sao)", "Bản trích lục (Mẫu số 44)")


def test_papers_of_an_office_are_not_told_apart() -> None:
    row = RawDocument(
        name="Biên bản họp mẫu; biên bản kiểm tra mẫu",
        group="Hồ sơ do cơ quan mẫu trình Chủ tịch",
        originals=1,
    )
    assert [paper.name for paper in papers_of(row)] == ["Biên bản họp mẫu"]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (
            "người quy định tại điểm a khoản 4 Điều 20 Luật Cư trú",
            "nếu thuộc điểm a khoản 4 Điều 20 Luật Cư trú",
        ),
        (
            "trường hợp quy định tại khoản 2 Điều 7 của Nghị định số 12/2024/NĐ-CP ngày 05/02/2024",
            "nếu thuộc khoản 2 Điều 7 Nghị định 12/2024/NĐ-CP",
        ),
        ("không có chứng cứ chứng minh quan hệ cha, mẹ, con nêu trên", "nếu không có chứng cứ đã nêu"),
    ],
)
def test_a_condition_names_its_law_rather_than_nothing(text: str, when: str) -> None:
    assert when_of(text) == when
