"""The lay names as they stand, and the reader that refuses what is wrong in them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from procedures_kb import catalogue, lay_names
from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_names import BrokenLayNames, LayName
from procedures_kb.model import Detail, Procedure, Source
from vietnamese import fold

MINISTRIES = Path(lay_names.LAY_NAMES)
ENTRIES = lay_names.load()


def written(folder: Path, text: str, name: str = "bo-tu-phap.yaml") -> Path:
    """Write `text` as a file of lay names and return its folder."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def procedure(code: str, family: str) -> Procedure:
    """A procedure of `family` with nothing but its name."""
    return Procedure.model_validate(
        {
            "code": code,
            "name": family,
            "short_name": family,
            "family": family,
            "field": "Hộ tịch",
            "ministry": "Bộ Tư pháp",
            "source": Source(kind="list", url="https://dichvucong.gov.vn", retrieved="2026-01-01"),
            "detail": Detail.NAME_ONLY,
        }
    )


def test_the_data_covers_what_citizens_ask() -> None:
    assert len(ENTRIES) >= 350
    assert sum(len(entry.names) for entry in ENTRIES) >= 1500


def test_every_entry_reminds_the_reviewer_of_its_official_name() -> None:
    assert [entry.code for entry in ENTRIES if not entry.official] == []


def test_names_are_composed_unicode_and_unique_once_folded() -> None:
    names = [name for entry in ENTRIES for name in entry.names]
    assert [name for name in names if unicodedata.normalize("NFC", name) != name] == []
    assert [name for name, times in Counter(map(fold, names)).items() if times > 1] == []


def test_names_carry_accents() -> None:
    """A name typed without accents would teach the dense half nothing of the accented form."""
    assert [name for entry in ENTRIES for name in entry.names if fold(name) == name] == []


@pytest.mark.parametrize("file", sorted(MINISTRIES.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_file_is_short_enough_to_review(file: Path) -> None:
    assert lay_names.read(file).entries
    assert file.stem == fold(file.stem)


def test_every_code_stands_in_the_catalogue() -> None:
    if not list(catalogue.CATALOGUE.glob("*.jsonl")):
        pytest.skip("the catalogue is not built: run `troly kb build --from DIR`")
    assert list(lay_names.unknown_codes(ENTRIES, catalogue.load())) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("làm giấy khai sinh cho con", "1.001193"),
        ("xin giấy độc thân", "1.004873"),
        ("mất bằng lái xe", "3.000348"),
        ("mất sổ đỏ", "1.012786"),
        ("làm sổ đỏ lần đầu", "1.013978"),
        ("đi làm passport", "1.001456"),
    ],
)
def test_everyday_names_go_to_the_plain_procedure(name: str, code: str) -> None:
    assert {entry.code for entry in ENTRIES if name in entry.names} == {code}


def test_families_gather_the_names_of_all_their_codes() -> None:
    known = Catalogue((procedure("1.000001", "khai sinh"), procedure("1.000002", "khai sinh")))
    entries = (
        LayName(code="1.000001", names=("làm khai sinh",)),
        LayName(code="1.000002", names=("khai sinh ở tỉnh",)),
        LayName(code="1.000003", names=("không còn nữa",)),
    )
    assert lay_names.by_family(entries, known) == {"khai sinh": ("làm khai sinh", "khai sinh ở tỉnh")}
    assert list(lay_names.unknown_codes(entries, known)) == ["1.000003"]


def test_no_file_is_no_names(tmp_path: Path) -> None:
    assert lay_names.load(tmp_path) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('- code: "1.000001"\n  names: [một hai ba]\n  note: x\n', "Extra inputs"),
        ('- code: "5.000001"\n  names: []\n', "names"),
        ('- code: "12"\n  names: [một hai ba]\n', "code"),
        ('- code: "1.000001"\n  names: [quá ngắn]\n', "syllables"),
        ("- [", "not YAML"),
        (
            '- code: "1.000001"\n  names: [một hai ba]\n- code: "1.000001"\n  names: [bốn năm sáu]\n',
            "code 1.000001 stands",
        ),
        (
            '- code: "1.000001"\n  names: [làm lại bằng]\n- code: "1.000002"\n  names: [Lam lai bang]\n',
            "1.000002: 'Lam lai bang' stands under 1.000001 too",
        ),
    ],
)
def test_a_broken_file_is_refused_by_name_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(BrokenLayNames, match=r"bo-tu-phap\.yaml") as error:
        lay_names.load(written(tmp_path, text))
    assert reason in str(error.value)
