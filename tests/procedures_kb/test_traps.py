"""Each trap is seen in the record itself, also where its flag is missing."""

from __future__ import annotations

from typing import Any

import pytest

from procedures_kb import centres
from procedures_kb.catalogue import load
from procedures_kb.model import Procedure
from procedures_kb.trap_detectors import trap_rules
from procedures_kb.traps import TRAPS, BrokenTraps, Surroundings, TrapCount, find_traps
from tests.factories import SOURCE, birth, procedure

CENTRES = centres.load()
PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"


def channel(**values: Any) -> dict[str, Any]:
    return {"channels": [{"how": "counter", **values}]}


def paper(name: str, **values: Any) -> dict[str, Any]:
    return {"documents": [{"items": [{"name": name, "originals": 1, **values}]}]}


def at(page: int) -> dict[str, Any]:
    """Return a page of its own: records of the factory share one."""
    return {"source": {**SOURCE, "url": f"{PAGE}{page}"}}


def open_traps(*records: Procedure) -> list[tuple[int, str]]:
    """Return number and code of each trap that the records leave open."""
    _, findings = find_traps(Surroundings(records, CENTRES))
    return [(finding.trap.number, finding.code) for finding in findings]


@pytest.mark.parametrize(
    ("number", "flag", "values"),
    [
        (1, "fee_conflict", channel(fee_status="conflicting")),
        (1, "fee_conflict", channel(fee_status="free", fees=[{"amount": 50000}])),
        (1, "fee_conflict", channel(fee_status="free", fees=[{"note": "mỗi bản 8.000 đồng"}])),
        (1, "fee_conflict", channel(fee_status="varies", fees=[{"amount": 0}, {"amount": 70000}])),
        (3, "time_unclear", channel(times=[{"value": 15}])),
        (3, "time_unclear", channel(times=[{"unit": "day"}])),
        (3, "time_unclear", channel(times=[{"value": 1500, "unit": "day"}])),
        (3, "time_unclear", channel(times=[{"value": 300, "unit": "day"}], fees=[{"amount": 300}])),
        (5, "local_version", {"decision": "12/QĐ-UBND"}),
        (5, "local_version", {"name": "Hỗ trợ người dân tỉnh Nghệ An"}),
        (5, "local_version", paper("Tờ khai của thành phố Hải Phòng")),
        (5, "local_version", {"steps": [{"actor": "Sở Y tế tỉnh Lào Cai", "act": "trả kết quả"}]}),
        (6, "district_level", {"agency": "Ủy ban nhân dân cấp huyện"}),
        (6, "district_level", paper("Xác nhận của Ủy ban nhân dân cấp huyện")),
        (6, "district_level", {"conditions": [{"about": "Có phòng khám cấp huyện trở lên"}]}),
        (6, "district_level", {"steps": [{"actor": "Phòng Tư pháp", "act": "nhận hồ sơ"}]}),
        (8, "long_name", {"name": "Cấp giấy " + "rất dài " * 10, "family": "cap giay"}),
        (9, "agency_elsewhere", {"agency": "Sở Xây dựng tỉnh Bắc Ninh"}),
        (9, "agency_elsewhere", {"agency": "Sở Xây dựng, Sở Giao thông công chánh - TP.HCM"}),
        (9, "agency_elsewhere", {"agency": "Văn phòng đăng ký đất đai Bắc Ninh"}),
        (9, "agency_elsewhere", {"agency": "Không có thông tin"}),
    ],
)
def test_a_missing_flag_is_found_and_the_flag_cures_it(
    number: int, flag: str, values: dict[str, Any]
) -> None:
    assert open_traps(procedure(**values)) == [(number, "1.000001")]
    assert open_traps(procedure(flags=[flag], **values)) == []


@pytest.mark.parametrize(
    "values",
    [
        channel(fee_status="free"),
        channel(fee_status="free", fees=[{"note": "không thu"}]),
        channel(fee_status="paid", fees=[{"amount": 8000}], times=[{"value": 5, "unit": "working_day"}]),
        channel(times=[{"immediate": True}, {"value": 176, "unit": "hour"}]),
        {"name": "Đăng ký khai sinh ở tỉnh Thanh Hóa"},
        {"agency": "Sở Xây dựng tỉnh Thanh Hóa"},
        {"agency": "Bộ Tư lệnh Thủ đô Hà Nội, Bộ chỉ huy quân sự cấp tỉnh"},
        {"name": "Giải quyết khiếu nại ở Bộ Tư lệnh thành phố Hồ Chí Minh", "family": "khieu nai"},
        {"legal_basis": [{"number": "1/2020/QĐ", "title": "Quy chế của Ủy ban nhân dân cấp huyện"}]},
        {"decision": "1872/QĐ-BTP"},
        paper("Văn bản cam kết chịu trách nhiệm"),
        paper("Bản sao – bản “điện tử” 2 m², góc 30°, µg, CO₂"),
    ],
)
def test_what_only_looks_like_a_trap_is_let_be(values: dict[str, Any]) -> None:
    assert open_traps(procedure(**values)) == []


