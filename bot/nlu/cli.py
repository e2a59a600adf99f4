"""`troly nlu …`: train, test, serve the model that understands messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.nlu import crossval, serving, training
from bot.nlu.project import NluError

app = typer.Typer(no_args_is_help=True, help="Train and test the understanding of messages.")
_CACHE = Annotated[Path | None, typer.Option(help="Where models are kept; else $TROLY_CACHE/nlu.")]


@app.command()
def train(cache: _CACHE = None) -> None:
    """Train the model unless the cache has it for the present data; prints its path."""
    with _plain_errors():
        model = training.model_path(cache)
        if not model.exists():
            with _progress("Training the NLU model (some ten minutes, once)"):
                training.train(cache)
        typer.echo(training.train(cache))


@app.command()
def path(cache: _CACHE = None) -> None:
    """Print where the trained model of the present data lies, its digest checked."""
    with _plain_errors():
        model = training.model_path(cache)
        training.verify(model)
        typer.echo(model)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = serving.DEFAULT_PORT, cache: _CACHE = None
) -> None:
    """Serve the trained model on 127.0.0.1; this process becomes Rasa's."""
    with _plain_errors():
        serving.replace_process(serving.serving(port, cache))


@app.command()
def test(
    folds: Annotated[int, typer.Option(min=2, max=20, help="Number of folds.")] = crossval.FOLDS,
    config: Annotated[Path | None, typer.Option(help="Another pipeline than config.yml's.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where the whole report goes, as JSON.")] = None,
    strict: Annotated[
        bool, typer.Option(help="Sentences that differ by the procedure named stand on one side, too.")
    ] = False,
) -> None:
    """Cross-validate by source sentence, with and without accents; about a minute a fold."""
    with _plain_errors():
        found = crossval.cross_validate(folds, config, strict=strict)
        if report:
            crossval.write_report(found, report)
        _show(found)


def _show(report: crossval.Report) -> None:
    console = Console()
    table = Table(
        title=f"{report.sentences} sentences, {report.folds} {'strict ' if report.strict else ''}folds"
    )
    for heading in ("", "accuracy", "macro-F1"):
        table.add_column(heading)
    for name, scores in (("with accents", report.with_accents), ("without", report.without_accents)):
        table.add_row(name, f"{scores.accuracy:.3f}", f"{scores.macro_f1:.3f}")
    console.print(table)
    confusions = Table("wanted", "got", "times", title="Most frequent confusions, with accents")
    for wanted, got, times in report.with_accents.confusions[:15]:
        confusions.add_row(wanted, got, str(times))
    console.print(confusions)
    trust = Table(
        "intent", "F1", "from", "from", title="Confidence from which .97 and .90 are right, stripped"
    )
    for one in report.without_accents.intents:
        bounds = ("-" if bound is None else f"{bound:.2f}" for bound in (one.from_97, one.from_90))
        trust.add_row(one.intent, f"{one.f1:.2f}", *bounds)
    console.print(trust)


@contextmanager
def _progress(what: str) -> Iterator[None]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        progress.add_task(what, total=None)
        yield


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except NluError as error:
        Console(stderr=True).print(f"[red]{error}[/red]", highlight=False)
        raise typer.Exit(1) from error
