"""A corrupted copy of each format: refused with a clear reason, quickly, and without much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import DEFUSEDXML

from procedures_kb.importers.contract import Imported, Refused
from procedures_kb.importers.detect import UnknownFormat, count_files, importer_for, read_file, read_paths
from tests.procedures_kb.importers import making

TODAY = date(2026, 11, 22)
MB = 1024 * 1024
ROW = [making.CODE, making.NAME, "Bộ Vật nuôi", "Ủy ban nhân dân cấp xã", "Vật nuôi"]

Make = Callable[[Path], Path]

MAKERS: dict[str, Make] = {
    "api": lambda folder: making.written(folder / "one.json", making.api()),
    "lgsp": lambda folder: making.written(folder / "one.json", making.lgsp()),
    "page": lambda folder: making.written(folder / "one.json", making.page_json()),
    "excel": lambda folder: making.excel(folder / "one.xlsx", [ROW]),
    "pdf": lambda folder: making.pdf(folder / "one.pdf"),
}
JSON = ("api", "lgsp", "page")


def _reason(file: Path) -> str:
    (found,) = read_file(file, TODAY)
    assert isinstance(found, Refused), found
    assert str(file) in found.file
    return found.reason


@pytest.fixture(autouse=True)
def _cheap() -> Iterator[None]:
    """No refusal may take long or hold much memory."""
    tracemalloc.start()
    began = time.monotonic()
    yield
    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150 * MB, f"{peak / MB:.0f} MB"
    assert took < 30, f"{took:.0f} s"


@pytest.mark.parametrize("kind", MAKERS)
def test_whole_files_are_taken(tmp_path: Path, kind: str) -> None:
    (found,) = read_file(MAKERS[kind](tmp_path), TODAY)
    assert isinstance(found, Imported)


@pytest.mark.parametrize("kind", MAKERS)
def test_truncated(tmp_path: Path, kind: str) -> None:
    file = MAKERS[kind](tmp_path)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    assert "cut off" in _reason(file)


@pytest.mark.parametrize("kind", MAKERS)
def test_truncated_anywhere_never_raises(tmp_path: Path, kind: str) -> None:
    file = MAKERS[kind](tmp_path)
    data = file.read_bytes()
    for share in (1, 7, 40, 70, 98):
        file.write_bytes(data[: len(data) * share // 100])
        _reason(file)


@pytest.mark.parametrize("kind", JSON)
def test_wrong_encoding(tmp_path: Path, kind: str) -> None:
    file = MAKERS[kind](tmp_path)
    text = file.read_text("utf-8")
    file.write_bytes(text.encode("utf-16"))
    assert "UTF-16" in _reason(file)
    file.write_bytes(text.encode("utf-8").replace("ệ".encode(), b"\xea"))
    assert "not UTF-8" in _reason(file)


@pytest.mark.parametrize("kind", MAKERS)
def test_wrong_code_inside(tmp_path: Path, kind: str) -> None:
    if kind == "excel":
        pytest.skip("a list holds many codes: its name promises none")
    file = MAKERS[kind](tmp_path)
    moved = file.rename(tmp_path / f"9.000777{file.suffix}")
    reason = _reason(moved)
    assert "9.000777" in reason and making.CODE in reason


def test_page_kept_under_another_code(tmp_path: Path) -> None:
    file = making.written(tmp_path / "one.json", making.page_json(asked="9.000555"))
    (found,) = read_file(file, TODAY)
    assert isinstance(found, Refused) and found.code == "9.000555"
    assert "kept as 9.000555, but the page shows 9.000001" in found.reason


@pytest.mark.parametrize("kind", MAKERS)
def test_internal_code(tmp_path: Path, kind: str) -> None:
    code = "6.000001"
    made = {
        "api": lambda: making.written(tmp_path / "a.json", making.api(code)),
        "lgsp": lambda: making.written(tmp_path / "a.json", making.lgsp(f"{code}.000.00.00.H56")),
        "page": lambda: making.written(tmp_path / "a.json", making.page_json(code)),
        "excel": lambda: making.excel(tmp_path / "a.xlsx", [[code, *ROW[1:]]]),
        "pdf": lambda: making.pdf(tmp_path / "a.pdf", code),
    }
    assert _reason(made[kind]()) == "internal to the administration, not for citizens"


@pytest.mark.parametrize("kind", MAKERS)
def test_200_mb(tmp_path: Path, kind: str) -> None:
    file = MAKERS[kind](tmp_path)
    with file.open("r+b") as stream:
        stream.truncate(200 * MB)  # a sparse file: it holds nothing
    assert "200 MB" in _reason(file)


@pytest.mark.parametrize("suffix", [".json", ".xlsx", ".pdf", ".txt"])
def test_html_instead_of_data(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"one{suffix}"
    file.write_text("\ufeff\n<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "utf-8")
    assert "web page" in _reason(file)


WRONG = {
    "api": [
        making.api(executionMethods="none"),
        making.api(name=["a"]),
        making.api(executionMethods=[{"submissionMethod": "DIRECT", "processingTime": "soon"}]),
        making.api(executionMethods=[{"submissionMethod": "DIRECT", "fees": [{"value": -1}]}]),
        making.api(updatedAt="yesterday"),
        making.api(executionCases=[{"profileComponents": [7]}]),
    ],
    "lgsp": [making.lgsp(TENTTHC={}), making.lgsp(CACHTHUCTHUCHIEN=[1]), making.lgsp(THANHPHANHOSO="x")],
    "page": [{"ma_thu_tuc": making.CODE, "raw_text": 5}, {"ma_thu_tuc": [], "raw_text": "x"}],
}


@pytest.mark.parametrize(
    ("kind", "number"), [(kind, n) for kind, values in WRONG.items() for n in range(len(values))]
)
def test_wrong_types(tmp_path: Path, kind: str, number: int) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(WRONG[kind][number]), "utf-8")
    assert "not as the format has it" in _reason(file)


@pytest.mark.parametrize("value", [{}, [], 5, "text", None, [1, "a", None], {"a": {"b": 1}}])
def test_other_json(tmp_path: Path, value: object) -> None:
    file = making.written(tmp_path / "one.json", value)
    assert "no" in _reason(file)


def test_missing_code_and_name(tmp_path: Path) -> None:
    assert "no procedure code" in _reason(
        making.written(tmp_path / "a.json", making.api("không", codeNotation=""))
    )
    assert "no name" in _reason(making.written(tmp_path / "b.json", making.api(name=" ")))


@pytest.mark.parametrize("depth", [40, 900, 200_000])
def test_deep_json(tmp_path: Path, depth: int) -> None:
    file = tmp_path / "one.json"
    text = json.dumps(making.api())[:-1]
    file.write_text(f'{text}, "deep": {"[" * depth}{"]" * depth}}}', "utf-8")
    assert "nested" in _reason(file)


def test_a_bomb_of_empty_lists(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text('{"executionSteps": [' + "[]," * 2_000_000 + "[]]}", "utf-8")
    assert "too many" in _reason(file)


@pytest.mark.parametrize("text", ['{"codeNotation": NaN}', '{"codeNotation": 1' + "0" * 5000 + "}"])
def test_numbers_that_are_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "one.json"
    file.write_text(text, "utf-8")
    assert "not valid JSON" in _reason(file)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "mèo " * 10_000},
        {"requirementsAndConditions": "1.000 đồng; " * 100_000},
        {"executionMethods": [{"submissionMethod": "DIRECT", "fees": [{"value": 0}] * 2_000}]},
        {"executionMethods": [{"submissionMethod": "DIRECT", "description": "3 ngày làm việc " * 100_000}]},
    ],
)
def test_a_record_far_too_large(tmp_path: Path, changes: dict[str, object]) -> None:
    assert "not one procedure" in _reason(making.written(tmp_path / "one.json", making.api(**changes)))


def test_a_page_of_nothing_but_labels(tmp_path: Path) -> None:
    text = "Tên thủ tụcMã thủ tụcSố quyết địnhCấp thực hiệnLoại thủ tụcLĩnh vực" * 3_000
    assert "cut off" in _reason(
        making.written(tmp_path / "one.json", {"raw_text": text, "code": making.CODE})
    )


def test_nul_bytes(tmp_path: Path) -> None:
    file = making.written(tmp_path / "one.json", making.api())
    file.write_bytes(file.read_bytes() + b"\x00\x00")
    assert "NUL" in _reason(file)
    assert "NUL" in _reason(making.written(tmp_path / "two.json", making.api(name="a\x00b")))


def test_half_characters(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(making.api(name="a\ud800b")), "utf-8")
    assert "half a character" in _reason(file)


def _zip(file: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file


def _rezipped(file: Path, part: str, data: bytes) -> Path:
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return _zip(file, {**parts, part: data})


@pytest.mark.parametrize("size", [12 * MB, 60 * MB])
def test_zip_bomb(tmp_path: Path, size: int) -> None:
    file = making.excel(tmp_path / "one.xlsx", [ROW])
    bomb = _rezipped(file, "xl/worksheets/sheet1.xml", b"<row/>" + b" " * size)
    assert bomb.stat().st_size < MB
    assert "zip bomb" in _reason(bomb)


def test_a_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    file = making.excel(tmp_path / "one.xlsx", [ROW])
    big = b"<worksheet>" + b" " * (20 * MB)
    data = _rezipped(file, "xl/worksheets/sheet1.xml", big).read_bytes()
    file.write_bytes(data.replace(len(big).to_bytes(4, "little"), (5000).to_bytes(4, "little")))
    assert "Excel file" in _reason(file)


def test_billion_laughs_in_a_sheet(tmp_path: Path) -> None:
    lol = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    cell = "<worksheet><sheetData><row><c><v>&a11;</v></c></row></sheetData></worksheet>"
    xml = f'<!DOCTYPE x [<!ENTITY a0 "ha">{lol}]>{cell}'
    file = making.excel(tmp_path / "one.xlsx", [ROW])
    assert DEFUSEDXML
    assert "cannot be read" in _reason(_rezipped(file, "xl/worksheets/sheet1.xml", xml.encode()))


def test_archives_that_are_no_list(tmp_path: Path) -> None:
    assert "no Excel list" in _reason(_zip(tmp_path / "a.xlsx", {"word/document.xml": b"<x/>"}))
    old = tmp_path / "b.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100)
    assert "save it as .xlsx" in _reason(old)
    file = making.excel(tmp_path / "c.xlsx", [ROW])
    assert "Excel file" in _reason(_rezipped(file, "xl/workbook.xml", b"<not a workbook"))


def test_pdf_without_its_last_sections(tmp_path: Path) -> None:
    assert "section" in _reason(making.pdf(tmp_path / "one.pdf", whole=False))


def test_another_pdf(tmp_path: Path) -> None:
    made = making.Pdf()
    made.line("Thư mời họp")
    assert "not the portal's" in _reason(made.save(tmp_path / "one.pdf"))


def test_pdf_of_too_many_pages(tmp_path: Path) -> None:
    made = making.Pdf()
    for _ in range(120):
        made.page()
    assert "pages" in _reason(made.save(tmp_path / "one.pdf"))


def test_pdf_bomb_ends_only_its_own_process(tmp_path: Path) -> None:
    file = making.pdf(tmp_path / "one.pdf")
    data = file.read_bytes()
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(b" " * MB) for _ in range(700)) + packer.flush()  # 700 MB in 3 MB
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    at = data.index(b"5 0 obj\n") + len(b"5 0 obj\n")
    file.write_bytes(data[:at] + stream + data[data.index(b"\nendobj", at) :])
    assert "a bomb" in _reason(file)
    # In an interpreter of its own: this one has had other children, and only the largest of all is known.
    code = (
        "import resource, sys; from datetime import date; from pathlib import Path\n"
        "from procedures_kb.importers.detect import read_file\n"
        "list(read_file(Path(sys.argv[1]), date.today()))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 800 * 1024  # in KB


def test_a_damaged_page_is_not_read_in_part(tmp_path: Path) -> None:
    file = making.pdf(tmp_path / "one.pdf")
    data = bytearray(file.read_bytes())
    at = data.index(b"stream\n", data.index(b"5 0 obj")) + 600  # deep inside the first page's content
    data[at : at + 4] = bytes(byte ^ 0x5A for byte in data[at : at + 4])
    file.write_bytes(bytes(data))
    assert "cannot be read" in _reason(file)


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "empty" in _reason(_touched(tmp_path / "empty.json"))
    assert "No such file" in _reason(tmp_path / "missing.json")
    os.mkfifo(tmp_path / "pipe")
    assert "plain file" in _reason(tmp_path / "pipe")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    assert "in no format" in _reason(tmp_path / "image.png")


def _touched(file: Path) -> Path:
    file.touch()
    return file


def test_the_extension_does_not_count(tmp_path: Path) -> None:
    making.excel(tmp_path / "a.json", [ROW])
    making.pdf(tmp_path / "b.xlsx")
    making.written(tmp_path / "c.pdf", making.api())
    found = list(read_paths([tmp_path], TODAY))
    assert [type(one) for one in found] == [Imported] * 3


def test_unknown_format_is_a_named_error(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Ghi chú", "utf-8")
    with pytest.raises(UnknownFormat, match="API detail JSON"):
        importer_for(file)


def test_walk_is_sorted_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    making.written(tmp_path / "b" / "9.000002.json", making.api("9.000002"))
    making.written(tmp_path / "a.json", {"what": "else"})
    making.written(tmp_path / "c.json", making.lgsp())
    making.written(tmp_path / ".hidden" / "d.json", making.api())
    (tmp_path / "index.sqlite").write_bytes(b"SQLite format 3\x00")
    seen: list[str] = []
    found = list(read_paths([tmp_path], TODAY, on_file=lambda file: seen.append(file.name)))
    assert seen == ["a.json", "9.000002.json", "c.json"]
    assert [type(one) for one in found] == [Refused, Imported, Imported]
    assert count_files([tmp_path]) == 3
