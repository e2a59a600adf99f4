"""Each format read from a small invented sample: what the build and the wording get."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from procedures_kb.build.records import record_of
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.detect import read_file
from procedures_kb.importers.page_text import raw_of
from procedures_kb.model import Flag
from tests.procedures_kb.importers import making

TODAY = date(2026, 11, 22)


def _one(file: Path) -> Imported:
    (found,) = read_file(file, TODAY)
    assert isinstance(found, Imported), found
    return found


def _refusal(file: Path) -> Refused:
    (found,) = read_file(file, TODAY)
    assert isinstance(found, Refused), found
    return found


def test_api_detail_gives_facts_wording_and_its_own_date(tmp_path: Path) -> None:
    found = _one(making.written(tmp_path / "one.json", making.api()))
    assert (found.format, found.code, found.updated) == (Format.API_DETAIL, making.CODE, date(2026, 4, 10))
    assert found.detail is not None and found.wording is not None
    online, counter = found.detail.methods
    assert (online.channel, online.time_value, online.time_unit) == ("truc_tuyen", 3, "Ngày làm việc")
    assert (counter.channel, counter.time_value, counter.time_unit) == (
        "truc_tiep",
        5,
        None,
    )  # OTHER: no unit
    assert online.fee_text == "Miễn phí(10.000 đồng/con)" and found.detail.fee_conflict
    assert [(d.group, d.name, d.form_file, d.originals, d.copies) for d in found.detail.documents] == [
        ("Lần đầu", "Đơn đăng ký nuôi mèo", "mau-01.docx", 1, 0),
        ("Lần đầu", "Ảnh của mèo", None, 0, 2),
    ]
    assert len(found.detail.legal) == 1, "the portal repeats its legal texts"
    assert found.detail.retrieved == found.wording.taken == date(2026, 4, 10)
    assert found.wording.steps == "Bước 1\nChủ mèo nộp hồ sơ."
    assert found.wording.papers[1].copies == 2


def test_a_contradicted_fee_is_never_free(tmp_path: Path) -> None:
    found = _one(making.written(tmp_path / "one.json", making.api()))
    record = record_of(found.code, found.detail, None, None)
    assert record.has(Flag.FEE_CONFLICT)
    assert "free" not in {channel.fee_status.value for channel in record.channels}


@pytest.mark.parametrize(
    ("fee", "text", "conflict"),
    [
        ({"value": 0}, "Miễn phí", False),
        ({"value": 0, "description": "Không quy định"}, "Miễn phí(Không quy định)", False),
        (
            {"value": 0, "description": "Theo Thông tư 1/2024/TT-BTC"},
            "Miễn phí(Theo Thông tư 1/2024/TT-BTC)",
            True,
        ),
        ({"value": 50000, "currencyName": "VNĐ"}, "50,000 Việt Nam Đồng", False),
        ({"value": 25.5, "currencyName": "USD", "description": "một lần"}, "25.5 USD(một lần)", False),
        ({"value": None}, None, False),
    ],
)
def test_fees_of_the_api(tmp_path: Path, fee: object, text: str | None, conflict: bool) -> None:
    method = {"submissionMethod": "DIRECT", "processingTime": 1, "processingTimeUnit": "DAY", "fees": [fee]}
    found = _one(making.written(tmp_path / "one.json", making.api(executionMethods=[method])))
    assert found.detail is not None
    assert found.detail.methods[0].fee_text == text
    assert found.detail.fee_conflict is conflict


def test_api_envelope_array_and_lines(tmp_path: Path) -> None:
    two = [making.api(), making.api("9.000002")]
    files = [
        making.written(tmp_path / "envelope.json", making.envelope(making.api())),
        making.written(tmp_path / "array.json", [making.envelope(one) for one in two]),
        tmp_path / "lines.jsonl",
    ]
    files[2].write_text("\n".join(json.dumps(one) for one in two) + "\n", "utf-8")
    codes = [[found.code for found in read_file(file, TODAY)] for file in files]
    assert codes == [["9.000001"], ["9.000001", "9.000002"], ["9.000001", "9.000002"]]


def test_one_bad_record_does_not_hide_the_others(tmp_path: Path) -> None:
    lines = [
        json.dumps(making.api()),
        '{"code": "9.000002", "executionMethods": ',
        json.dumps(making.api("9.000003")),
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    found = list(read_file(file, TODAY))
    assert [type(one) for one in found] == [Imported, Refused, Imported]
    assert found[1].file.endswith("lines.jsonl:2")


def test_an_error_of_the_api_is_told(tmp_path: Path) -> None:
    file = making.written(tmp_path / "one.json", {"code": "NOT_FOUND", "message": "no such id", "data": None})
    assert "the portal answered without a record (no such id)" in _refusal(file).reason


def test_a_page_of_the_list_says_what_to_do(tmp_path: Path) -> None:
    file = making.written(tmp_path / "list.json", making.envelope({"items": [], "lastId": "x", "total": 0}))
    assert "troly kb sync" in _refusal(file).reason


@pytest.mark.parametrize("changes", [{"isInternal": True}, {"type": "STANDARD_INTERNAL"}])
def test_internal_procedures_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    assert "internal" in _refusal(making.written(tmp_path / "one.json", making.api(**changes))).reason


def test_a_regulation_of_one_place_is_marked(tmp_path: Path) -> None:
    record = making.api(type="LOCAL_REGULATION", departmentPromulgateName="UBND tỉnh Lai Châu")
    found = _one(making.written(tmp_path / "one.json", record))
    assert found.province == "Lai Châu"
    assert found.detail is not None and found.detail.local_specific


def test_a_date_that_cannot_be_is_not_believed(tmp_path: Path) -> None:
    for value in (9e18, -5, 0, None):
        found = _one(making.written(tmp_path / "one.json", making.api(updatedAt=value)))
        assert found.updated is None
        assert found.wording is not None and found.wording.taken == TODAY


@pytest.mark.parametrize(
    ("suffix", "province", "local"),
    [
        (".000.00.00.H56", "Thanh Hóa", True),
        (".000.00.00.H49", "Quảng Ninh", True),
        (".000.00.00.H99", "mã H99", True),
        (".000.00.00.G15", None, False),
        ("", None, False),
    ],
)
def test_lgsp_tells_whose_version_it_is(
    tmp_path: Path, suffix: str, province: str | None, local: bool
) -> None:
    found = _one(making.written(tmp_path / "one.json", making.lgsp(making.CODE + suffix)))
    assert (found.format, found.code, found.province) == (Format.LGSP, making.CODE, province)
    assert found.detail is not None and found.detail.local_specific is local
    assert found.detail.methods[0].fee_text == "10,000 Việt Nam Đồng(mỗi con)"
    assert found.detail.levels == ["Cấp xã"]


def test_lgsp_errors_are_told(tmp_path: Path) -> None:
    file = making.written(tmp_path / "one.json", {"result": [], "error_code": "-5"})
    assert "error -5" in _refusal(file).reason
    file = making.written(tmp_path / "odd.json", {"result": [], "error_code": [1]})
    assert "error [1]" in _refusal(file).reason
    file = making.written(tmp_path / "two.json", {"result": [], "error_code": "0"})
    assert "without a procedure" in _refusal(file).reason


def test_excel_header_is_found_by_its_names(tmp_path: Path) -> None:
    header = ["STT", "Lĩnh vực", "Tên", "Mã số", "Cơ quan thực hiện", "Cơ quan ban hành"]
    rows = [
        [
            1,
            "Vật nuôi",
            f" {making.NAME} ",
            making.CODE,
            "Ủy ban nhân dân cấp xã\nSở Vật nuôi",
            "Bộ Vật nuôi",
        ],
        [2, "Vật nuôi", "Nội bộ", "6.000001", "Vụ Vật nuôi", "Bộ Vật nuôi"],
        [None, None, None, None, None, None],
        [3, "Vật nuôi", "Không mã", "không có", "Cơ sở nuôi mèo", "Bộ Vật nuôi"],
    ]
    found = list(read_file(making.excel(tmp_path / "list.bin", rows, header), TODAY))
    assert [type(one) for one in found] == [Imported, Refused, Refused]
    assert isinstance(found[0], Imported) and found[0].row is not None
    assert found[0].row.model_dump() == {
        "code": making.CODE,
        "level": "TX",
        "field": "Vật nuôi",
        "ministry": "Bộ Vật nuôi",
        "name": making.NAME,
        "id": "",
    }
    assert isinstance(found[1], Refused) and "internal" in found[1].reason
    assert isinstance(found[2], Refused) and found[2].file.endswith(":6") and "không có" in found[2].reason


def test_excel_without_the_header_is_refused(tmp_path: Path) -> None:
    file = making.excel(tmp_path / "list.xlsx", [["a", "b"]], ["Một", "Hai"])
    assert "header row" in _refusal(file).reason


def test_pdf_rows_over_pages_titles_and_blank_quantities(tmp_path: Path) -> None:
    found = _one(making.pdf(tmp_path / f"x-{making.CODE}.pdf"))
    assert found.format is Format.PDF_DETAIL and found.detail is not None and found.wording is not None
    case = "Trường hợp 1: Lần đầu"
    assert [(d.group, d.name, d.form_file, d.originals, d.copies) for d in found.detail.documents] == [
        (case, "Đơn đăng ký nuôi mèo", "mau-01.docx", 1, 0),
        (case, "Lưu ý: không cần ảnh.", None, 0, 0),
        (case, "Giấy tiêm phòng của mèo nuôi", None, 1, 0),
        (case, "Ảnh của mèo", None, 1, 2),
    ]
    assert found.detail.levels == ["Cấp xã", "Cấp tỉnh"]
    assert [(m.channel, m.time_value, m.fee_text) for m in found.detail.methods] == [
        ("truc_tiep", 3, "10.000 VNĐ"),
        ("truc_tuyen", None, "Miễn phí"),
    ]
    assert found.detail.steps == "- Chủ mèo nộp hồ sơ.\n- Cán bộ trả kết quả."
    assert [(r.name, r.code) for r in found.detail.results] == [("Giấy chứng nhận nuôi mèo", "KQ.X01.000001")]
    assert found.wording.taken == date(2026, 7, 17)


def test_page_text_is_cut_where_nothing_stands_between(tmp_path: Path) -> None:
    found = _one(making.written(tmp_path / "one.json", making.page_json()))
    raw = found.detail
    assert raw is not None and raw.uuid == "019d2bf7-0000-75ce-b319-7b31d19fb35f"
    assert raw.levels == ["Cấp tỉnh", "Cấp xã"] and raw.field == "Vật nuôi"
    assert [(m.channel, m.time_value, m.time_unit, m.fee_text, m.description) for m in raw.methods] == [
        ("truc_tiep", 3, "Ngày làm việc", "10,000 Việt Nam Đồng(10.000 đồng/con)", "Nộp trực tiếp tại xã."),
        ("truc_tuyen", 1, None, "Miễn phí(Miễn (một phần) 5.000 đồng)", None),
        ("buu_chinh", 2, "Ngày", None, None),
    ]
    assert raw.fee_conflict
    assert [(d.group, d.name, d.form_file, d.originals, d.copies) for d in raw.documents] == [
        ("Lần đầu", "Đơn đăng ký nuôi mèo theo Mẫu số 01", None, 1, 0),
        ("Lần đầu", "Ảnh của mèoanh-meo.docx", None, 0, 2),
        ("Lần đầu", "Tờ khai theo Nghị định số 1/2024/NĐ-CP", "Mẫu tờ khai.docx", 1, 0),
        ("Bị mất", "- Đơn xin cấp lại;", None, 1, 0),
    ]
    assert [(t.name, t.code) for t in raw.legal] == [
        ("Luật Mèo số 01/2024/QH15", "01/2024/QH15"),
        ("quy định chi tiết Luật Mèo", "2/2025/NĐ-CP"),
        ("Luật Vật nuôi 2020", "68/2020/QH14"),
    ]
    assert [(r.name, r.code) for r in raw.results] == [("Giấy chứng nhận nuôi mèo", "KQ.X01.000001")]


@pytest.mark.parametrize(
    ("decision", "ministry"),
    [("163/QĐ-BTP", "Bộ Tư pháp"), ("1523/QĐ-BCA-C06", "Bộ Công an"), ("52/2026/QĐ-UBND", None), ("5", None)],
)
def test_the_decision_names_the_ministry(decision: str, ministry: str | None) -> None:
    assert raw_of(making.page().replace("01/QĐ-MEO", decision)).ministry == ministry


def test_page_text_as_plain_text(tmp_path: Path) -> None:
    file = tmp_path / f"{making.CODE}.txt"
    file.write_text(making.page(), "utf-8")
    assert _one(file).code == making.CODE


def test_a_time_glued_to_its_fee_is_told_by_the_note() -> None:
    text = making.page().replace(
        "Trực tuyến1Miễn phí(Miễn (một phần) 5.000 đồng)", "Trực tuyến150,000 Việt Nam Đồng(50.000 đồng)"
    )
    online = next(m for m in raw_of(text).methods if m.channel == "truc_tuyen")
    assert (online.time_value, online.fee_text) == (1, "50,000 Việt Nam Đồng(50.000 đồng)")


def test_combining_marks_and_odd_spaces_are_repaired(tmp_path: Path) -> None:
    name = "Thu\u0309 tuc\u0323 đăng\u00a0ký\u200b nuôi  mèo"
    found = _one(making.written(tmp_path / "one.json", making.api(name=name)))
    assert found.detail is not None and found.detail.name == "Thủ tục đăng ký nuôi mèo"
