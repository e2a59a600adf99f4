"""What is kept from an earlier start: the same answers, never instead of the data, never half a file."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
import yaml

from procedures_kb import catalogue as catalogues
from procedures_kb import guides, kept, lay_names, yaml_files
from procedures_kb.catalogue import BrokenRecord, Catalogue
from procedures_kb.outline import DeferredCatalogue
from procedures_kb.yaml_files import packed, read_yaml
from tests.factories import procedure


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def test_outside_nothing_is_kept() -> None:
    kept.write("thing", "a", [1])
    assert kept.read("thing", "a") is None
    assert kept.folder() is None


def test_kept_is_made_once_for_each_key(cache: Path) -> None:
    made: list[str] = []

    def make(what: str) -> list[str]:
        made.append(what)
        return [what]

    with kept.keeping(cache):
        for what in ("a", "a", "b", "a"):
            assert kept.kept("thing", what, lambda what=what: make(what)) == [what]  # type: ignore[misc]
    assert made == ["a", "b"]


@pytest.mark.parametrize("spoil", [b"", b"{", b"\xff\xfe", b'a 0000\n["x"]', b'["x"]'])
def test_a_spoiled_file_is_made_again(cache: Path, spoil: bytes) -> None:
    with kept.keeping(cache):
        kept.write("thing", "a", ["x"])
        (file,) = cache.iterdir()
        file.write_bytes(spoil)
        assert kept.kept("thing", "a", lambda: ["made again"]) == ["made again"]
        assert kept.read("thing", "a") == ["made again"]


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_or_changed_file_is_not_believed(cache: Path, cut: int) -> None:
    with kept.keeping(cache):
        kept.write("thing", "a", ["một", "hai"])
        (file,) = cache.iterdir()
        whole = file.read_bytes()
        file.write_bytes(whole[:-cut])
        assert kept.read("thing", "a") is None
        file.write_bytes(whole.replace(b"hai", b"ha!"))
        assert kept.read("thing", "a") is None
        file.write_bytes(whole)
        assert kept.read("thing", "a") == ["một", "hai"]


def test_what_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with kept.keeping(tmp_path / "file"):
        assert kept.kept("thing", "a", lambda: [1]) == [1]
        assert kept.read("thing", "a") is None


def test_old_versions_go_and_nothing_is_left_half_written(cache: Path) -> None:
    with kept.keeping(cache):
        for number in range(9):
            kept.write("thing", str(number), number)
        kept.write("other", "a", 1)
        assert kept.read("thing", "8") == 8
    assert len(list(cache.glob("thing-*.json"))) == 4
    assert len(list(cache.iterdir())) == 5


YAML = {
    "dates.yaml": "checked: 2026-11-22\nmore: [{day: 2026-01-02, text: '2026-01-02'}]\n",
    "plain.yaml": "a: [1, 1.5, true, null, 'x']\nb: {c: tiếng Việt}\n",
    "numbers.yaml": "1: a number as a key\n",
    "like.yaml": "$date: '2026-11-22'\n",
    "time.yaml": "at: 2026-11-22 10:00:00\n",
    "empty.yaml": "",
}


def test_packed_yaml_is_what_yaml_says(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in YAML.items():
        (tmp_path / name).write_text(text, "utf-8")
    expected = {name: read_yaml(tmp_path / name) for name in YAML}
    parsed: list[bytes] = []
    parse = yaml_files._parsed
    monkeypatch.setattr(yaml_files, "_parsed", lambda raw: parsed.append(raw) or parse(raw))
    for start in range(3):
        parsed.clear()
        with kept.keeping(cache), packed("yaml"):
            found = {name: read_yaml(tmp_path / name) for name in YAML}
        assert found == expected
        assert found["dates.yaml"]["checked"] == date(2026, 11, 22)
        assert len(parsed) == (len(YAML) if start == 0 else 3)  # JSON cannot say the last three


def test_a_changed_file_is_parsed_again_and_refused_by_its_line(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "a.yaml"
    for text in ("a: 1", "a: 2", "a: 1"):
        file.write_text(text)
        with kept.keeping(cache), packed("yaml"):
            assert read_yaml(file) == yaml.safe_load(text)
    file.write_text("a: [1")
    with pytest.raises(yaml.YAMLError, match="line 1"), kept.keeping(cache), packed("yaml"):
        read_yaml(file)


NAMES = "- {code: 1.001193, official: Đăng ký khai sinh, names: [làm giấy khai sinh, khai sinh cho con]}\n"


def test_lay_names_recalled_are_the_same(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "a.yaml").write_text(NAMES.replace("1.001193", "'1.001193'"), "utf-8")
    fresh = lay_names.load(folder)
    with kept.keeping(cache):
        assert lay_names.load(folder) == fresh
        recalled = lay_names.load(folder)
    assert recalled == fresh
    assert recalled[0].names == ("làm giấy khai sinh", "khai sinh cho con")


def test_broken_lay_names_are_refused_by_name_beside_kept_ones(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    good = NAMES.replace("1.001193", "'1.001193'")
    (folder / "a.yaml").write_text(good, "utf-8")
    with kept.keeping(cache):
        lay_names.load(folder)
        (folder / "b.yaml").write_text(good.replace("1.001193", "1.001194"), "utf-8")
        for _ in range(2):
            with pytest.raises(lay_names.BrokenLayNames, match=r"b\.yaml: 1\.001194"):
                lay_names.load(folder)


def _records(folder: Path, count: int = 3) -> Path:
    folder.mkdir(exist_ok=True)
    made = [
        procedure(f"1.00000{n}", f"Cấp thẻ số {n}", family=f"cap the {n % 2}") for n in range(1, count + 1)
    ]
    lines = "".join(p.model_dump_json(exclude_defaults=True) + "\n" for p in made)
    (folder / "a.jsonl").write_text(lines, "utf-8")
    return folder


def test_a_recalled_catalogue_is_the_same_and_reads_records_when_asked(tmp_path: Path, cache: Path) -> None:
    folder = _records(tmp_path / "records")
    fresh = catalogues.load(folder)
    with kept.keeping(cache):
        first, recalled = catalogues.load(folder), catalogues.load(folder)
    assert isinstance(recalled, DeferredCatalogue)
    for one in (first, recalled):
        assert one.words == fresh.words
        assert (len(one), one.detailed) == (len(fresh), fresh.detailed)
        assert [one.family_of(code) for code in (*fresh.by_code, "9.000000")] == [
            *(p.family for p in fresh),
            None,
        ]
    assert not recalled.procedures._read  # type: ignore[attr-defined]
    assert recalled.by_code["1.000002"] == fresh.by_code["1.000002"]
    assert recalled.by_code["1.000002"] is recalled.by_code.get("1.000002")
    assert len(recalled.procedures._read) == 1  # type: ignore[attr-defined]
    assert "9.000000" not in recalled.by_code
    assert recalled.by_code.get("9.000000") is None
    assert not recalled.may_serve("9.000000")
    assert dict(recalled.by_code) == dict(fresh.by_code)
    assert list(recalled.families.items()) == list(fresh.families.items())
    assert tuple(recalled) == tuple(fresh)
    assert recalled.procedures == fresh.procedures
    assert recalled.procedures[1:] == fresh.procedures[1:]
    assert recalled.procedures[-1] == fresh.procedures[-1]


def test_the_shipped_catalogue_recalled_is_the_same(cache: Path) -> None:
    fresh = catalogues.load()
    with kept.keeping(cache):
        catalogues.load()
        recalled = catalogues.load()
    assert recalled.words == fresh.words
    assert recalled.detailed == fresh.detailed
    assert list(recalled.families.items()) == list(fresh.families.items())
    assert list(recalled.by_code) == list(fresh.by_code)
    assert [recalled.family_of(code) for code in fresh.by_code] == [p.family for p in fresh]


def test_a_broken_record_is_refused_by_its_line_beside_kept_ones(tmp_path: Path, cache: Path) -> None:
    folder = _records(tmp_path / "records")
    with kept.keeping(cache):
        catalogues.load(folder)
        lines = (folder / "a.jsonl").read_text("utf-8").splitlines()
        broken = {**json.loads(lines[1]), "code": "5.000001"}
        (folder / "a.jsonl").write_text("\n".join([lines[0], json.dumps(broken), lines[2]]), "utf-8")
        for _ in range(2):
            with pytest.raises(BrokenRecord, match=r"a\.jsonl:2: code: .*internal"):
                catalogues.load(folder)


def test_an_outline_that_does_not_fit_is_not_believed(tmp_path: Path, cache: Path) -> None:
    folder = _records(tmp_path / "records")
    fresh = catalogues.load(folder)
    with kept.keeping(cache):
        first = catalogues.load(folder)
        assert isinstance(first, DeferredCatalogue)
        for wrong in (
            {"codes": []},
            {"codes": ["1.000001"], "families": {}, "detailed": 0, "words": []},
            [1],
        ):
            kept.write("catalogue", first.digest, wrong)
            assert tuple(catalogues.load(folder)) == tuple(fresh)


def test_lines_of_text_and_of_bytes_read_alike(tmp_path: Path, cache: Path) -> None:
    lines = (_records(tmp_path / "records") / "a.jsonl").read_text("utf-8").splitlines()
    odd = [lines[0].replace("Cấp thẻ", "Cấp\u2028thẻ"), *lines[1:]]
    fresh: Catalogue = catalogues.from_lines([("x", odd)])
    with kept.keeping(cache):
        for source in (odd, [line.encode() for line in odd]) * 2:
            assert tuple(catalogues.from_lines([("x", source)])) == tuple(fresh)


def test_recalled_guides_match_alike(cache: Path) -> None:
    texts = ("cài vneid thế nào", "quên mật khẩu vneid", "nộp tiền trên cổng", "đăng ký kết hôn", "abc")
    fresh = guides.load()
    with kept.keeping(cache), packed("yaml"):
        guides.load()
    with kept.keeping(cache), packed("yaml"):
        recalled = guides.load()
    assert tuple(recalled.values()) == tuple(fresh.values())
    assert recalled.readings == fresh.readings
    assert [recalled.match(t) for t in texts] == [fresh.match(t) for t in texts]


def test_only_the_newest_files_of_a_kind_stay(tmp_path: Path) -> None:
    for age in range(6):
        file = tmp_path / f"vectors-{age}.npy"
        file.write_bytes(b"x")
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    kept.drop_old(tmp_path, "vectors-*.npy")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "notes.txt",
        *(f"vectors-{age}.npy" for age in range(4)),
    ]