def test_a_plain_record_has_no_trap() -> None:
    assert open_traps(birth()) == []


@pytest.mark.parametrize("name", ["Lưu ý: nộp vào buổi sáng", "Xuất trình sổ của gia đình", "Ghi chú chung"])
def test_a_note_among_the_papers_is_found_whatever_the_flags(name: str) -> None:
    assert open_traps(procedure(flags=["source_repaired"], **paper(name))) == [(4, "1.000001")]
    for kind in ("show", "note"):
        assert open_traps(procedure(**paper(name, kind=kind))) == []


@pytest.mark.parametrize(
    "name",
    [
        "Thủ tuc\u0323 mẫu",
        "Giấy\u00a0mẫu",
        "Giấy\u200b mẫu",
        "đã đƣợc cấp",
        "\uf0d8 Trường hợp mẫu",
        "Giấy hoà giải",
    ],
    ids=["loose mark", "hard space", "invisible", "lent letter", "private bullet", "other tone place"],
)
def test_a_character_that_was_not_repaired_is_found_also_in_a_repaired_record(name: str) -> None:
    assert open_traps(procedure(flags=["source_repaired"], **paper(name))) == [(10, "1.000001")]


def test_two_detailed_records_of_one_page_are_found() -> None:
    source = {**SOURCE, "url": f"{PAGE}abc"}
    first, second = procedure(source=source), procedure("1.000002", "Đăng ký kết hôn", source=source)
    assert open_traps(first, second) == [(2, "1.000001"), (2, "1.000002")]
    bare = procedure("1.000002", "Đăng ký kết hôn", source=source, detail="name_only", flags=["wrong_page"])
    assert open_traps(first, bare) == []
    assert open_traps(procedure(flags=["wrong_page"])) == [(2, "1.000001")]


def test_level_twins_are_found_by_family_and_by_name() -> None:
    one = procedure("1.000003", "Cấp giấy phép biểu diễn (cấp xã)", family="a")
    other = procedure("1.000004", "Cấp giấy phép biểu diễn (cấp tỉnh)", family="b", **at(2))
    assert open_traps(one, other) == [(7, "1.000003"), (7, "1.000004")]
    same = procedure("1.000005", "Cấp thẻ", family="a", **at(3))
    assert open_traps(one, same) == [(7, "1.000003"), (7, "1.000005")]
    local = procedure("1.000004", other.name, family="a", flags=["local_version"], **at(4))
    assert open_traps(one, local) == []


def test_the_counts_tell_detected_flagged_and_unflagged() -> None:
    records = (
        procedure("1.000001", flags=["district_level"], agency="Ủy ban nhân dân cấp huyện"),
        procedure("1.000002", "Đăng ký kết hôn", agency="Ủy ban nhân dân cấp huyện", **at(2)),
        procedure("1.000003", "Cấp thẻ", flags=["district_level"], **at(3)),
    )
    counts, findings = find_traps(Surroundings(records, CENTRES))
    assert [count.trap.number for count in counts] == list(range(1, 11))
    assert counts[5] == TrapCount(TRAPS[5], detected=3, flagged=2, unflagged=1)
    assert (
        findings[0].reason == "trap 6, district_level: names the district level: 'Ủy ban nhân dân cấp huyện'"
    )


def test_broken_rules_are_named(tmp_path: Any) -> None:
    file = tmp_path / "traps.yaml"
    file.write_text("national: 3", encoding="utf-8")
    with pytest.raises(BrokenTraps, match=r"traps\.yaml: national"):
        trap_rules(file)


# ---- the shipped catalogue ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counts() -> dict[int, TrapCount]:
    found, _ = find_traps(Surroundings(load().procedures, CENTRES))
    return {count.trap.number: count for count in found}


@pytest.mark.parametrize("number", range(1, 11))
def test_no_record_of_the_catalogue_leaves_a_trap_open(counts: dict[int, TrapCount], number: int) -> None:
    assert counts[number].unflagged == 0


@pytest.mark.parametrize(
    ("number", "least"),
    [(1, 196), (2, 17), (3, 300), (4, 150), (5, 78), (6, 60), (7, 218), (8, 2000), (9, 100), (10, 200)],
)
def test_every_trap_is_met_in_the_catalogue(counts: dict[int, TrapCount], number: int, least: int) -> None:
    """As often as reference/portal.md counted it; fewer where the derivation has removed the trap."""
    assert counts[number].detected >= least
