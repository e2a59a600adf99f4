"""The genuine samples of ../shared/data/portal_formats: what was checked by eye stays so."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.detect import read_file, read_paths

SHARED = (
    Path(os.environ.get("TROLY_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "portal_formats"
)
TODAY = date(2026, 11, 22)

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there: the samples are not in git"),
]


def _one(path: str) -> Imported:
    (found,) = read_file(SHARED / path, TODAY)
    assert isinstance(found, Imported), found
    return found


def _all(folder: str) -> list[Imported | Refused]:
    return list(read_paths([SHARED / folder], TODAY))


def test_excel_lists() -> None:
    found = _all("excel_dvcqg_list")
    assert len([one for one in found if isinstance(one, Imported)]) == 2531
    assert {one.reason for one in found if isinstance(one, Refused)} == {
        "internal to the administration, not for citizens"
    }


def test_page_texts() -> None:
    found = [one for one in _all("page_text_json_samples") if isinstance(one, Imported) and one.detail]
    assert Counter(one.format for one in found) == {Format.PAGE_TEXT: 6}
    counts = {
        one.code: (len(one.detail.methods), len(one.detail.documents), len(one.detail.legal))
        for one in found
        if one.detail
    }
    assert counts == {
        "1.000894": (3, 23, 16),
        "1.001193": (3, 33, 15),
        "1.002693": (3, 2, 2),
        "1.004222": (2, 18, 11),
        "1.007664": (2, 6, 3),
        "1.011325": (3, 8, 4),
    }


@pytest.mark.slow
def test_pdfs_of_citizens_and_of_the_administration() -> None:
    found = _all("pdf_chi_tiet")
    assert len(found) == 20
    refused = {one.code for one in found if isinstance(one, Refused)}
    assert refused == {"5.003856", "6.003502", "6.003622", "6.003625", "6.005707", "6.006573"}


def test_a_pdf_of_many_pages_keeps_each_row_once() -> None:
    found = _one("pdf_chi_tiet/chi-tiet-thu-tuc-1.001193-1784268370120.pdf")
    assert found.detail is not None and found.wording is not None
    assert (len(found.detail.documents), len(found.detail.legal)) == (33, 15)
    assert found.wording.taken == date(2026, 7, 17)
    assert all(not row.name[:1].islower() for row in found.detail.documents), (
        "a row was split at a page's end"
    )


def test_api_detail() -> None:
    found = _one("api_v1/get-formality-by-citizen_1.000358.json")
    assert found.detail is not None
    assert (found.code, found.updated, len(found.detail.documents)) == ("1.000358", date(2026, 4, 10), 4)
    assert [text.code for text in found.detail.legal] == [
        "11/2016/TT-BCT",
        "07/2016/NĐ-CP",
        "38/2025/TT-BCT",
        "nghị định 146/2025",
    ]


def test_lgsp_is_another_provinces_version() -> None:
    found = _one("csdl_integration_response_1.001193_H49.json")
    assert (found.code, found.province) == ("1.001193", "Quảng Ninh")
    assert found.detail is not None and found.detail.local_specific


@pytest.mark.parametrize("name", ["crawler_tthc_index_item_example.json", "gialai_reference_counts.json"])
def test_other_json_is_refused(name: str) -> None:
    (found,) = read_file(SHARED / "api_v1" / name, TODAY)
    assert isinstance(found, Refused) and "no procedure that can be imported" in found.reason


@pytest.mark.parametrize(
    "path",
    [
        "api_v1/get-formality-by-citizen_1.000358.json",
        "csdl_integration_response_1.001193_H49.json",
        "excel_dvcqg_list/toa-an-nhan-dan.xlsx",
        "pdf_chi_tiet/142_1.013235.pdf",
        "page_text_json_samples/1.002693.json",
    ],
)
def test_a_truncated_copy_of_each_is_refused(tmp_path: Path, path: str) -> None:
    data = (SHARED / path).read_bytes()
    file = tmp_path / Path(path).name
    file.write_bytes(data[: len(data) * 3 // 4])
    (found,) = read_file(file, TODAY)
    assert isinstance(found, Refused) and "cut off" in found.reason
