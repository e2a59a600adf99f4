"""The build on invented samples: the merge, each trap of the portal, and what a failing build leaves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from procedures_kb.build import build
from procedures_kb.build.channels import online_level
from procedures_kb.build.reading import BadSource, SourceMissing
from procedures_kb.catalogue import Catalogue, load
from procedures_kb.check import check
from procedures_kb.model import (
    Applies,
    Detail,
    DocumentKind,
    Entry,
    FeeStatus,
    Flag,
    How,
    Level,
    OnlineLevel,
    Paper,
)

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    out = tmp_path_factory.mktemp("kb") / "catalogue"
    build(SAMPLES, out)
    return load(out)


def papers(catalogue: Catalogue, code: str) -> list[Paper]:
    return [paper for case in catalogue.by_code[code].documents for paper in case.items]


def named(catalogue: Catalogue, start: str) -> Paper:
    return next(p for p in papers(catalogue, "1.900001") if p.name.startswith(start))


def test_sources_are_merged_on_code_and_internal_ones_left_out(catalogue: Catalogue) -> None:
    assert [p.code for p in catalogue if p.code[0] in "56"] == []
    assert len(catalogue) == 9
    assert {p.code for p in catalogue if p.detail is Detail.NAME_ONLY} == {"1.900004", "1.900012"}


def test_the_list_gives_applicability_and_the_newer_name(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900001"]
    assert record.applies is Applies.YES
    assert "mới" in record.name
    assert catalogue.by_code["1.900002"].applies is Applies.UNKNOWN
    assert catalogue.by_code["1.900012"].levels == (Level.COMMUNE, Level.PROVINCE)


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    build(SAMPLES, tmp_path / "a")
    build(SAMPLES, tmp_path / "b")
    first = {f.name: f.read_bytes() for f in (tmp_path / "a").iterdir()}
    assert first == {f.name: f.read_bytes() for f in (tmp_path / "b").iterdir()}


def test_the_built_samples_pass_the_check(tmp_path: Path) -> None:
    build(SAMPLES, tmp_path / "kb")
    assert check(tmp_path / "kb").problems == ()


def test_a_failing_build_leaves_the_old_files(tmp_path: Path) -> None:
    out = tmp_path / "kb"
    build(SAMPLES, out)
    before = {f.name: f.read_bytes() for f in out.iterdir()}
    broken = tmp_path / "broken"
    shutil.copytree(SAMPLES, broken)
    (broken / "details_extra.jsonl").write_text("{no json", encoding="utf-8")
    with pytest.raises(BadSource, match=r"details_extra\.jsonl:1"):
        build(broken, out)
    with pytest.raises(SourceMissing, match="merged_procedures"):
        build(tmp_path / "nowhere", out)
    assert before == {f.name: f.read_bytes() for f in out.iterdir()}


def test_trap_1_free_is_never_said_against_a_note(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900001"]
    assert record.has(Flag.FEE_CONFLICT)
    assert all(channel.fee_status is not FeeStatus.FREE for channel in record.channels)
    amounts = {fee.amount: fee for fee in record.channels[0].fees}
    assert set(amounts) == {50000, 30000}
    assert str(amounts[30000].valid_to) == "2026-12-31"
    assert amounts[50000].case == "Cấp mới"
    assert amounts[50000].unit == "giấy"


def test_trap_1_an_amount_left_to_the_province_varies(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900003"]
    assert record.channels[0].fee_status is FeeStatus.VARIES
    assert record.has(Flag.FEE_CONFLICT)
    assert record.channels[0].fees[0].note == "do Hội đồng nhân dân cấp tỉnh quyết định"


def test_an_unopposed_free_is_believed(catalogue: Catalogue) -> None:
    assert catalogue.by_code["1.900005"].channels[0].fee_status is FeeStatus.FREE


def test_trap_2_a_wrong_page_keeps_only_its_name(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900004"]
    assert record.has(Flag.WRONG_PAGE)
    assert record.detail is Detail.NAME_ONLY
    assert not record.channels


def test_trap_3_a_value_without_unit_is_not_a_time(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900002"]
    assert record.has(Flag.TIME_UNCLEAR)
    assert all(time.value != 120 for time in record.channels[0].times)
    assert [fee.amount for fee in record.channels[0].fees] == [20000]


def test_times_keep_their_cases_and_immediacy(catalogue: Catalogue) -> None:
    times = catalogue.by_code["1.900001"].channels[0].times
    assert [(t.value, t.unit, t.case) for t in times] == [
        (5, "working_day", None),
        (8, "working_day", "Cần xác minh"),
    ]
    assert catalogue.by_code["1.900005"].channels[0].times[0].immediate


def test_trap_4_notes_are_not_papers(catalogue: Catalogue) -> None:
    kinds = {p.kind for p in papers(catalogue, "1.900001") if "tra cứu" in p.name}
    assert kinds <= {DocumentKind.NOTE}
    assert named(catalogue, "Hộ chiếu").kind is DocumentKind.SHOW


def test_a_quantity_run_together_with_a_year_is_repaired(catalogue: Catalogue) -> None:
    paper = named(catalogue, "Tờ khai cấp giấy mẫu")
    assert (paper.originals, paper.copies) == (1, 1)
    assert paper.name == "Tờ khai cấp giấy mẫu"
    assert paper.form == "Mẫu số 03.ĐKV, Thông tư 02/2026/TT-BNNMT"
    assert catalogue.by_code["1.900001"].has(Flag.SOURCE_REPAIRED)


def test_conditions_of_a_paper_become_when_and_case(catalogue: Catalogue) -> None:
    assert named(catalogue, "Văn bản ủy quyền").when == "nếu ủy quyền"
    photo = named(catalogue, "Ảnh chân dung")
    assert (photo.when, photo.originals, photo.form) == ("nếu có", 2, "Mau 13.13.docx")
    cases = [case.case for case in catalogue.by_code["1.900001"].documents]
    assert cases == [None, "Tách thửa"]


def test_a_copy_is_counted_and_its_alternative_kept(catalogue: Catalogue) -> None:
    paper = named(catalogue, "Quyết định thành lập")
    assert paper.copies == 1
    assert paper.alternatives[0].startswith("Giấy chứng nhận đăng ký")


def test_trap_5_and_9_other_provinces_are_flagged(catalogue: Catalogue) -> None:
    assert catalogue.by_code["1.900003"].has(Flag.LOCAL_VERSION)
    assert catalogue.by_code["1.900002"].has(Flag.AGENCY_ELSEWHERE)
    assert catalogue.by_code["1.900005"].has(Flag.AGENCY_ELSEWHERE)


def test_trap_6_the_district_level_is_flagged(catalogue: Catalogue) -> None:
    assert catalogue.by_code["1.900003"].has(Flag.DISTRICT_LEVEL)


def test_trap_7_and_8_twins_share_a_family_and_have_short_names_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(SAMPLES, source)
    (source / "province_list.tsv").write_text("code\tlevel\tfield\tministry\tname\tid\n", encoding="utf-8")
    build(source, tmp_path / "kb")
    catalogue = load(tmp_path / "kb")
    commune, province = catalogue.by_code["1.900001"], catalogue.by_code["1.900002"]
    assert commune.family == province.family
    assert commune.has(Flag.LEVEL_TWIN)
    assert {commune.short_name, province.short_name} == {
        "Cấp giấy xác nhận mẫu (cấp xã)",
        "Cấp giấy xác nhận mẫu (cấp tỉnh)",
    }


def test_a_long_name_is_shortened_at_a_word(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900006"]
    assert record.has(Flag.LONG_NAME)
    assert record.name.startswith("Cấp, cấp lại")
    assert len(record.short_name) <= 60
    assert record.short_name.endswith("dịch vụ")


def test_trap_10_odd_spelling_is_repaired(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900003"]
    assert record.name == "Thủ tục hỗ trợ riêng của một tỉnh"
    assert record.has(Flag.SOURCE_REPAIRED)


def test_conditions_and_deadlines_carry_their_numbers(catalogue: Catalogue) -> None:
    limits = {c.limit for c in catalogue.by_code["1.900001"].conditions}
    assert "từ đủ 18 tuổi trở lên" in limits
    told = [f"{c.about} {c.limit}" for c in catalogue.by_code["1.900001"].conditions]
    assert any("20 tuổi" in line and "18 tuổi" in line for line in told)
    deadlines = " ".join(f"{c.about} {c.limit}" for c in catalogue.by_code["1.900005"].conditions)
    assert "23 giờ" in deadlines
    assert "60 ngày kể từ ngày sinh con" in deadlines


def test_steps_are_ours_with_their_numbers(catalogue: Catalogue) -> None:
    steps = catalogue.by_code["1.900001"].steps
    assert steps[0].act.startswith("Chuẩn bị giấy tờ")
    assert steps[1].act.startswith("Nộp hồ sơ tại Trung tâm Phục vụ hành chính công")
    assert steps[-1].act == "Nhận kết quả"
    assert ("Ủy ban nhân dân cấp xã", "Kiểm tra hồ sơ trong 2 ngày làm việc") in [
        (s.actor, s.act) for s in steps
    ]
    assert any("7 ngày" in s.act for s in catalogue.by_code["1.900005"].steps)


def test_channels_give_the_online_level_and_the_entries(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900001"]
    assert record.online_level is OnlineLevel.ONLINE
    assert record.entries == (Entry.PORTAL, Entry.VNEID, Entry.COUNTER)
    assert catalogue.by_code["1.900002"].online_level is OnlineLevel.NONE
    assert catalogue.by_code["1.900012"].online_level is OnlineLevel.UNKNOWN
    assert [c.how for c in record.channels] == [How.ONLINE, How.COUNTER]


def test_a_title_that_says_so_goes_online_the_whole_way() -> None:
    whole = "Đăng ký xe tạm thời thực hiện bằng dịch vụ công trực tuyến toàn trình"
    assert online_level((How.ONLINE, How.COUNTER), whole) is OnlineLevel.FULL
    assert online_level((How.COUNTER,), whole) is OnlineLevel.NONE
    assert online_level((), whole) is OnlineLevel.UNKNOWN


def test_a_cut_legal_number_gives_way_to_the_full_one(catalogue: Catalogue) -> None:
    assert [x.number for x in catalogue.by_code["1.900001"].legal_basis] == ["61/2014/QH13"]


def test_transcribed_facts_no_fee_is_unknown_and_conflict_is_said(catalogue: Catalogue) -> None:
    record = catalogue.by_code["1.900010"]
    assert record.name == "Đề nghị hưởng trợ cấp mẫu (cấp xã)"
    assert record.channels[0].fee_status is FeeStatus.UNKNOWN
    assert record.levels == (Level.COMMUNE, Level.OTHER)
    assert record.ministry == "Bộ Công Thương"
    assert record.documents[0].items[0].form == "Mẫu số 01"
    assert (record.source.kind, str(record.source.retrieved)) == ("transcribed", "2026-05-02")
    assert catalogue.by_code["1.900011"].channels[0].fee_status is FeeStatus.CONFLICTING
