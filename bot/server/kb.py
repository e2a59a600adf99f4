"""`troly kb` with the database behind it: import, sync, diff, versions, restore, rebase."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from bot.server.catalogue_work import CatalogueWork, Planned, WrongProvince, origin_of
from bot.server.cli import plain_errors, read_settings
from bot.server.kb_output import change_line, print_report, print_sync, progress, version_line
from bot.storage.catalogues import BrokenVersion, ConflictingImport, NoSuchVersion, SqlCatalogues
from procedures_kb.catalogue import BrokenRecord
from procedures_kb.cli import app
from procedures_kb.merging import Fate

if TYPE_CHECKING:
    from procedures_kb.portal.settings import PortalSettings
    from procedures_kb.portal.store import PortalStore
    from procedures_kb.portal.sync import SyncReport


Apply = Annotated[bool, typer.Option("--apply", help="Publish. Without it nothing is changed.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ProvinceName = Annotated[
    str | None, typer.Option("--province", help="The files are this province's own, which we serve.")
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """How much of the portal's list a sync is about."""

    department: str | None
    limit: int | None
    refresh_days: int


@app.command("import")
def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders of the portal.", exists=True)],
    province: ProvinceName = None,
    apply: Apply = False,
    as_json: AsJson = False,
) -> None:
    """Read files of the portal in any of its formats; tell what is new, changed or refused, and publish it.

    Exits with 1 when nothing could be taken. The server goes on serving and swaps the new version in.
    """
    from procedures_kb.importers.detect import count_files, read_paths

    console = Console(stderr=as_json)
    now = datetime.now(UTC)
    with plain_errors(), _catalogue_errors():
        work = _work()
        with progress(console) as bar:
            task = bar.add_task("reading", total=count_files(paths))
            found = read_paths(paths, now.date(), on_file=lambda _: bar.advance(task))
            planned = work.plan(found, origin_of(paths, now), now.date(), province)
        number = _published(work, planned, apply)
    print_report(console, planned, number, apply=apply, as_json=as_json)
    if not planned.merged.outcomes or planned.merged.count(Fate.REFUSED) == len(planned.merged.outcomes):
        raise typer.Exit(1)


@app.command()
def sync(
    *,
    folder: Annotated[Path | None, typer.Option(help="Where the raw answers are kept.")] = None,
    apply: Apply = False,
    department: Annotated[str | None, typer.Option(help="Only this department's list (its code).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many.")] = None,
    rate: Annotated[float, typer.Option(min=0.01, help="Requests a second.")] = 1.0,
    refresh_days: Annotated[int, typer.Option(min=0, help="Ask again for details older than this.")] = 30,
    base_url: Annotated[str | None, typer.Option(help="Another address of the portal.")] = None,
    province: ProvinceName = None,
) -> None:
    """Fetch the national portal's public list and details, politely, then import them.

    Killed at any moment, it goes on where it was when it is run again.
    """
    from procedures_kb.importers.detect import read_paths
    from procedures_kb.portal.store import PortalStore

    console, now = Console(), datetime.now(UTC)
    asked = _Asked(department, limit, refresh_days)
    with plain_errors(), _catalogue_errors(), _portal_errors():
        work = _work()
        with PortalStore(folder or read_settings().var / "portal") as store:
            fetched = _fetch(console, store, _portal_settings(rate, base_url), asked)
            print_sync(console, fetched)
            kept = [store.file(entry.code) for entry in store.entries(gone=False)]
            gone = [entry.code for entry in store.entries(gone=True)]
        found = read_paths(kept, now.date())
        planned = work.plan(found, f"sync {now:%Y-%m-%d %H:%M}", now.date(), province, gone)
        number = _published(work, planned, apply)
    print_report(console, planned, number, apply=apply, as_json=False)


