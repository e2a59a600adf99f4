"""The synchronisation: what it fetches, what it leaves, what it reports."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from procedures_kb.importers.contract import Imported, Refused
from procedures_kb.importers.detect import read_paths
from procedures_kb.portal import (
    BrokenStore,
    PortalBroken,
    PortalStore,
    Progress,
    StoreBusy,
    SyncReport,
    SyncStopped,
    sync,
)
from tests.fakes.portal import GENUINE, LIST_KEY, FakePortal, Fault, invented
from tests.procedures_kb.portal.conftest import MakeClient
from tests.procedures_kb.portal.helpers import NOW, snapshot

CODES = tuple(f"9.{number:06d}" for number in range(1, 13))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PortalStore]:
    with PortalStore(tmp_path / "portal") as opened:
        yield opened


def _id(number: int) -> str:
    return str(invented(number)["id"])


def test_a_first_sync_stores_everything(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    steps: list[Progress] = []
    report = sync(make_client(), store, on_progress=steps.append, now=lambda: NOW)
    assert report == SyncReport(12, CODES, 0, (), ())
    assert sorted(file.name for file in store.details.iterdir()) == [f"{code}.json" for code in CODES]
    assert json.loads(store.file("9.000003").read_bytes())["data"] == invented(3)
    assert [(s.phase, s.done, s.total) for s in steps[:4]] == [
        ("list", 5, 12),
        ("list", 10, 12),
        ("list", 12, 12),
        ("details", 1, 12),
    ]
    entry = store.entry("9.000003")
    assert entry is not None
    assert (entry.name, entry.fetched, entry.gone) == ("Cấp giấy phép thả diều số 3", NOW, None)
    assert not list(store.folder.glob("partial*")), "no half is left"


def test_a_second_sync_asks_for_no_detail(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store, now=lambda: NOW)
    before, asked = snapshot(store.folder), portal.details_asked
    report = sync(make_client(), store, now=lambda: NOW + timedelta(days=29))
    assert (report.fetched, report.unchanged, portal.details_asked) == ((), 12, asked)
    assert snapshot(store.folder) == before


def test_a_changed_item_is_fetched_again(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    portal.put(invented(4, name="Cấp giấy phép thả diều sáo", updatedAt=1_776_000_000_000))
    report = sync(make_client(), store)
    assert (report.fetched, report.unchanged) == (("9.000004",), 11)
    entry = store.entry("9.000004")
    assert entry is not None
    assert entry.name == "Cấp giấy phép thả diều sáo"


def test_an_old_detail_is_fetched_again(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store, now=lambda: NOW)
    portal.put(invented(4, executionSteps=[], updatedAt=1_776_000_000_000))  # which the list does not show
    later = NOW + timedelta(days=31)
    report = sync(make_client(), store, now=lambda: later)
    assert (report.fetched, report.unchanged) == (("9.000004",), 11), "the same updatedAt is unchanged"
    assert portal.details_asked == 24
    assert {entry.fetched for entry in store.entries()} == {later}
    assert sync(make_client(), store, refresh_days=0, now=lambda: later + timedelta(hours=1)).unchanged == 12
    assert portal.details_asked == 36


def test_the_newest_bytes_are_kept_even_under_an_old_date(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store, now=lambda: NOW)
    portal.put(invented(4, requirementsAndConditions="Diều không quá 2 mét"))
    report = sync(make_client(), store, refresh_days=0, now=lambda: NOW + timedelta(days=1))
    assert report.fetched == ()
    assert "2 mét" in store.file("9.000004").read_text("utf-8")


def test_a_lost_or_damaged_file_is_fetched_again(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store, now=lambda: NOW)
    before = snapshot(store.folder)
    store.file("9.000001").unlink()
    store.file("9.000002").write_bytes(b"")
    sync(make_client(), store, now=lambda: NOW)
    assert portal.details_asked == 14
    assert snapshot(store.folder) == before


def test_what_a_complete_list_lacks_is_marked_and_kept(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    gone = portal.records.pop(_id(5))
    assert sync(make_client(), store, now=lambda: NOW).gone == ("9.000005",)
    assert [(one.code, one.gone) for one in store.entries(gone=True)] == [("9.000005", NOW)]
    assert store.file("9.000005").is_file()
    assert sync(make_client(), store).gone == (), "it is reported once"
    assert [one.gone for one in store.entries(gone=True)] == [NOW]
    portal.put(gone)
    sync(make_client(), store)
    assert store.entries(gone=True) == ()


def test_a_code_under_a_new_id_is_not_gone(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    portal.records.pop(_id(5))
    portal.put(invented(5, id="019e0000-0000-7000-8000-000000000005"))
    report = sync(make_client(), store)
    assert (report.gone, report.fetched, len(store.entries())) == ((), (), 12)
    assert portal.details_asked == 13


def test_only_a_complete_list_tells_what_is_gone(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    portal.records.pop(_id(12))
    part = sync(make_client(), store, limit=3)
    assert (part.listed, part.gone, part.unsure) == (3, (), "only a part of the list was asked for")
    portal.announced = 12
    assert "11 of the 12 records" in str(sync(make_client(), store).unsure)
    portal.announced = None
    portal.extra_items = [{"id": "?", "name": "x"}]
    assert sync(make_client(), store).unsure == "1 items of the list could not be read"
    portal.extra_items = []
    assert sync(make_client(), store).gone == ("9.000012",)


def test_an_empty_list_abolishes_nothing(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    portal.records.clear()
    report = sync(make_client(), store)
    assert (report.listed, report.gone, report.unsure) == (0, (), "the list is empty")


def test_a_mass_disappearance_is_doubted(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    for number in range(1, 9):
        portal.records.pop(_id(number))
    report = sync(make_client(most_gone=5), store)
    assert report.gone == ()
    assert str(report.unsure).startswith("8 known records are missing at once")
    assert len(sync(make_client(most_gone=8), store).gone) == 8


def test_a_departments_list_says_nothing_about_the_nation(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    portal.departments["H56"] = {_id(1), _id(2), _id(3)}
    assert sync(make_client(), store, department="H56").fetched == CODES[:3]
    portal.departments["H56"] = {_id(1), _id(2)}
    assert sync(make_client(), store, department="H56").gone == (CODES[2],)
    sync(make_client(), store)  # the nation's list still holds it
    assert store.entries(gone=True) == ()
    portal.departments["H56"] = {_id(1)}
    assert sync(make_client(), store, department="H56").gone == (), "seen in the nation's list"


def test_one_broken_detail_stops_nothing(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    portal.fail(_id(3), Fault("html"), times=2)
    portal.fail(_id(7), Fault("status", status=500), times=5)
    portal.records[_id(9)]["code"] = "9.000001"  # the wrong record (trap 2): the list shows it so, too
    report = sync(make_client(), store)
    assert [failure.code for failure in report.failed] == ["9.000001", "9.000003", "9.000007"]
    assert "listed twice" in report.failed[0].reason
    assert "web page" in report.failed[1].reason
    assert (report.listed, len(report.fetched)) == (12, 9)
    again = sync(make_client(), store)
    assert again.fetched == ("9.000003", "9.000007"), "the next sync tries them again"


def test_a_detail_of_another_record_is_refused(
    portal: FakePortal, make_client: MakeClient, store: PortalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fakes.portal._item", lambda r: {"id": r["id"], "code": r["code"], "name": "x"})
    swapped = {_id(2): invented(3) | {"id": _id(2)}}
    original = portal._page
    monkeypatch.setattr(portal, "_page", lambda query: (original(query), portal.records.update(swapped))[0])
    report = sync(make_client(page_size=200), store)
    assert [failure.code for failure in report.failed] == ["9.000002"]
    assert "got 9.000003" in report.failed[0].reason
    assert not store.file("9.000002").exists()


def test_a_codes_name_cannot_leave_the_folder(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    portal.put(invented(20, code="../../evil"))
    portal.put(invented(21, code=".hidden"))
    report = sync(make_client(), store)
    assert [f.code for f in report.failed] == ["../../evil", ".hidden"]
    assert len(list(store.details.iterdir())) == 12


def test_it_stops_after_failures_in_a_row(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    for number in (2, 4, 5, 6):
        portal.fail(_id(number), Fault("status", status=404))
    with pytest.raises(SyncStopped, match=r"3 details failed in a row.*run the sync again") as stopped:
        sync(make_client(give_up_after=3), store)
    assert stopped.value.report.fetched == ("9.000001", "9.000003")
    assert len(stopped.value.report.failed) == 4
    assert len(sync(make_client(), store).fetched) == 10


def test_too_many_requests_stop_it_at_once(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    portal.fail(_id(2), Fault("status", status=429, retry_after="3600"))
    with pytest.raises(SyncStopped, match="it asks to wait 3600 s"):
        sync(make_client(), store)
    assert portal.details_asked == 2


def test_a_broken_list_changes_nothing(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    before = snapshot(store.folder)
    portal.records.pop(_id(1))
    portal.fail(LIST_KEY, Fault("malformed"), times=2)
    with pytest.raises(PortalBroken):
        sync(make_client(), store)
    assert snapshot(store.folder) == before


def test_two_syncs_cannot_run_at_once(make_client: MakeClient, store: PortalStore) -> None:
    with (
        PortalStore(store.folder) as other,
        other.locked(),
        pytest.raises(StoreBusy, match="another sync is running"),
    ):
        sync(make_client(), store)
    assert sync(make_client(), store).listed == 12


def test_a_damaged_index_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(BrokenStore, match="delete this one file"):
        PortalStore(tmp_path)


def test_an_index_of_a_later_version_is_left_alone(store: PortalStore) -> None:
    store._db.execute("PRAGMA user_version = 2")
    with pytest.raises(BrokenStore, match="version 2"):
        PortalStore(store.folder)


def test_a_genuine_record_is_stored_as_received(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    if not GENUINE.is_file():
        pytest.skip(f"no genuine sample at {GENUINE}")
    record = json.loads(GENUINE.read_text("utf-8"))
    portal.put(record)
    assert "1.000358" in sync(make_client(), store).fetched
    assert json.loads(store.file("1.000358").read_bytes()) == {"code": "OK", "data": record}


def test_a_full_disk_is_named_and_loses_nothing(
    portal: FakePortal, make_client: MakeClient, store: PortalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(make_client(), store, limit=3, now=lambda: NOW)
    before = {file.name: file.read_bytes() for file in store.details.iterdir()}

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(BrokenStore, match=r"No space left on device.*check its space"):
            sync(make_client(), store)
    assert {file.name: file.read_bytes() for file in store.details.iterdir()} == before
    assert len(sync(make_client(), store).fetched) == 9


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BrokenStore, match="cannot be written"):
        PortalStore(tmp_path / "file")


def test_the_importer_reads_what_a_sync_stores(
    portal: FakePortal, make_client: MakeClient, store: PortalStore
) -> None:
    sync(make_client(), store)
    read = list(read_paths([store.details], NOW.date()))
    assert [one.code for one in read if isinstance(one, Imported)] == list(CODES)
    assert [one.reason for one in read if isinstance(one, Refused)] == []
