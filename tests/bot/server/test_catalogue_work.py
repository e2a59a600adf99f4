"""Planning and publishing: what is abolished stays out, and nothing is read too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.server import catalogue_work
from bot.server.catalogue_work import CatalogueWork, WrongProvince
from bot.storage.catalogues import SqlCatalogues
from bot.storage.database import open_database
from procedures_kb.importers.contract import Imported, Refused
from tests.factories import catalogue

TODAY = date(2026, 11, 22)
GONE = "1.000002"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogueWork:
    monkeypatch.setattr(catalogue_work.shipped_files, "load", catalogue)
    return CatalogueWork(SqlCatalogues(open_database(f"sqlite:///{tmp_path}/troly.db")), keep=5)


def test_what_was_abolished_stays_out_at_the_next_import(work: CatalogueWork) -> None:
    assert GONE in catalogue().by_code
    work.publish(work.plan((), "sync", TODAY, gone=[GONE]))
    assert GONE not in work.current()[0].by_code
    again = work.plan((), "import", TODAY)
    assert GONE not in {p.code for p in again.merged.procedures}
    assert not again.merged.differs


def test_a_newer_release_is_taken_whole(work: CatalogueWork, monkeypatch: pytest.MonkeyPatch) -> None:
    work.publish(work.plan((), "sync", TODAY, gone=[GONE]))
    monkeypatch.setattr(catalogue_work, "shipped_digest", lambda: "another")
    assert GONE in {p.code for p in work.plan((), "rebase", TODAY).merged.procedures}


def test_nothing_is_read_for_another_province(work: CatalogueWork) -> None:
    def files() -> Iterator[Imported | Refused]:
        raise AssertionError("begun to read")
        yield

    with pytest.raises(WrongProvince, match="serves Thanh Hóa, not Nghệ An"):
        work.plan(files(), "import", TODAY, "Nghệ An")
