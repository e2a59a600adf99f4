"""The reviewed short names and families, and what the rules make of the rest."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from procedures_kb.build.names import family_of, settled_families, short_names, shorten_name
from procedures_kb.build.reviewed import (
    BrokenReview,
    read_families,
    read_short_names,
    reviewed_families,
    reviewed_short_names,
)
from procedures_kb.catalogue import CATALOGUE, Catalogue, load
from procedures_kb.lay_names import load as load_lay_names
from procedures_kb.model import MAX_SHORT_NAME, Level

COMMUNE, PROVINCE, MINISTRY = (Level.COMMUNE,), (Level.PROVINCE,), (Level.MINISTRY,)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load(CATALOGUE)


def _written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "reviewed.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_reviewed_names_are_many_short_composed_and_unique() -> None:
    names = reviewed_short_names()
    assert len(names) >= 500
    assert all(3 <= len(name) <= MAX_SHORT_NAME for name in names.values())
    assert all(unicodedata.is_normalized("NFC", name) for name in names.values())
    assert len({name.casefold() for name in names.values()}) == len(names)


def test_the_reviewed_names_end_cleanly() -> None:
    for code, name in reviewed_short_names().items():
        assert name == name.strip(" ,;:.-"), code
        assert name.count("(") == name.count(")"), code
        assert name[0].isupper(), code
        assert "  " not in name, code


def test_each_reviewed_code_stands_in_the_catalogue(shipped: Catalogue) -> None:
    families = reviewed_families()
    decided = {code for group in families.together for code in group} | set(families.apart)
    assert not (set(reviewed_short_names()) | decided) - set(shipped.by_code)


def test_a_level_is_named_only_where_the_record_has_it(shipped: Catalogue) -> None:
    """1.001321 is excepted: its title says "cấp trung ương", its record the province."""
    told = {"(cấp xã)": Level.COMMUNE, "(cấp tỉnh)": Level.PROVINCE, "(cấp bộ)": Level.MINISTRY}
    for code, name in reviewed_short_names().items():
        for words, level in told.items():
            assert not name.endswith(words) or level in shipped.by_code[code].levels, code


def test_everyday_procedures_say_what_they_are() -> None:
    names = reviewed_short_names()
    assert names["1.013076"].startswith("Đăng ký sang tên xe")
    assert names["1.013978"] == "Đăng ký, cấp sổ đỏ lần đầu (hộ gia đình, cá nhân)"
    assert names["1.001456"] == "Cấp hộ chiếu phổ thông (trong nước)"


def test_most_families_with_lay_names_that_were_cut_are_reviewed(shipped: Catalogue) -> None:
    named = {entry.code for entry in load_lay_names() if entry.code in shipped.by_code}
    long = {code for code in named if len(shipped.by_code[code].name) > MAX_SHORT_NAME + len("Thủ tục ")}
    assert len(long & set(reviewed_short_names())) >= 0.9 * len(long)


@pytest.mark.parametrize(
    "text",
    [
        '"1.00001": "Cấp thẻ"',
        f'"1.000001": "{"a" * (MAX_SHORT_NAME + 1)}"',
        '"1.000001": "Cấp thẻ"\n"1.000002": "cấp thẻ"',
        f'"1.000001": "{unicodedata.normalize("NFD", "Cấp thẻ")}"',
        '"1.000001": [',
        "- Cấp thẻ",
    ],
    ids=["code", "long", "shared", "decomposed", "not YAML", "not a mapping"],
)
def test_a_broken_file_of_names_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BrokenReview, match=r"reviewed\.yaml"):
        read_short_names(_written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        'together: [["1.000001"]]\napart: {}',
        'together: [["1.000001", "1.000002"], ["1.000002", "1.000003"]]\napart: {}',
        'together: [["1.000001", "1.000002"]]\napart: {"1.000001": "công an"}',
    ],
    ids=["alone", "twice", "together and apart"],
)
def test_a_broken_file_of_families_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(BrokenReview, match=r"reviewed\.yaml"):
        read_families(_written(tmp_path, text))


def test_the_reviewed_name_goes_before_the_rules_also_for_the_same_title() -> None:
    title = "Đăng ký một việc rất dài"
    named = {"1.013978": (title, COMMUNE), "1.990001": (title, COMMUNE), "1.990002": (title, PROVINCE)}
    reviewed = reviewed_short_names()["1.013978"]
    labels = short_names(named)
    begun = "Đăng ký, cấp sổ đỏ lần đầu"
    assert reviewed.startswith(begun)
    assert (labels["1.013978"], labels["1.990001"]) == (f"{begun} (1.013978)", f"{begun} (1.990001)")
    assert labels["1.990002"] == title
    served = short_names(named, frozenset({"1.990001"}))  # another province's version gives way
    assert (served["1.013978"], served["1.990001"]) == (reviewed, f"{begun} (1.990001)")


def test_families_are_settled_by_decision() -> None:
    settled = settled_families(
        {"1.001010": "a", "1.003290": "b", "1.003116": "cap the", "1.014137": "cap the"}
    )
    assert settled["1.001010"] == settled["1.003290"] == "a"
    assert settled["1.003116"] == "cap the cong an"
    assert settled["1.014137"] == "cap the"


def test_a_decision_about_codes_that_are_not_there_changes_nothing() -> None:
    assert settled_families({"1.003290": "b", "1.990001": "c"}) == {"1.003290": "b", "1.990001": "c"}


def test_families_of_the_catalogue(shipped: Catalogue) -> None:
    settled = settled_families({p.code: family_of(p.name) for p in shipped})
    for twins in (
        ("1.000757", "1.014064", "2.001194"),  # cấp lại thẻ căn cước
        ("1.001456", "1.001471"),  # hộ chiếu
        ("1.013967", "1.012805"),  # tranh chấp đất đai
        ("2.000639", "1.003116"),  # thẻ bảo hiểm y tế theo chính sách Công an
    ):
        assert len({settled[code] for code in twins}) == 1, twins
    for others in (
        ("1.003116", "1.014137"),
        ("1.008590", "1.013490"),  # thuế, hải quan
        ("2.000140", "1.000148"),  # kiểm định viên của hai ngành
        ("1.013080", "1.013082"),  # cách nộp khác nhau
        ("3.000271", "3.000272"),  # khóa, mở khóa
    ):
        assert len({settled[code] for code in others}) == len(others), others


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Cấp lại thẻ mẫu (thực hiện tại cấp tỉnh)", "Cấp lại thẻ mẫu (cấp tỉnh)"),
        (
            "Thu hồi giấy đăng ký của xe mẫu bằng dịch vụ công trực tuyến một phần hoặc trực tiếp "
            "thực hiện tại cấp tỉnh",
            "Thu hồi giấy đăng ký của xe mẫu",
        ),
        (
            "Cấp giấy xác nhận mẫu cho người đủ điều kiện theo quy định tại các điểm a, b và c khoản 2 "
            "Điều 12 Nghị định số 50/2026/NĐ-CP ngày 31/01/2026 của Chính phủ",
            "Cấp giấy xác nhận mẫu cho người đủ điều kiện",
        ),
        (
            "Thẩm định báo cáo đánh giá tác động môi trường mẫu (Cấp tỉnh) (1.010733)",
            "Thẩm định báo cáo đánh giá tác động môi trường mẫu",
        ),
    ],
)
def test_the_legal_tail_goes_first(name: str, short: str) -> None:
    assert shorten_name(name) == short


def test_words_that_differ_inside_a_clause_are_not_put_into_brackets() -> None:
    start = "Cấp giấy phép thành lập văn phòng của thương nhân trong lĩnh vực dịch vụ kho bãi chất lượng"
    labels = short_names(
        {"1.990001": (f"{start} loại thường", PROVINCE), "1.990002": (f"{start} loại cao", PROVINCE)}
    )
    assert len(set(labels.values())) == 2
    for label in labels.values():
        assert len(label) <= MAX_SHORT_NAME
        assert "(" not in label and "…" in label


def test_a_level_out_of_a_list_of_levels_is_not_told() -> None:
    start = "Cấp lại một giấy rất dài của người dân đang sống tại nơi có việc thực hiện ở cấp tỉnh, cấp xã"
    labels = short_names(
        {"1.990001": (start, (Level.COMMUNE, Level.PROVINCE)), "1.990002": (start, PROVINCE)}
    )
    assert "(cấp xã)" not in labels["1.990001"]
    assert labels["1.990002"].endswith("(cấp tỉnh)")
