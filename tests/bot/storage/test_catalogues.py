"""Versions of the catalogue: published whole or not at all, pinned by their digest, kept for a while."""

from __future__ import annotations

import gzip
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from bot.storage.catalogues import (
    BrokenVersion,
    ConflictingImport,
    Edition,
    NoSuchVersion,
    SqlCatalogues,
)
from bot.storage.database import open_database
from bot.storage.models import CatalogueRow
from procedures_kb.importers.contract import Format, Wording
from procedures_kb.merging import wording_id
from procedures_kb.model import Procedure
from tests.factories import birth, procedure

WORDING = Wording(code="1.000001", format=Format.API_DETAIL, taken=date(2026, 11, 2), steps="Bước 1 …")


def edition(*procedures: Procedure, origin: str = "import of samples") -> Edition:
    return Edition(
        procedures or (birth(),),
        frozenset({"1.000001"}),
        "0123456789ab",
        origin,
        {wording_id(WORDING): WORDING},
    )


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/troly.db")


@pytest.fixture
def catalogues(engine: Engine) -> SqlCatalogues:
    return SqlCatalogues(engine)


def test_a_new_database_has_only_the_shipped_facts(catalogues: SqlCatalogues) -> None:
    assert catalogues.latest() == 0
    assert catalogues.versions() == []
    with pytest.raises(NoSuchVersion, match="troly kb versions"):
        catalogues.load(1)


def test_what_is_published_comes_back_as_it_was(catalogues: SqlCatalogues) -> None:
    odd = procedure("1.000009", "Tên có\u2028dấu lạ")
    assert catalogues.publish(edition(birth(), odd), 0, keep=5) == 1
    assert catalogues.load(1).procedures == (birth(), odd)
    version = catalogues.version(1)
    assert (version.procedures, version.imported) == (2, {"1.000001"})
    assert version.created_at.tzinfo is not None


def test_the_wording_is_kept_under_its_digest(catalogues: SqlCatalogues) -> None:
    catalogues.publish(edition(), 0, keep=5)
    catalogues.publish(edition(), 1, keep=5)  # the same wording twice is one row
    assert catalogues.wording(wording_id(WORDING)) == WORDING
    assert catalogues.wording("0" * 32) is None


def test_of_two_imports_at_once_one_is_told_to_run_again(catalogues: SqlCatalogues) -> None:
    results: list[int | str] = []
    together = threading.Barrier(2)

    def publish(origin: str) -> None:
        together.wait()
        try:
            results.append(catalogues.publish(edition(origin=origin), 0, keep=5))
        except ConflictingImport as error:
            results.append(str(error))

    threads = [threading.Thread(target=publish, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 in results
    assert any("run this one again" in str(result) for result in results)
    assert len(catalogues.versions()) == 1


def test_a_version_with_other_bytes_is_not_served(catalogues: SqlCatalogues, engine: Engine) -> None:
    catalogues.publish(edition(), 0, keep=5)
    with engine.begin() as connection:
        records = connection.execute(select(CatalogueRow.records)).scalar_one()
        changed = gzip.compress(gzip.decompress(records).replace(b"8000", b"0"))
        connection.execute(update(CatalogueRow).values(records=changed))
    with pytest.raises(BrokenVersion, match="digest differs"):
        catalogues.load(1)
    with engine.begin() as connection:
        connection.execute(update(CatalogueRow).values(records=b"\x1f\x8bno gzip"))
    with pytest.raises(BrokenVersion, match="version 1 cannot be read"):
        catalogues.load(1)


def test_only_the_last_versions_are_kept(catalogues: SqlCatalogues) -> None:
    for number in range(4):
        catalogues.publish(edition(origin=f"import {number}"), number, keep=2)
    assert [version.number for version in catalogues.versions()] == [4, 3]


def test_what_was_in_force_on_a_day(catalogues: SqlCatalogues, engine: Engine) -> None:
    catalogues.publish(edition(), 0, keep=5)
    catalogues.publish(edition(), 1, keep=5)
    today = datetime.now(UTC)
    with engine.begin() as connection:
        earlier = update(CatalogueRow).where(CatalogueRow.number == 1)
        connection.execute(earlier.values(created_at=today - timedelta(days=10)))
    assert catalogues.in_force((today - timedelta(days=20)).date()) == 0
    assert catalogues.in_force((today - timedelta(days=3)).date()) == 1
    assert catalogues.in_force((today + timedelta(days=1)).date()) == 2
