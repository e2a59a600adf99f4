"""What the derived phrases must not do: break off, lose their verb, hide their case."""

from __future__ import annotations

import pytest

from procedures_kb.build.conditions import read_conditions
from procedures_kb.build.fees import fees_in, is_past
from procedures_kb.build.legal import legal_texts
from procedures_kb.build.papers import read_documents
from procedures_kb.build.phrases import hangs, is_fragment, phrase
from procedures_kb.build.reading import RawDocument, RawNamed
from procedures_kb.build.steps import read_steps
from procedures_kb.build.times import joined, read_times
from procedures_kb.build.whens import when_of
from procedures_kb.model import DocumentKind, ProcessingTime

VAGUE = "nếu thuộc trường hợp phải nộp"


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
        ("quy định tại khoản 4 Điều 45 Luật Mẫu", "nếu thuộc khoản 4 Điều 45 Luật Mẫu"),
        ("quy định tại khoản 4 Điều 45", "nếu thuộc trường hợp phải nộp"),
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


def when_in(row: str) -> str | None:
    return read_documents([RawDocument(name=row, originals=1)]).cases[0].items[0].when


@pytest.mark.parametrize(
    ("row", "when"),
    [
        ("Giấy khám mẫu (trừ người có giấy hạng A1, A, B1)", "trừ người có giấy hạng A1, A, B1"),
        ("Giấy khám mẫu, trừ trường hợp đã có kết quả", "trừ trường hợp đã có kết quả"),
        ("Giấy mẫu, trừ trường hợp quy định tại khoản 2 Điều 35 Nghị định 99", "trừ một số trường hợp"),
        (
            "Tờ khai mẫu, trong đó ghi rõ ý kiến đồng ý của chủ hộ, trừ trường hợp đã có ý kiến bằng văn bản",
            None,
        ),
        (
            "Tờ khai mẫu, trong đó có cam đoan (nếu người yêu cầu nộp hồ sơ theo hình thức trực tiếp)",
            "khi nộp trực tiếp",
        ),
        (
            "Biên bản họp đối với trường hợp hộ kinh doanh do nhóm cá nhân thành lập trước ngày Nghị định số "
            "168/2025/NĐ-CP có hiệu lực thi hành và còn đang hoạt động",
            VAGUE,
        ),
        (
            "Văn bản ủy quyền đối với trường hợp hộ kinh doanh do các thành viên hộ gia đình đăng ký "
            "thành lập",
            "đối với hộ kinh doanh do các thành viên hộ gia đình đăng ký thành lập",
        ),
        ("Văn bản ủy quyền yêu cầu cấp giấy mẫu", "nếu ủy quyền"),
        ("Tờ khai mẫu (Dùng cho người nước ngoài)", "đối với người nước ngoài"),
        ("Quyết định mẫu; chứng từ nộp phạt đối với trường hợp quy định tại điểm a khoản 6 Điều 25", VAGUE),
    ],
)
def test_conditions_are_never_inverted_nor_widened(row: str, when: str | None) -> None:
    assert when_in(row) == when


def test_a_condition_told_in_another_row_reaches_its_paper() -> None:
    rows = [
        RawDocument(name="Phiếu thu thập mẫu (mẫu DC01)", originals=1),
        RawDocument(
            name="Phiếu CC01 in ra để ký.Trường hợp công dân chưa có dữ liệu mẫu thì hồ sơ còn có Phiếu "
            "thu thập mẫu (mẫu DC01)",
            originals=1,
        ),
    ]
    told = {p.name: (p.when, p.form) for p in read_documents(rows).cases[0].items}
    assert told["Phiếu thu thập mẫu"] == ("nếu công dân chưa có dữ liệu mẫu", "Mẫu số DC01")
    assert told["Phiếu CC01 in ra để ký"] == (None, None)


def test_a_letter_that_must_be_certified_says_so() -> None:
    row = (
        "Văn bản ủy quyền của các thành viên cho một người. "
        "Văn bản ủy quyền này phải được công chứng hoặc chứng thực."
    )
    paper = read_documents([RawDocument(name=row, copies=1)]).cases[0].items[0]
    assert paper.name.endswith("(công chứng hoặc chứng thực)")
    free = row.replace("phải được", "không bắt buộc phải")
    assert "chứng thực" not in read_documents([RawDocument(name=free, copies=1)]).cases[0].items[0].name


def test_a_limit_keeps_its_case_or_is_left_out() -> None:
    text = (
        "Trường hợp tờ tiền bị cháy, thủng thì diện tích còn lại phải bằng hoặc lớn hơn 60% tờ cùng loại\n"
        "Đối với tiền mẫu bị biến dạng do tiếp xúc với nguồn nhiệt cao thì diện tích còn lại tối thiểu phải "
        "bằng 30%\n"
        "Trường hợp người đứng đơn là người chưa kết hôn hoặc được xác nhận là độc thân đang nuôi con nhỏ "
        "thì có thu nhập bình quân hàng tháng thực nhận không quá 30 triệu đồng theo bảng lương"
    )
    told = [(c.about, c.limit) for c in read_conditions(text, [])]
    assert ("Trường hợp tờ tiền bị cháy, thủng thì diện tích còn lại", "bằng hoặc lớn hơn 60%") in told
    assert all("mẫu" in about for about, limit in told if limit and "30%" in limit)
    assert not [limit for _, limit in told if limit and "triệu" in limit]


def test_a_statement_with_an_exception_tells_of_it() -> None:
    (condition,) = read_conditions(
        "Giấy tờ nước ngoài phải hợp pháp hóa lãnh sự trừ giấy tờ của nước đã cùng Việt Nam ký điều ước "
        "quốc tế mẫu hoặc theo nguyên tắc có đi có lại",
        [],
    )
    assert condition.about == "Giấy tờ nước ngoài phải hợp pháp hóa lãnh sự, trừ một số trường hợp"


def test_the_office_that_a_dossier_goes_to_does_not_hide_the_citizens_deadline() -> None:
    text = (
        "Trường hợp tạm ngừng kinh doanh, hộ kinh doanh gửi hồ sơ mẫu đến Cơ quan đăng ký kinh doanh "
        "nơi có trụ sở chậm nhất là 03 ngày làm việc trước ngày tạm ngừng kinh doanh "
        "hoặc tiếp tục kinh doanh trước thời hạn."
    )
    (condition,) = read_conditions(None, [text])
    assert condition.about == "Gửi hồ sơ mẫu"
    assert condition.limit == "chậm nhất là 03 ngày làm việc trước ngày tạm ngừng kinh doanh"
    assert read_conditions(None, ["Cơ quan mẫu gửi kết quả đến Cơ quan thuế trong 03 ngày làm việc."]) == ()
