"""`troly kb`: build, check and show the catalogue of facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from procedures_kb import lay_names, lay_review
from procedures_kb.build import build as build_catalogue
from procedures_kb.build.building import NothingBuilt
from procedures_kb.build.reading import BadSource, SourceMissing
from procedures_kb.card_check import check_cards
from procedures_kb.cards import CARDS
from procedures_kb.catalogue import CATALOGUE, BrokenRecord, Catalogue, load
from procedures_kb.check import CheckReport, Problem
from procedures_kb.check import check as check_catalogue
from procedures_kb.lay_names import BrokenLayNames
from procedures_kb.lay_review import BrokenReview
from procedures_kb.showing import show_procedure
from procedures_kb.traps import TrapCount
from procedures_kb.whole_check import check_beside

app = typer.Typer(help="Build, check and show the catalogue of procedures.", no_args_is_help=True)
_MOST = 15
_PROBLEMS = 40


@app.command()
def build(
    source: Annotated[Path, typer.Option("--from", help="Folder with the source files.")],
    out: Annotated[Path, typer.Option("--out", help="Folder that receives the catalogue.")] = CATALOGUE,
) -> None:
    """Derive the catalogue from a folder of source records; the old one stays if anything fails."""
    console = Console()
    with console.status("Reading and deriving (a few minutes)…"):
        try:
            report = build_catalogue(source, out)
        except (SourceMissing, BadSource, NothingBuilt) as error:
            console.print(f"[red]Nothing was changed:[/] {error}")
            raise typer.Exit(1) from error
    console.print(
        f"{report.procedures} procedures, {report.detailed} detailed, "
        f"{report.internal_dropped} internal ones left out, {len(report.files)} files in {out}"
    )


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="Folder of the catalogue.")] = CATALOGUE) -> None:
    """Check records, traps, cards, life events, communes; print counts; exit with 1 on any problem.

    Lay names are counted too (`troly search review` lists them); they are no problem of the records.
    """
    report = check_catalogue(folder)
    catalogue = Catalogue(report.records)
    beside = check_beside(catalogue)
    console = Console()
    for name, count in report.counts.items():
        console.print(_table(name, count))
    console.print(_trap_table(report.traps))
    _print_problems(console, (*report.problems, *beside.problems))
    console.print(_summary(report))
    counts = f"cards {beside.cards}, life events {beside.events}, communes {beside.communes}"
    console.print(f"{counts}, beyond {beside.beyond}")
    console.print(_lay_names(catalogue))
    if not (report.ok and beside.ok):
        raise typer.Exit(1)


@app.command()
def cards(
    folder: Annotated[Path, typer.Argument(help="Folder of the cards, or of one area.")] = CARDS,
) -> None:
    """Hold the cards of everyday life against their records; exits with 1 when one goes beyond its record."""
    report = check_cards(load(), folder)
    console = Console()
    for problem in report.problems:
        console.print(f"[red]{problem.file}[/] {problem.where}: {problem.reason}", highlight=False)
    console.print(f"{len(report.cards)} cards, {len(report.problems)} problems")
    if report.problems:
        raise typer.Exit(1)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code of the procedure, such as 1.001193.")],
    folder: Annotated[Path, typer.Option(help="Folder of the catalogue.")] = CATALOGUE,
) -> None:
    """Show one record; exits with 1 when the catalogue has no such code."""
    console = Console()
    try:
        procedure = load(folder).by_code.get(code)
    except (BrokenRecord, FileNotFoundError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from error
    if procedure is None:
        console.print(f"[red]No procedure {code} in {folder}.[/] Search by words: troly search")
        raise typer.Exit(1)
    console.print(show_procedure(procedure))


def _print_problems(console: Console, problems: Sequence[Problem]) -> None:
    for problem in problems[:_PROBLEMS]:
        code, where, reason = map(escape, (problem.code or "?", problem.where, problem.reason))
        console.print(f"[red]{code}[/] {where}: {reason}", highlight=False)
    if len(problems) > _PROBLEMS:
        console.print(f"… {len(problems) - _PROBLEMS} more problems", highlight=False)


def _trap_table(counts: Sequence[TrapCount]) -> Table:
    table = Table("trap", "", "detected", "flagged", "unflagged", title="traps, in records")
    for count in counts:
        numbers = map(str, (count.detected, count.flagged, count.unflagged))
        table.add_row(str(count.trap.number), count.trap.name, *numbers)
    return table


def _table(name: str, count: Counter[str]) -> Table:
    table = Table(name, "procedures", title=f"by {name}")
    for key, number in count.most_common(_MOST):
        table.add_row(key, str(number))
    if len(count) > _MOST:
        rest = sum(number for _, number in count.most_common()[_MOST:])
        table.add_row(f"… {len(count) - _MOST} more", str(rest))
    return table


def _lay_names(catalogue: Catalogue) -> str:
    try:
        seen = lay_review.review(lay_names.load(), catalogue)
    except (BrokenLayNames, BrokenReview) as error:
        return f"[red]lay names:[/] {escape(str(error))}"
    return (
        f"lay names {seen.names} of {seen.families} families: {len(seen.shared)} shared by two families, "
        f"{len(seen.few)} families with too few, {seen.without} of them with none"
    )


def _summary(report: CheckReport) -> str:
    largest = max(report.files.values(), default=0)
    return (
        f"{report.procedures} procedures, {report.detailed} detailed, {len(report.problems)} invalid; "
        f"{len(report.files)} files, the largest {largest:,} bytes"
    )
