"""What changed between two catalogues, as it is told; and what is no change."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures_kb.catalogue import Catalogue, load
from procedures_kb.diff import BrokenWords, Change, ChangeKind, changes, grouped, load_words, summary
from procedures_kb.diff.words import CHANGES
from procedures_kb.model import FeeStatus, How, Procedure
from tests.factories import birth, procedure


def _told(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.sentence for change in _changes(procedure(**old), procedure(**new))]


def _changes(old: Procedure, new: Procedure) -> tuple[Change, ...]:
    return changes(Catalogue((old,)), Catalogue((new,)))


def _channel(how: str = "counter", **values: Any) -> dict[str, Any]:
    return {"how": how, **values}


def _fees(*fees: dict[str, Any], how: str = "counter", status: str = "paid") -> dict[str, Any]:
    return {"channels": [_channel(how, fees=list(fees), fee_status=status)]}


def _times(*times: dict[str, Any], how: str = "counter") -> dict[str, Any]:
    return {"channels": [_channel(how, times=list(times))]}


def _papers(*items: dict[str, Any], case: str | None = None) -> dict[str, Any]:
    return {"documents": [{"case": case, "items": list(items)}]}


FIVE, THREE = {"value": 5, "unit": "working_day"}, {"value": 3, "unit": "working_day"}
FORM, PHOTO = {"name": "Tờ khai", "originals": 1}, {"name": "Ảnh thẻ", "copies": 2}


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        (
            _fees({"amount": 50000}),
            _fees({"amount": 25000}),
            ["Lệ phí nộp trực tiếp: từ 50.000 đồng xuống 25.000 đồng."],
        ),
        (
            _fees({"amount": 4000, "case": "cấp lại"}),
            _fees({"amount": 8000, "case": "cấp lại"}),
            ["Lệ phí nộp trực tiếp (cấp lại): từ 4.000 đồng lên 8.000 đồng."],
        ),
        (
            _fees({"amount": 10, "currency": "USD"}),
            _fees({"amount": 250000}),
            ["Lệ phí nộp trực tiếp: từ 10 USD thành 250.000 đồng."],
        ),
        (
            _fees({"amount": 50000, "unit": "lần"}),
            _fees({"amount": 25000, "unit": "lần", "valid_to": "2026-12-31"}),
            ["Lệ phí nộp trực tiếp: từ 50.000 đồng / lần thành 25.000 đồng / lần, đến hết 31/12/2026."],
        ),
        (
            _fees({"amount": 100, "case": "lần đầu"}, {"amount": 200, "case": "cấp lại"}),
            _fees({"amount": 200, "case": "cấp lại"}, {"amount": 300, "case": "đổi"}),
            [
                "Lệ phí nộp trực tiếp: bỏ mức 100 đồng (lần đầu).",
                "Lệ phí nộp trực tiếp: thêm mức 300 đồng (đổi).",
            ],
        ),
        (
            _fees({"amount": 100}, {"amount": 200}),
            _fees({"amount": 300}, {"amount": 100}, {"amount": 400}),
            ["Lệ phí nộp trực tiếp: từ 200 đồng thành 300 đồng; 400 đồng."],
        ),
        (
            _fees({"amount": 20000}),
            _fees(status="free"),
            ["Lệ phí nộp trực tiếp: trước là 20.000 đồng, nay miễn phí."],
        ),
        (
            _fees(status="free"),
            _fees({"amount": 20000}),
            ["Lệ phí nộp trực tiếp: từ miễn phí thành 20.000 đồng."],
        ),
        (
            _fees(status="unknown"),
            _fees({"amount": 20000}),
            ["Lệ phí nộp trực tiếp: trước chưa rõ, nay là 20.000 đồng."],
        ),
        (
            _fees({"amount": 20000}),
            _fees(status="unknown"),
            ["Lệ phí nộp trực tiếp: trước là 20.000 đồng, nay Cổng không ghi rõ."],
        ),
        (
            _fees(status="free"),
            _fees({"amount": 0}, {"note": "theo pháp luật về phí"}, status="conflicting"),
            ["Lệ phí nộp trực tiếp: từ miễn phí thành mức Cổng ghi chưa thống nhất (theo pháp luật về phí)."],
        ),
        (
            _fees({"amount": 0, "note": "miễn lệ phí"}, status="varies"),
            _fees({"amount": 5000}, status="paid"),
            ["Lệ phí nộp trực tiếp: từ mức tùy trường hợp (miễn lệ phí) thành 5.000 đồng."],
        ),
        (
            _fees({"note": "theo pháp luật về phí"}, status="varies"),
            _fees({"amount": 100}, status="varies"),
            ["Lệ phí nộp trực tiếp: từ theo pháp luật về phí thành 100 đồng."],
        ),
        (
            _fees({"note": "theo Thông tư"}),
            _fees({"amount": 100, "note": "theo Thông tư"}),
            ["Lệ phí nộp trực tiếp: từ theo Thông tư thành 100 đồng – theo Thông tư."],
        ),
        (_times(FIVE), _times(THREE), ["Thời hạn: từ 5 ngày làm việc còn 3 ngày làm việc."]),
        (_times(THREE), _times(FIVE), ["Thời hạn: từ 3 ngày làm việc lên 5 ngày làm việc."]),
        (
            _times({"value": 0.5, "unit": "working_day"}),
            _times({"value": 4, "unit": "hour"}),
            ["Thời hạn: từ 0,5 ngày làm việc thành 4 giờ."],
        ),
        (
            _times(FIVE),
            _times({"immediate": True}),
            ["Thời hạn: từ 5 ngày làm việc thành làm ngay trong ngày."],
        ),
        (
            _times(FIVE, {**THREE, "case": "phải xác minh"}),
            _times({**FIVE, "case": "phải xác minh"}, FIVE),
            ["Thời hạn (phải xác minh): từ 3 ngày làm việc lên 5 ngày làm việc."],
        ),
        (
            _times(FIVE),
            _times(FIVE, {**THREE, "case": "lưu động"}),
            ["Thời hạn: thêm 3 ngày làm việc (lưu động)."],
        ),
        (_times(FIVE, THREE), _times(FIVE), ["Thời hạn: bỏ 3 ngày làm việc."]),
        (
            _papers(FORM, PHOTO),
            _papers(FORM, {"name": "Giấy ủy quyền", "originals": 1, "when": "nếu ủy quyền"}),
            ["Thêm giấy tờ: Giấy ủy quyền (nếu ủy quyền).", "Bỏ giấy tờ: Ảnh thẻ."],
        ),
        (
            _papers(FORM),
            {"documents": [{"items": [FORM]}, {"case": "cấp lại", "items": [PHOTO]}]},
            ["Thêm giấy tờ: Ảnh thẻ (trường hợp “cấp lại”)."],
        ),
        (
            _papers(FORM),
            _papers({**FORM, "originals": 2, "copies": 1}),
            ["Giấy tờ “Tờ khai”, trước: 1 bản chính; nay: 2 bản chính, 1 bản sao."],
        ),
        (
            _papers({**FORM, "when": "nếu ủy quyền"}),
            _papers({**FORM, "kind": "show", "alternatives": ["Đơn"]}),
            [
                "Giấy tờ “Tờ khai”, trước: phải nộp, nếu ủy quyền, không có giấy thay thế;"
                " nay: chỉ cần xuất trình, luôn cần, có thể thay bằng “Đơn”."
            ],
        ),
        (
            _papers({**FORM, "form": "Mẫu 01"}),
            _papers({**FORM, "form": "Mẫu 02"}),
            ["Mẫu của “Tờ khai”: từ “Mẫu 01” thành “Mẫu 02”."],
        ),
        (_papers(FORM), _papers({**FORM, "form": "Mẫu 02"}), ["Giấy tờ “Tờ khai” nay có mẫu: “Mẫu 02”."]),
        (_papers({**FORM, "form": "Mẫu 1"}), _papers(FORM), ["Giấy tờ “Tờ khai” không còn mẫu “Mẫu 1”."]),
        ({}, _papers(FORM), ["Nay đã có danh sách giấy tờ cần nộp."]),
        (_papers(FORM), {}, ["Bản mới không ghi giấy tờ cần nộp."]),
        (
            {"levels": ["province"]},
            {"levels": ["commune", "province"]},
            ["Cấp giải quyết: từ cấp tỉnh thành cấp xã, cấp tỉnh."],
        ),
        ({}, {"levels": []}, ["Cấp giải quyết: từ cấp xã thành chưa rõ."]),
        (
            {"agency": "Công an huyện"},
            {"agency": "Công an xã"},
            ["Cơ quan giải quyết: từ Công an huyện thành Công an xã."],
        ),
        (
            {"name": "Đăng ký khai sinh"},
            {"name": "Đăng ký khai sinh lưu động"},
            ["Tên thủ tục: từ “Đăng ký khai sinh” thành “Đăng ký khai sinh lưu động”."],
        ),
        (
            {"online_level": "none"},
            {"online_level": "full"},
            ["Nay nộp được qua mạng: làm trọn trên mạng (toàn trình)."],
        ),
        (
            {"online_level": "unknown"},
            {"online_level": "none"},
            ["Nộp qua mạng: trước chưa rõ, nay không nộp qua mạng."],
        ),
        ({"online_level": "online"}, {"online_level": "none"}, ["Nay không nộp được qua mạng."]),
        (
            {"online_level": "online"},
            {"online_level": "unknown"},
            ["Cổng không còn ghi có nộp được qua mạng hay không."],
        ),
        (
            {"online_level": "partial"},
            {"online_level": "full"},
            ["Nộp qua mạng: từ làm một phần trên mạng thành làm trọn trên mạng (toàn trình)."],
        ),
        (
            {"channels": [_channel(), _channel("post")]},
            {"channels": [_channel(), _channel("online")]},
            ["Thêm cách nộp: nộp trực tuyến.", "Bỏ cách nộp: gửi bưu chính."],
        ),
        (
            {"channels": [_channel()], "online_level": "none"},
            {"channels": [_channel("online"), _channel()], "online_level": "online"},
            ["Nay nộp được qua mạng."],
        ),
        ({}, {"channels": [_channel("post")]}, ["Nay đã ghi cách nộp hồ sơ: gửi bưu chính."]),
        ({"channels": [_channel("post")]}, {}, ["Bản mới không ghi cách nộp hồ sơ."]),
        (
            {"legal_basis": [{"number": "1/2020/NĐ-CP"}, {"number": "2/2020/NĐ-CP"}]},
            {"legal_basis": [{"number": "3/2026/NĐ-CP"}, {"number": "1/2020/NĐ-CP"}]},
            ["Căn cứ pháp lý: thêm 3/2026/NĐ-CP; bỏ 2/2020/NĐ-CP."],
        ),
        ({}, {"legal_basis": [{"number": "3/2026/NĐ-CP"}]}, ["Căn cứ pháp lý: thêm 3/2026/NĐ-CP."]),
        ({"legal_basis": [{"number": "3/2026/NĐ-CP"}]}, {}, ["Căn cứ pháp lý: bỏ 3/2026/NĐ-CP."]),
        (
            {"detail": "name_only"},
            _papers(FORM) | _times(FIVE),
            ["Nay đã có thông tin chi tiết của thủ tục."],
        ),
        (
            _papers(FORM) | _times(FIVE),
            {"detail": "name_only"},
            ["Bản mới chỉ còn tên, không có thông tin chi tiết."],
        ),
    ],
)
def test_a_change_in_plain_words(old: dict[str, Any], new: dict[str, Any], sentences: list[str]) -> None:
    assert _told(old, new) == sentences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_papers(FORM, PHOTO), _papers(PHOTO, FORM)),
        (_papers(FORM), _papers({**FORM, "name": "TỜ  KHAI."})),
        (_papers(FORM, {"name": "Nộp bản chụp", "kind": "note"}), _papers(FORM)),
        (_papers(FORM, PHOTO, case="Trẻ bị bỏ rơi"), _papers(PHOTO, FORM, case="Trẻ em bị bỏ rơi")),
        (_fees({"amount": 1}, {"amount": 2}), _fees({"amount": 2}, {"amount": 1})),
        (_fees({"amount": 0}, status="conflicting"), _fees(status="conflicting")),
        (_times(FIVE, THREE), _times(THREE, FIVE)),
        (_times({**FIVE, "case": "Cấp lại"}), _times({**FIVE, "case": "cấp  lại."})),
        (
            _times(THREE, {**FIVE, "case": "Cấp lại"}, {"value": 1, "unit": "day", "case": "Đổi"}),
            _times(THREE, {**FIVE, "case": "cấp lại"}, {"value": 1, "unit": "day", "case": "đổi"}),
        ),
        (_times({"unit": "day"}, {"unit": "hour"}), _times({"unit": "month"}, {"unit": "year"})),
        ({"levels": ["commune", "province"]}, {"levels": ["province", "commune"]}),
        ({"name": "Đăng ký  khai sinh"}, {"name": "Đăng ký Khai sinh"}),
        ({"short_name": "Khai sinh"}, {"short_name": "Khai sinh cho con", "field": "Hộ tịch mới"}),
        (
            {"legal_basis": [{"number": "1/2020/NĐ-CP"}, {"number": "2/2020/NĐ-CP"}]},
            {"legal_basis": [{"number": "2/2020/NĐ-CP", "title": "Nghị định"}, {"number": "1/2020/NĐ-CP"}]},
        ),
    ],
)
def test_no_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert _told(old, new) == []


def test_channels_that_changed_alike_are_told_once() -> None:
    def both(*amounts: int) -> Procedure:
        hows = ("online", "counter", "post")
        return procedure(
            channels=[
                _channel(how, fees=[{"amount": amount}], fee_status="paid", times=[FIVE])
                for how, amount in zip(hows, amounts, strict=True)
            ]
        )

    (one,) = _changes(both(9, 9, 9), both(5, 5, 5))
    assert (one.sentence, one.where) == ("Lệ phí: từ 9 đồng xuống 5 đồng.", ())
    first, second = _changes(both(9, 9, 9), both(5, 5, 8))
    assert first.sentence == "Lệ phí nộp trực tuyến, nộp trực tiếp: từ 9 đồng xuống 5 đồng."
    assert first.where == (How.ONLINE, How.COUNTER)
    assert second.sentence == "Lệ phí gửi bưu chính: từ 9 đồng xuống 8 đồng."


def test_a_change_carries_its_facts() -> None:
    (change,) = _changes(procedure(**_fees({"amount": 50000})), procedure(**_fees({"amount": 25000})))
    assert change == Change(
        kind=ChangeKind.FEE,
        code="1.000001",
        name="Đăng ký khai sinh",
        sentence="Lệ phí nộp trực tiếp: từ 50.000 đồng xuống 25.000 đồng.",
        before=("50.000 đồng",),
        after=("25.000 đồng",),
        where=(How.COUNTER,),
    )


def test_never_free_where_the_source_contradicts_itself() -> None:
    for status in FeeStatus:
        old, new = _fees({"amount": 7000}), _fees({"amount": 0}, status=status.value)
        told = " ".join(_told(old, new))
        assert ("miễn phí" in told) == (status is FeeStatus.FREE), status


def test_the_most_important_comes_first_by_procedure() -> None:
    kept = procedure("1.000002", **_times(FIVE), legal_basis=[{"number": "1/2020/NĐ-CP"}])
    changed = procedure("1.000002", **_times(THREE))
    cheaper = (
        procedure("1.000003", **_fees({"amount": 2})),
        procedure("1.000003", **_fees({"amount": 1})),
    )
    old = Catalogue((kept, cheaper[0], procedure("1.000009", "Cấp hộ khẩu"), birth()))
    new = Catalogue((procedure("1.000008", "Cấp thẻ"), birth(), cheaper[1], changed))
    found = changes(old, new)
    assert [(one.code, one.kind.value) for one in found] == [
        ("1.000009", "abolished"),
        ("1.000008", "new"),
        ("1.000003", "fee"),
        ("1.000002", "time"),
        ("1.000002", "legal_basis"),
    ]
    assert [found[0].sentence, found[1].sentence] == ["Thủ tục đã bãi bỏ.", "Thủ tục mới."]
    assert (found[0].before, found[1].after) == (("Cấp hộ khẩu",), ("Cấp thẻ",))
    assert [(one.code, len(one.changes)) for one in grouped(found)] == [
        ("1.000009", 1),
        ("1.000008", 1),
        ("1.000003", 1),
        ("1.000002", 2),
    ]
    assert list(summary(found).items()) == [
        (ChangeKind.ABOLISHED, 1),
        (ChangeKind.NEW, 1),
        (ChangeKind.FEE, 1),
        (ChangeKind.TIME, 1),
        (ChangeKind.LEGAL_BASIS, 1),
    ]


@pytest.fixture(scope="module")
def ours() -> Catalogue:
    return load()


def _shuffled(value: object, dice: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: _shuffled(one, dice) for key, one in value.items()}
    if isinstance(value, list):
        mixed = [_shuffled(one, dice) for one in value]
        dice.shuffle(mixed)
        return mixed
    return value


def test_the_order_of_anything_in_our_catalogue_is_no_change(ours: Catalogue) -> None:
    dice = random.Random(7)
    some = Catalogue(tuple(dice.sample(ours.procedures, 500)))
    mixed = [Procedure.model_validate(_shuffled(one.model_dump(mode="json"), dice)) for one in some]
    assert changes(some, Catalogue(tuple(mixed))) == ()


def test_every_sentence_ends_once_and_leaves_no_placeholder(ours: Catalogue) -> None:
    """Compare procedures that have nothing in common: much is told, and all of it can be read."""
    some = [one for one in ours if one.detail.value == "full"][:300]
    pairs = itertools.pairwise(some)
    told = [
        change
        for one, other in pairs
        for change in _changes(one, other.model_copy(update={"code": one.code}))
    ]
    assert len({change.kind for change in told}) > 10
    for change in told:
        assert change.sentence.endswith(".") and "{" not in change.sentence, change
        assert "None" not in change.sentence and ": ;" not in change.sentence, change


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data["templates"].pop("new"), "missing or unknown: new"),
        (lambda data: data["templates"].update(new="Mới {code}."), "no such placeholder: code"),
        (lambda data: data["kinds"].pop("fee"), "kinds"),
        (lambda data: data["channels"].update(fax="fax"), "fax"),
        (lambda data: data.pop("phrases"), "phrases"),
    ],
)
def test_incomplete_words_are_not_read(tmp_path: Path, spoil: Any, reason: str) -> None:
    data = yaml.safe_load(CHANGES.read_text("utf-8"))
    spoil(data)
    file = tmp_path / "changes.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    with pytest.raises(BrokenWords, match=reason):
        load_words(file)