@app.command()
def diff(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Compare with this day.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="Compare with this version; 0: the shipped one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell in plain words what changed in the catalogue since a day, or since the version before."""
    from procedures_kb.diff import changes, grouped, load_words, summary

    with plain_errors(), _catalogue_errors():
        work = _work()
        current, number, _ = work.current()
        old, old_number = work.before(number, since.date() if since else None, version)
    found = changes(old, current)
    if as_json:
        typer.echo(json.dumps([change_line(change) for change in found], ensure_ascii=False, indent=2))
        return
    console, kinds = Console(), load_words().kinds
    console.print(f"[bold]version {old_number} → {number}[/]: {len(old)} → {len(current)} procedures")
    for kind, count in summary(found).items():
        console.print(f"  {count} × {kinds[kind]}")
    for procedure in grouped(found):
        console.print(f"[bold]{procedure.code}[/] {procedure.name}", highlight=False)
        for change in procedure.changes:
            console.print(f"  • {change.sentence}", highlight=False, markup=False)


@app.command()
def versions(as_json: AsJson = False) -> None:
    """List the versions of the catalogue in the database, newest first."""
    with plain_errors():
        found = _work().catalogues.versions()
    if as_json:
        typer.echo(json.dumps([version_line(version) for version in found], ensure_ascii=False, indent=2))
        return
    table = Table("version", "published", "procedures", "imported", "from")
    for version in found:
        table.add_row(
            str(version.number),
            f"{version.created_at:%Y-%m-%d %H:%M}",
            str(version.procedures),
            str(len(version.imported)),
            version.origin,
        )
    table.add_row("0", "", "", "0", "the facts shipped with this release")
    Console().print(table)


@app.command()
def restore(
    number: Annotated[int, typer.Argument(help="Version to serve again; 0: the shipped one.")],
) -> None:
    """Serve an earlier version again, as a new one."""
    with plain_errors(), _catalogue_errors():
        new = _work().restore(number)
    typer.echo(f"version {new} is published: the same as version {number}")


@app.command()
def rebase(apply: Apply = False) -> None:
    """Put what was imported above the facts of this release, after an update of the software."""
    now = datetime.now(UTC)
    console = Console()
    with plain_errors(), _catalogue_errors():
        work = _work()
        planned = work.plan((), f"rebase {now:%Y-%m-%d %H:%M}", now.date())
        number = _published(work, planned, apply)
    print_report(console, planned, number, apply=apply, as_json=False)


def _work() -> CatalogueWork:
    from bot.storage.database import open_database

    settings = read_settings()
    return CatalogueWork(SqlCatalogues(open_database(settings.database_url)), settings.catalogue_versions)


@contextmanager
def _catalogue_errors() -> Iterator[None]:
    """Turn what the operator can repair into one line and exit status 1."""
    try:
        yield
    except (WrongProvince, ConflictingImport, NoSuchVersion, BrokenVersion, BrokenRecord) as error:
        typer.echo(f"troly: {error}", err=True)
        raise typer.Exit(1) from error


def _published(work: CatalogueWork, planned: Planned, apply: bool) -> int | None:
    return work.publish(planned) if apply and planned.merged.differs else None


@contextmanager
def _portal_errors() -> Iterator[None]:
    """Turn what went wrong with the portal or the folder of its answers into one line and exit status 1."""
    from procedures_kb.portal.errors import PortalError
    from procedures_kb.portal.store import BrokenStore, StoreBusy
    from procedures_kb.portal.sync import SyncStopped

    try:
        yield
    except (PortalError, SyncStopped, StoreBusy, BrokenStore) as error:
        typer.echo(f"troly: {error}", err=True)
        raise typer.Exit(1) from error


def _portal_settings(rate: float, base_url: str | None) -> PortalSettings:
    from procedures_kb.portal.settings import PortalSettings

    try:
        address = {} if base_url is None else {"base_url": base_url}
        return PortalSettings.model_validate({"requests_per_second": rate, **address})
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{first['loc'][0]}: {first['msg']}") from error


def _fetch(
    console: Console,
    store: PortalStore,
    settings: PortalSettings,
    asked: _Asked,
) -> SyncReport:
    from procedures_kb.portal.client import PortalClient
    from procedures_kb.portal.sync import Progress as Done
    from procedures_kb.portal.sync import sync as synchronise

    with PortalClient(settings) as client, progress(console) as bar:
        task = bar.add_task("list", total=None)

        def show(done: Done) -> None:
            bar.update(task, description=done.phase, completed=done.done, total=done.total)

        return synchronise(
            client,
            store,
            department=asked.department,
            limit=asked.limit,
            refresh_days=asked.refresh_days,
            on_progress=show,
        )
