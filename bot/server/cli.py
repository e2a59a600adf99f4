"""The commands `chat`, `serve`, `settings` and `text`."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.settings import Settings, UnusableSecret

app = typer.Typer(no_args_is_help=True, add_completion=False)
LOADING_S = 60


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the operator can repair into one line and exit status 1."""
    from bot.storage.database import DatabaseUnavailable

    try:
        yield
    except (UnusableSecret, DatabaseUnavailable) as error:
        typer.echo(f"troly: {error}", err=True)
        raise typer.Exit(1) from error


def read_settings() -> Settings:
    """Return the settings; a wrong value ends the command with one line that names it."""
    try:
        return Settings()
    except ValidationError as error:
        for wrong in error.errors():
            typer.echo(f"troly: TROLY_{'_'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}", err=True)
        raise typer.Exit(2) from error


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Instead of TROLY_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of TROLY_PORT.")] = None,
) -> None:
    """Serve the chat page, the REST doors and /health until stopped."""
    gc.disable()  # imports and loading make objects that stay; LiveParts turns it on when all are there
    # NumPy's own threads beside the server's only wait for each other; it reads this when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from bot.server.running import run_server

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with plain_errors():
        run_server(read_settings().model_copy(update=given))


@app.command()
def chat(
    name: Annotated[str, typer.Option(help="Go on with the conversation of this name.")] = "",
) -> None:
    """Talk with the assistant in this terminal; end with Ctrl-D."""
    from bot.server.terminal import Terminal
    from bot.server.wiring import wire

    console = Console()
    with plain_errors():
        wired = wire(read_settings())
    wired.parts.start()
    with console.status("Loading the catalogue…"):
        ready = wired.parts.wait(LOADING_S)
    if not ready:
        typer.echo("troly: the catalogue could not be loaded: run `troly kb check`", err=True)
        raise typer.Exit(1)
    try:
        Terminal(wired.conversations, console, lambda: _line(console), name).run()
    finally:
        wired.parts.stop()


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="Anything a citizen may ask.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON with source, date and decision.")
    ] = False,
) -> None:
    """Ask one question and print the answer; nothing is stored."""
    from bot.server.asking import ask_once, outcome_json
    from bot.server.terminal import show

    with plain_errors():
        outcome = ask_once(read_settings(), question)
    if outcome is None:
        typer.echo("troly: the catalogue could not be loaded: run `troly kb check`", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(outcome_json(outcome))
        return
    show(Console(), outcome.reply)


def _line(console: Console) -> str | None:
    try:
        return console.input("[bold green]>[/] ")
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None


@app.command()
def settings(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the reference page.")] = False,
) -> None:
    """Show every setting with its value and its meaning; secrets stay hidden."""
    if as_markdown:
        typer.echo(_reference(), nl=False)
        return
    current = read_settings()
    shown = {field: _shown(getattr(current, field)) for field in Settings.model_fields}
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table("variable", "value", "meaning")
    for field, info in Settings.model_fields.items():
        table.add_row(f"TROLY_{field.upper()}", escape(shown[field]), info.description)
    Console().print(table)


def _reference() -> str:
    """The page docs/settings.md: every variable, its default, its meaning."""
    rows = [
        f"| `TROLY_{field.upper()}` | {_shown(info.default)} | {info.description} |"
        for field, info in Settings.model_fields.items()
    ]
    head = ["# Settings", "", "From the environment or from a file `.env`. Written by `make docs`.", ""]
    return "\n".join([*head, "| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "(set, hidden)"
    return "" if value is None else str(value)


@app.command()
def text(words: Annotated[str, typer.Argument(help="Any text.")]) -> None:
    """Show how a text is read: masked, normalised, expanded, folded, and each rule that fired."""
    from bot.privacy import mask
    from vietnamese import also, expand, explain, fold, normalise, syllables

    masked = mask(words)
    normal = normalise(masked.text)
    expanded = expand(normal)
    table = Table(show_header=False)
    table.add_row("masked", escape(masked.text))
    table.add_row("found", ", ".join(masked.found) or "nothing personal")
    table.add_row("normalised", escape(normal))
    table.add_row("expanded", escape(expanded))
    table.add_row("also searched", escape(" · ".join(also(expanded))) or "nothing")
    table.add_row("folded", escape(fold(expanded)))
    table.add_row("syllables", " · ".join(syllables(fold(expanded))))
    for step in explain(masked.text):
        table.add_row(f"rule: {step.rule}", f"{escape(step.before)} → {escape(step.after)}")
    Console().print(table)
