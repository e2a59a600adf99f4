"""One synchronisation: the whole list first, then every detail that is missing, changed or old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from procedures_kb.portal.answers import FILE_SAFE_CODE, Listed
from procedures_kb.portal.client import PortalClient
from procedures_kb.portal.errors import PortalBroken, PortalError, PortalRefused
from procedures_kb.portal.store import PortalStore

logger = logging.getLogger(__name__)

_LOCAL = "LOCAL_REGULATION"
_CLOSED_TO_US = frozenset({401, 429})  # these speak of us, not of one record


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a sync stands: `phase` is "list" or "details"; `total` is None while it is unknown."""

    phase: str
    done: int
    total: int | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that could not be stored this time; the next sync tries it again."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. `listed` = fetched + unchanged + failed ones of the list.

    `fetched` and `gone` are codes: new or changed details, and those that a complete list lacks now.
    `unsure` says why nothing was marked gone; None where the list was complete.
    """

    listed: int
    fetched: tuple[str, ...]
    unchanged: int
    gone: tuple[str, ...]
    failed: tuple[Failure, ...]
    unsure: str | None = None


class SyncStopped(RuntimeError):
    """A sync that gave up; `report` tells what it had stored. Running it again goes on from there."""

    def __init__(self, why: str, report: SyncReport) -> None:
        super().__init__(f"{why}. {len(report.fetched)} details are stored; run the sync again to go on")
        self.report = report


def sync(
    client: PortalClient,
    store: PortalStore,
    *,
    department: str | None = None,
    limit: int | None = None,
    refresh_days: int | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> SyncReport:
    """Bring `store` up to the portal, of one department's list or the nation's, the first `limit` items.

    A broken detail is reported and passed over. Raises StoreBusy, BrokenStore; PortalError where the list
    cannot be read (nothing is changed then); SyncStopped where the portal has closed or too many details
    failed in a row. Killed at any moment, it goes on where it was when it is run again.
    """
    days = client.settings.refresh_days if refresh_days is None else refresh_days
    run = _Run(client, store, on_progress, now)
    with store.locked():
        items = run.read_list(department, limit)
        run.fetch(items, now() - timedelta(days=days))
    return run.report()


@dataclass
class _Run:
    client: PortalClient
    store: PortalStore
    on_progress: Callable[[Progress], None]
    now: Callable[[], datetime]
    listed: int = 0
    unchanged: int = 0
    fetched: list[str] = field(default_factory=list)
    gone: tuple[str, ...] = ()
    failed: list[Failure] = field(default_factory=list)
    unsure: str | None = None
    in_a_row: int = 0

    def report(self) -> SyncReport:
        return SyncReport(
            self.listed, tuple(self.fetched), self.unchanged, self.gone, tuple(self.failed), self.unsure
        )

    def read_list(self, department: str | None, limit: int | None) -> list[Listed]:
        """Read the list, note it in the store, and return one item a code."""
        found, counted, unreadable, total = self._pages(department, limit)
        items = self._one_a_code(found)
        self.listed = len(found) + unreadable
        self.failed += [Failure("?", "an item of the list without a usable id, code or name")] * unreadable
        scope = department or ""
        self.store.list_items(items, scope)
        self.unsure = _why_unsure(counted, total, unreadable, cut=limit is not None and len(found) >= limit)
        if self.unsure is None:
            self._mark_gone({item.code for item in found}, scope)
        return items

    def _pages(self, department: str | None, limit: int | None) -> tuple[list[Listed], int, int, int | None]:
        found: dict[str, Listed] = {}
        counted, unreadable, total = 0, 0, None
        for page in self.client.pages(department=department):
            found.update((item.id, item) for item in page.items)
            counted += len(page.items) + page.unreadable
            unreadable += page.unreadable
            total = page.total if page.total is not None else total
            self.on_progress(Progress("list", len(found), total))
            if limit is not None and len(found) >= limit:
                break
        return list(found.values())[:limit], counted, unreadable, total

    def _one_a_code(self, found: Iterable[Listed]) -> list[Listed]:
        """Keep one item a code, the nation's before a province's own; the others are reported."""
        best: dict[str, Listed] = {}
        for item in found:
            if not FILE_SAFE_CODE.fullmatch(item.code):
                self.failed.append(Failure(item.code, "a code that cannot be a file's name"))
                continue
            first = best.setdefault(item.code, item)
            if first is not item:
                kept = min(first, item, key=_preference)
                other = item if kept is first else first
                best[item.code] = kept
                self.failed.append(Failure(item.code, f"listed twice: {kept.id} is kept, {other.id} is not"))
        return list(best.values())

    def _mark_gone(self, listed: set[str], scope: str) -> None:
        missing = self.store.missing(listed, scope)
        fresh = [code for code in missing if (one := self.store.entry(code)) and one.gone is None]
        rules = self.client.settings
        if len(fresh) > max(rules.most_gone, rules.most_gone_share * (len(listed) + len(missing))):
            self.unsure = (
                f"{len(fresh)} known records are missing at once: look at the portal before believing it"
            )
            return
        self.gone = self.store.mark_gone(fresh, self.now())

    def fetch(self, items: list[Listed], oldest: datetime) -> None:
        """Fetch what is missing, changed or older than `oldest`, one after another."""
        for done, item in enumerate(items, start=1):
            if self.store.is_current(item, oldest):
                self.unchanged += 1
            else:
                self._fetch_one(item)
            self.on_progress(Progress("details", done, len(items), item.code))

    def _fetch_one(self, item: Listed) -> None:
        try:
            detail = self.client.detail(item.id)
            if (detail.id, detail.code) != (item.id, item.code):
                raise PortalBroken(f"asked for {item.code} ({item.id}), got {detail.code} ({detail.id})")
        except PortalError as error:
            self._failed(item, error)
            return
        self.in_a_row = 0
        if self.store.save(item, detail, self.now()):
            self.fetched.append(item.code)
        else:
            self.unchanged += 1

    def _failed(self, item: Listed, error: PortalError) -> None:
        self.in_a_row += 1
        self.failed.append(Failure(item.code, str(error)))
        logger.warning("%s is not stored: %s", item.code, error)
        rules = self.client.settings
        if isinstance(error, PortalRefused) and (
            error.status in _CLOSED_TO_US or (error.retry_after_s or 0) > rules.longest_retry_after_s
        ):
            raise SyncStopped(str(error), self.report()) from error
        if self.in_a_row >= rules.give_up_after:
            raise SyncStopped(
                f"{self.in_a_row} details failed in a row, the last: {error}", self.report()
            ) from error


def _why_unsure(counted: int, total: int | None, unreadable: int, *, cut: bool) -> str | None:
    if cut:
        return "only a part of the list was asked for"
    if total is not None and counted < total:
        return f"the list gave {counted} of the {total} records that it announces"
    if unreadable:
        return f"{unreadable} items of the list could not be read"
    return None if counted else "the list is empty"


def _preference(item: Listed) -> tuple[bool, str]:
    return (item.type == _LOCAL, item.id)
