"""What `troly kb` prints: reports of imports and synchronisations, versions, changes."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.server.catalogue_work import Planned
from bot.storage.catalogues import Version
from procedures_kb.merging import Fate, Outcome

if TYPE_CHECKING:
    from procedures_kb.diff import Change
    from procedures_kb.portal.sync import SyncReport

_SHOWN = 40
_ALIKE = 5  # more refusals for one reason than this are counted, not listed
_COLOURS = {Fate.NEW: "green", Fate.CHANGED: "yellow", Fate.UNCHANGED: "dim", Fate.REFUSED: "red"}


def progress(console: Console) -> Progress:
    """Return a progress bar with counts and the time left."""
    parts = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*parts, console=console, transient=True)


def print_report(
    console: Console, planned: Planned, number: int | None, *, apply: bool, as_json: bool
) -> None:
    """Print what an import or a rebase makes of the catalogue: as lines, or as JSON on standard output."""
    merged = planned.merged
    counts = {fate.value: merged.count(fate) for fate in Fate}
    if as_json:
        listed = [_outcome_line(outcome) for outcome in merged.outcomes]
        typer.echo(
            json.dumps({"counts": counts, "version": number, "procedures": listed}, ensure_ascii=False)
        )
        return
    for fate in (Fate.NEW, Fate.CHANGED):
        _list(console, fate, [outcome for outcome in merged.outcomes if outcome.fate is fate])
    _list_refused(console, [outcome for outcome in merged.outcomes if outcome.fate is Fate.REFUSED])
    console.print(", ".join(f"{count} {name}" for name, count in counts.items()))
    console.print(_ending(planned, number, apply=apply))


def print_sync(console: Console, report: SyncReport) -> None:
    """Print what a synchronisation fetched and what failed."""
    console.print(
        f"{report.listed} listed, {len(report.fetched)} fetched, {report.unchanged} unchanged, "
        f"{len(report.gone)} gone, {len(report.failed)} failed"
    )
    for failure in report.failed[:_SHOWN]:
        console.print(f"[red]failed[/] {failure.code}: {failure.reason}", highlight=False)
    if report.unsure:
        console.print(f"[yellow]nothing is taken as abolished:[/] {report.unsure}", highlight=False)


def version_line(version: Version) -> dict[str, object]:
    """Return a version of the catalogue as `troly kb versions --json` gives it."""
    return {
        "version": version.number,
        "published": version.created_at.isoformat(timespec="seconds"),
        "procedures": version.procedures,
        "imported": len(version.imported),
        "digest": version.digest[:12],
        "from": version.origin,
    }


def change_line(change: Change) -> dict[str, object]:
    """Return a change as `troly kb diff --json` gives it."""
    return {
        "kind": change.kind.value,
        "code": change.code,
        "name": change.name,
        "sentence": change.sentence,
        "before": change.before,
        "after": change.after,
    }


def _list(console: Console, fate: Fate, outcomes: list[Outcome]) -> None:
    for outcome in outcomes[:_SHOWN]:
        what = " ".join(filter(None, (outcome.code, outcome.name)))
        reason = f": {outcome.reason}" if outcome.reason else ""
        console.print(f"[{_COLOURS[fate]}]{fate.value}[/] {what} ({outcome.file}){reason}", highlight=False)
    if len(outcomes) > _SHOWN:
        console.print(f"… and {len(outcomes) - _SHOWN} more {fate.value}")


def _list_refused(console: Console, outcomes: list[Outcome]) -> None:
    """Print what was refused: one by one, or a reason that holds for many once with the first of them."""
    by_reason: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_reason[outcome.reason].append(outcome)
    for reason, alike in by_reason.items():
        shown = alike[:3] if len(alike) > _ALIKE else alike
        for outcome in shown:
            console.print(f"[red]refused[/] {outcome.code or ''} ({outcome.file}): {reason}", highlight=False)
        if len(alike) > len(shown):
            console.print(f"[red]refused[/] … and {len(alike) - len(shown)} more: {reason}", highlight=False)


def _ending(planned: Planned, number: int | None, *, apply: bool) -> str:
    if number is not None:
        return f"version {number} is published: running servers take it within seconds"
    if not planned.merged.differs:
        return "nothing to publish: what serves says all of this already"
    return "" if apply else "a dry run: nothing was changed; publish it with --apply"


def _outcome_line(outcome: Outcome) -> dict[str, str | None]:
    return {
        "fate": outcome.fate.value,
        "code": outcome.code,
        "name": outcome.name,
        "file": outcome.file,
        "reason": outcome.reason,
    }
