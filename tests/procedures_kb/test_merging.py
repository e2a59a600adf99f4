"""An import over a catalogue: what is new, changed, the same or refused, and that nothing is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

from procedures_kb.build.reading import ListRow, RawProcedure
from procedures_kb.catalogue import Catalogue
from procedures_kb.importers.contract import Format, Imported, Refused, Wording
from procedures_kb.merging import Base, Fate, Merged, Where, merge, wording_id
from procedures_kb.model import Applies, Detail, Flag, Procedure
from tests.factories import procedure

TODAY = date(2026, 11, 22)
HERE = Where("Thanh Hóa", own=False, today=TODAY)
OURS = Where("Thanh Hóa", own=True, today=TODAY)


def raw(code: str = "1.000001", **values: Any) -> RawProcedure:
    given = {
        "name": "Đăng ký khai sinh",
        "field": "Hộ tịch",
        "ministry": "Bộ Tư pháp",
        "levels": ["Cấp Xã"],
        "steps": "Người yêu cầu nộp hồ sơ tại Ủy ban nhân dân cấp xã.",
        "documents": [{"name": "Tờ khai đăng ký khai sinh", "originals": 1, "copies": 0}],
        "methods": [
            {"channel": "truc_tiep", "time_value": 3, "time_unit": "Ngày làm việc", "fee_text": "8.000 Đồng"}
        ],
        "quality": "api_detail",
    }
    return RawProcedure.model_validate({"code": code, **given, **values})


def detail(code: str = "1.000001", updated: date | None = None, **values: Any) -> Imported:
    wording = Wording(code=code, format=Format.API_DETAIL, taken=updated or TODAY, steps="Nguyên văn.")
    return Imported(f"{code}.json", Format.API_DETAIL, raw(code, **values), None, wording, updated)


def row(code: str, name: str) -> Imported:
    listed = ListRow(code=code, level="X", field="Hộ tịch", ministry="Bộ Tư pháp", name=name, id="")
    return Imported("list.xlsx:2", Format.EXCEL_LIST, None, listed)


def base(*procedures: Procedure) -> Base:
    found = Catalogue(procedures)
    return Base(found, found)


def only(merged: Merged) -> tuple[Fate, str]:
    (outcome,) = merged.outcomes
    return outcome.fate, outcome.reason


def by_code(merged: Merged) -> dict[str, Procedure]:
    return {p.code: p for p in merged.procedures}


def test_a_new_procedure_comes_in_with_its_wording() -> None:
    merged = merge(base(procedure("1.000002", "Đăng ký kết hôn")), [detail()], HERE)
    assert only(merged) == (Fate.NEW, "")
    new = by_code(merged)["1.000001"]
    assert new.detail is Detail.FULL
    assert new.source.kind == "portal_api"
    assert new.source.retrieved == TODAY
    assert new.wording is not None and merged.wordings[new.wording].steps == "Nguyên văn."
    assert merged.imported == {"1.000001"}
    assert merged.differs


def test_the_same_again_changes_nothing() -> None:
    first = merge(base(procedure("1.000002", "Đăng ký kết hôn")), [detail()], HERE)
    serving = Catalogue(first.procedures)
    again = merge(Base(serving, serving, first.imported), [detail()], HERE)
    assert only(again) == (Fate.UNCHANGED, "")
    assert not again.differs


def test_a_change_names_the_facts_that_changed() -> None:
    first = merge(base(), [detail()], HERE)
    serving = Catalogue(first.procedures)
    methods = [raw().methods[0].model_dump() | {"time_value": 5}]
    second = merge(Base(serving, serving, first.imported), [detail(methods=methods)], HERE)
    assert only(second) == (Fate.CHANGED, "channels")
    assert by_code(second)["1.000001"].channels[0].times[0].value == 5


def test_details_come_where_only_the_name_was_known() -> None:
    bare = procedure("1.000001", "Đăng ký khai sinh", detail="name_only")
    merged = merge(base(bare), [detail(updated=date(2026, 4, 10))], HERE)
    assert only(merged) == (Fate.CHANGED, "details where only the name was known")


def test_what_the_portal_changed_earlier_does_not_replace_what_it_changed_later() -> None:
    first = merge(base(), [detail(updated=date(2026, 11, 1))], HERE)
    serving = Catalogue(first.procedures)
    older = merge(Base(serving, serving, first.imported), [detail(updated=date(2026, 3, 1))], HERE)
    fate, reason = only(older)
    assert fate is Fate.REFUSED and "older (of 2026-03-01)" in reason
    assert not older.differs


def test_a_list_names_without_touching_the_details() -> None:
    detailed = procedure("1.000001", "Đăng ký khai sinh", documents=[{"items": [{"name": "Tờ khai"}]}])
    rows = [row("1.000001", "Thủ tục đăng ký khai sinh"), row("1.000008", "Đăng ký giám hộ")]
    merged = merge(base(detailed), rows, OURS)
    found = by_code(merged)
    assert found["1.000001"].name == "Thủ tục đăng ký khai sinh"
    assert found["1.000001"].documents == detailed.documents
    assert found["1.000001"].applies is Applies.YES
    assert found["1.000008"].detail is Detail.NAME_ONLY


def test_another_provinces_version_is_refused_and_our_own_is_served() -> None:
    theirs = Imported("a.json", Format.LGSP, raw(), None, None, None, province="Quảng Ninh")
    fate, reason = only(merge(base(), [theirs], OURS))
    assert fate is Fate.REFUSED and "Quảng Ninh" in reason and "Thanh Hóa" in reason
    local = detail(local_specific=True)
    fate, reason = only(merge(base(), [local], HERE))
    assert fate is Fate.REFUSED and "--province" in reason
    ours = by_code(merge(base(), [local], OURS))["1.000001"]
    assert not ours.has(Flag.LOCAL_VERSION)


def test_a_format_without_ministry_leaves_the_one_that_was_known() -> None:
    old = procedure("1.000001", "Đăng ký khai sinh", detail="name_only", ministry="Bộ Tư pháp")
    merged = merge(base(old), [detail(ministry=None)], HERE)
    assert by_code(merged)["1.000001"].ministry == "Bộ Tư pháp"


def test_the_newest_of_several_files_wins_and_the_others_are_told() -> None:
    old, new = detail(updated=date(2026, 1, 1)), detail(updated=date(2026, 6, 1), decision_no="9/QĐ-BTP")
    merged = merge(base(), [old, new], HERE)
    assert by_code(merged)["1.000001"].decision == "9/QĐ-BTP"
    told = {outcome.fate: outcome.reason for outcome in merged.outcomes}
    assert told == {Fate.NEW: "", Fate.UNCHANGED: "1.000001.json is newer or fuller"}


def test_a_refused_file_is_told_and_the_rest_goes_on() -> None:
    merged = merge(base(), [Refused("x.json", "truncated", "1.000007"), detail()], HERE)
    assert merged.count(Fate.REFUSED) == 1 and merged.count(Fate.NEW) == 1


def test_a_record_that_the_check_would_refuse_leaves_the_old_one() -> None:
    old = procedure("1.000001", "Đăng ký khai sinh", results=[{"name": "Giấy khai sinh"}])
    empty = detail(steps=None, documents=[], methods=[], legal=[])
    merged = merge(base(old), [empty], HERE)
    fate, reason = only(merged)
    assert fate is Fate.REFUSED and "no fact" in reason
    assert by_code(merged)["1.000001"].results == old.results


def test_what_left_the_portals_list_leaves_the_catalogue() -> None:
    two = (procedure("1.000001", "Đăng ký khai sinh"), procedure("1.000002", "Đăng ký kết hôn"))
    merged = merge(base(*two), (), HERE, gone=["1.000002"])
    assert list(by_code(merged)) == ["1.000001"]
    assert merged.differs


def test_a_newer_release_comes_in_under_what_was_imported() -> None:
    imported = merge(base(procedure("1.000002", "Đăng ký kết hôn")), [detail()], HERE)
    release = Catalogue((procedure("1.000002", "Đăng ký kết hôn, bản mới"), procedure("1.000001", "Khác")))
    rebased = merge(Base(release, Catalogue(imported.procedures), imported.imported), (), HERE)
    found = by_code(rebased)
    assert found["1.000002"].name == "Đăng ký kết hôn, bản mới"
    assert found["1.000001"].name == "Đăng ký khai sinh"


def test_wordings_are_told_apart_by_their_text() -> None:
    one = Wording(code="1.000001", format=Format.LGSP, taken=TODAY, steps="a")
    assert wording_id(one) == wording_id(one.model_copy())
    assert wording_id(one) != wording_id(one.model_copy(update={"steps": "b"}))
