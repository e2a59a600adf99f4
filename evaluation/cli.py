"""`troly eval` and `troly bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from evaluation.bench import Benchmark
    from evaluation.evaluate import Evaluation

app = typer.Typer(help="Measure the assistant.", no_args_is_help=True, add_completion=False)

NLU_HELP = "NLU: auto (a running one, else started here, else none), start, off, or the address of a server."
REPORTS = Path("evaluation/reports")


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
) -> None:
    """Measure the assistant on a benchmark: finding, answering, asking back, refusing, guides, dialogues."""
    from evaluation.evaluate import Request, evaluate, write_report

    said = Console(stderr=True)
    request = Request(questions, dialogues, nlu, not lexical, baselines)
    try:
        evaluation = evaluate(request, lambda step: said.print(f"[dim]· {step}[/dim]"))
    except _named_errors() as error:
        said.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from error
    if report is not None:
        for path in write_report(evaluation, report)[1]:
            said.print(f"written: {path}")
    if as_json:
        typer.echo(json.dumps(evaluation.flat(), ensure_ascii=False, indent=1))
    else:
        Console().print(_evaluation_table(evaluation))


def _named_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose message tells the operator what to do: they need no traceback."""
    from bot.nlu.project import NluError
    from bot.search.model_files import BrokenModel
    from evaluation.nlu import NluUnavailable
    from evaluation.questions import BrokenBenchmark
    from evaluation.serving import ServerFailed
    from procedures_kb.catalogue import BrokenRecord
    from procedures_kb.lay_names import BrokenLayNames

    ours = (BrokenBenchmark, NluUnavailable, ServerFailed)
    return (*ours, BrokenRecord, BrokenLayNames, BrokenModel, NluError, FileNotFoundError)


def _evaluation_table(evaluation: Evaluation) -> Table:
    from evaluation.measuring import lower_is_better

    table = Table("", "ours", "95 %", "n", *evaluation.baselines, title=evaluation.setting.search)
    table.caption = f"NLU: {evaluation.setting.nlu}, answered {evaluation.setting.nlu_answered:.0%}"
    for key, figure in evaluation.outcome.figures.items():
        beside = [found.get(key) for found in evaluation.baselines.values()]
        table.add_row(
            f"{key} ↓" if lower_is_better(key) else key,
            f"{figure.value:.3f}",
            f"{figure.low:.2f}–{figure.high:.2f}",
            str(figure.n),
            *(f"{other.value:.3f}" if other else "" for other in beside),
        )
    return table


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
