"""What search makes of a catalogue: read again from an earlier start, it ranks to the last digit alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bot.search import prepared
from bot.search.corpus import Corpus
from bot.search.searcher import Searcher
from procedures_kb import kept
from procedures_kb.catalogue import Catalogue, from_lines

QUESTIONS = (
    "làm giấy khai sinh cho con",
    "đăng ký lại khai sinh",
    "1.000894",
    "doi bang lai xe",
    "mở quán tạp hóa thì đăng ký gì",
    "cấp thẻ căn cước bị mất",
    "đăg ký tạm trứ",
    "thời tiết hôm nay",
    "",
)
Names = Mapping[str, tuple[str, ...]]


def searcher(catalogue: Catalogue, names: Names, cache: Path) -> Searcher:
    """A start of the server: the catalogue's lines, then search."""
    lines = [procedure.model_dump_json(exclude_defaults=True) for procedure in catalogue]
    with kept.keeping(cache / "kept"):
        return Searcher.lexical_only(from_lines([("records", lines)]), names, cache)


def test_recalled_search_is_the_same(
    catalogue: Catalogue, lay_names: Names, lexical: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher(catalogue, lay_names, tmp_path)
    monkeypatch.setattr(Corpus, "of", None)  # whoever reads the records again fails
    recalled = searcher(catalogue, lay_names, tmp_path)
    assert recalled.corpus == lexical.corpus
    assert recalled.corpus.digest == lexical.corpus.digest
    assert recalled.exact == lexical.exact
    assert recalled.spelling.words == lexical.spelling.words
    np.testing.assert_array_equal(recalled.marks.cued, lexical.marks.cued)
    np.testing.assert_array_equal(recalled.marks.uncued, lexical.marks.uncued)
    for question in QUESTIONS:
        assert recalled.search(question) == lexical.search(question)


def test_other_lay_names_or_records_are_not_mixed_up(
    catalogue: Catalogue, lay_names: Names, tmp_path: Path
) -> None:
    searcher(catalogue, lay_names, tmp_path)
    fewer = dict(list(lay_names.items())[:2])
    assert searcher(catalogue, fewer, tmp_path).corpus == Corpus.of(catalogue, fewer)
    smaller = Catalogue(tuple(catalogue)[:5])
    assert searcher(smaller, lay_names, tmp_path).corpus == Corpus.of(smaller, lay_names)


def test_without_a_folder_nothing_is_kept(catalogue: Catalogue, lay_names: Names, tmp_path: Path) -> None:
    Searcher.lexical_only(catalogue, lay_names, tmp_path)
    assert not list(tmp_path.rglob("*.json"))


def test_spoiled_search_is_made_again(
    catalogue: Catalogue, lay_names: Names, lexical: Searcher, tmp_path: Path
) -> None:
    searcher(catalogue, lay_names, tmp_path)
    (file,) = (tmp_path / "kept").glob(f"{prepared.NAME}-*.json")
    file.write_bytes(file.read_bytes()[:-40])
    assert searcher(catalogue, lay_names, tmp_path).corpus == lexical.corpus
