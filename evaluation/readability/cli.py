"""`troly lint`: the readability of everything that citizens read."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from evaluation.readability.check import Report

app = typer.Typer(help="Check that texts are easy to read.", no_args_is_help=True, add_completion=False)

WANTED_HELP = "A kind of text (guides, cards, replies …), a file or a folder; without it everything."


@app.callback()
def _texts() -> None:
    """Check that texts are easy to read."""


@app.command("lint")
def check(
    wanted: Annotated[str | None, typer.Argument(metavar="[KIND|PATH]", help=WANTED_HELP)] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check the readability of replies, cards, guides and events; exit 1 where a limit is broken."""
    from evaluation.readability.check import check as run
    from evaluation.readability.limits import BrokenLimits
    from evaluation.readability.sources import BrokenSource, UnknownSource

    try:
        report = run(wanted)
    except (BrokenLimits, BrokenSource, UnknownSource) as error:
        Console(stderr=True).print(f"[red]{escape(str(error))}[/red]", soft_wrap=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps({**asdict(report), "clean": report.clean}, ensure_ascii=False, indent=1))
    else:
        _show(report)
    raise typer.Exit(0 if report.clean else 1)


def _show(report: Report) -> None:
    console = Console()
    if report.violations:
        table = Table(Column("place", overflow="fold"), Column("rule", no_wrap=True), "found", "limit")
        for broken in report.violations:
            found = f"{escape(broken.found)}\n[dim]{escape(broken.text)}[/dim]"
            table.add_row(escape(broken.place), broken.rule, found, escape(broken.limit))
        console.print(table)
    for exempt in report.stale:
        console.print(
            f"[red]limits.yaml: the exception {escape(exempt.place)} ({exempt.rule}) covers nothing: "
            "delete it[/red]",
            soft_wrap=True,
        )
    found = (
        f"{len(report.violations)} violations, {report.excused} excused, {len(report.stale)} stale exceptions"
    )
    console.print(f"{found}; {report.units} units, {report.texts} texts", soft_wrap=True)
