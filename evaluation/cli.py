"""`troly eval` and `troly bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from evaluation.bench import Benchmark
    from evaluation.report import Report

app = typer.Typer(help="Measure the assistant.", no_args_is_help=True, add_completion=False)

NLU_HELP = "NLU: auto (a running one, else started here, else none), start, off, or the address of a server."
REPORTS = Path("evaluation/reports")
SCORES_HELP = "What `troly nlu test --report` wrote; else evaluation/reports/nlu.json."


@app.command("eval")
def eval_command(
    *,
    questions: Annotated[Path, typer.Option("--questions", exists=True, dir_okay=False, help="JSON Lines.")],
    dialogues: Annotated[
        Path | None, typer.Option("--dialogues", exists=True, dir_okay=False, help="JSON Lines.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one flat JSON object.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", file_okay=False, help="Write a report into this folder.")
    ] = None,
    nlu: Annotated[str, typer.Option("--nlu", help=NLU_HELP)] = "auto",
    lexical: Annotated[bool, typer.Option("--lexical", help="Search without the search model.")] = False,
    baselines: Annotated[bool, typer.Option(help="Measure the baselines too.")] = True,
    nlu_scores: Annotated[
        Path | None, typer.Option("--nlu-scores", exists=True, dir_okay=False, help=SCORES_HELP)
    ] = None,
) -> None:
    """Measure the assistant on a benchmark: finding, answering, asking back, refusing, guides, dialogues."""
    from evaluation.evaluate import NLU_SCORES, Request, evaluate, report_of
    from evaluation.grouping import KEYS
    from evaluation.report import REPORTS as COMMITTED
    from evaluation.report import write

    said = Console(stderr=True)
    request = Request(questions, dialogues, nlu, not lexical, baselines, nlu_scores or NLU_SCORES)
    try:
        evaluation = evaluate(request, lambda step: said.print(f"[dim]· {step}[/dim]"))
        made = report_of(evaluation, report or COMMITTED)
    except _named_errors() as error:
        said.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(evaluation.flat(), ensure_ascii=False, indent=1))
    else:
        Console().print(_figures_table(made))
        if KEYS[0] in made.figures:
            Console().print(_finders_table(made))
    (said if as_json else Console()).print(_targets_table(made))
    for path in write(made, report) if report else ():
        said.print(f"written: {path}", soft_wrap=True)


def _named_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose message tells the operator what to do: they need no traceback."""
    from bot.nlu.project import NluError
    from bot.search.model_files import BrokenModel
    from evaluation.nlu import NluUnavailable
    from evaluation.questions import BrokenBenchmark
    from evaluation.serving import ServerFailed
    from evaluation.targets import BrokenTargets
    from procedures_kb.catalogue import BrokenRecord
    from procedures_kb.lay_names import BrokenLayNames

    ours = (BrokenBenchmark, BrokenTargets, NluUnavailable, ServerFailed)
    return (*ours, BrokenRecord, BrokenLayNames, BrokenModel, NluError, FileNotFoundError)


def _figures_table(report: Report) -> Table:
    from evaluation.measuring import lower_is_better
    from evaluation.page import mark

    table = Table(_key(), "ours", "95 %", "n", "change", "", title=report.setting.search)
    table.caption = f"NLU: {report.setting.nlu}, answered {report.setting.nlu_answered:.0%}; "
    table.caption += f"change since {report.previous}" if report.previous else "no report to compare with"
    for key, figure in report.figures.items():
        change = report.changes.get(key)
        table.add_row(
            f"{key} ↓" if lower_is_better(key) else key,
            f"{figure.value:.3f}",
            f"{figure.low:.2f}–{figure.high:.2f}",
            str(figure.n),
            f"{change.change:+.3f}" if change else "",
            mark(report, key),
        )
    return table


def _finders_table(report: Report) -> Table:
    """Ours beside the halves of search and the baselines."""
    from evaluation.grouping import KEYS

    table = Table(_key(), *KEYS)
    for who, found in {"ours": report.figures, **report.baselines}.items():
        table.add_row(who, *(f"{found[key].value:.3f}" if key in found else "" for key in KEYS))
    return table


def _targets_table(report: Report) -> Table:
    from evaluation.page import TARGET_COLUMNS, target_row
    from evaluation.targets import Verdict

    colours = {Verdict.NOT_MET: "red", Verdict.NOT_MEASURED: "yellow", Verdict.MET: "green"}
    _, _, measured, _, *others = TARGET_COLUMNS
    table = Table(_key(), measured, *others, title="Against the targets")
    for judged in report.targets:
        key, _, figure, _, *cells = map(escape, target_row(judged))
        colour = colours.get(judged.verdict, "bold green")
        table.add_row(key, figure, *cells[:-1], f"[{colour}]{cells[-1]}[/{colour}]")
    met = sum(judged.verdict in {Verdict.MET, Verdict.AIM_MET} for judged in report.targets)
    table.caption = f"{met} of {len(report.targets)} met; ?: the interval reaches over the bound"
    return table


def _key() -> Column:
    return Column("", no_wrap=True)


@app.command("bench")
def bench_command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    report: Annotated[Path, typer.Option("--report", file_okay=False, help="Folder of the JSON.")] = REPORTS,
    nlu: Annotated[str, typer.Option("--nlu", help=NLU_HELP)] = "auto",
    runs: Annotated[int, typer.Option(min=1, max=50, help="Runs to take medians over.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Length of the load test.")] = 10,
    server: Annotated[bool, typer.Option(help="Start the real server and put load on it.")] = True,
    lexical: Annotated[bool, typer.Option("--lexical", help="Search without the search model.")] = False,
) -> None:
    """Measure latencies, load, start and memory against the budgets of the design, medians of one run."""
    from evaluation.bench import Plan, bench, write_benchmark

    said = Console(stderr=True)
    try:
        plan = Plan(nlu=nlu, runs=runs, seconds=seconds, server=server, dense=not lexical)
        measured = bench(plan, lambda step: said.print(f"[dim]· {step}[/dim]"))
    except _named_errors() as error:
        said.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    said.print(f"written: {write_benchmark(measured, report)}")
    if as_json:
        typer.echo(measured.model_dump_json(indent=1))
    else:
        Console().print(_bench_table(measured))


def _bench_table(measured: Benchmark) -> Table:
    table = Table("", "measured", "budget", "", title=f"{measured.cores} cores, {measured.made}")
    for line in measured.against_budgets():
        verdict = {True: "[green]within[/green]", False: "[red]beyond[/red]", None: ""}[line.met]
        table.add_row(line.what, line.measured, line.budget, verdict)
    return table
