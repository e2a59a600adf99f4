"""`troly guide`: list the guides, walk one in this terminal, print one, draw them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Column, Table

from bot.server.cli import plain_errors, read_settings

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.dialogue.guide import GuideView
    from bot.messages import Reply
    from bot.server.guide_pages import Extent
    from procedures_kb.guides import Guide

app = typer.Typer(no_args_is_help=True, add_completion=False)
DOCS = Path("docs/guides")
PROCEDURE = "procedure:"
NEAR, ALIKE = 5, 0.4

Name = Annotated[str, typer.Argument(help="Id of a guide, or procedure:CODE for a procedure's own way.")]


@app.command("list")
def list_guides(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List every guide: steps of its shortest and longest way, questions, sources, oldest check."""
    from bot.server.guide_pages import Extent, oldest
    from bot.server.guide_showing import load_texts, written_views
    from procedures_kb import guides

    known, views = guides.load(), written_views()
    lines = [_line(guide, Extent.of(views[name])) for name, guide in known.items()]
    if as_json:
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    words, console = load_texts(), Console()
    table = Table(Column(words.columns[0], no_wrap=True), *words.columns[1:])
    for name, guide in known.items():
        extent = Extent.of(views[name])
        numbers = (extent.steps, str(extent.questions), str(len(guide.sources)), oldest(guide))
        table.add_row(escape(name), escape(guide.title), *numbers)
    console.print(table)
    console.print(
        words.total.format(count=len(known), oldest=min(map(oldest, known.values()))), highlight=False
    )


@app.command()
def run(
    name: Name,
    helper: Annotated[bool, typer.Option("--helper", help="As somebody who helps another person.")] = False,
) -> None:
    """Walk a guide in this terminal with the real assistant (lexical search); nothing is stored.

    Takes what a citizen would type, from the keyboard or from a pipe: "tiếp", "tôi bị kẹt", a number, or any
    other question. Ends with the input.
    """
    from bot.server.guide_showing import load_texts
    from bot.server.guide_walk import WalkedGuide

    if not name.startswith(PROCEDURE):
        _refuse_unknown(name)
    console = Console()
    with _assistant(console) as assistant:
        view = _composed(assistant, name)
        console.print(load_texts().ends, style="dim")
        walked = WalkedGuide(assistant, _telling(console))
        walked.begin(view.id, helper=helper)
        walked.run(lambda: _typed(console))


@app.command()
def show(name: Name) -> None:
    """Print all of a guide: every question, every step of every way, what to do when stuck, the sources."""
    from bot.server.guide_showing import load_texts, view_lines, written_views
    from procedures_kb import guides

    known = guides.load()
    if name in known:
        view, sources = written_views()[name], known[name].sources
    else:
        view, sources = _of_procedure(name), ()
    console = Console()
    for line in view_lines(view, sources, load_texts()):
        console.print(line, markup=False, highlight=False)


@app.command()
def diagram(
    name: Annotated[
        str | None, typer.Argument(help="One guide only; else all, the engine, an index.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into. One guide without it: standard output.")
    ] = None,
) -> None:
    """Draw guides as Mermaid state diagrams, from the engine itself; `make docs` writes docs/guides."""
    from bot.server.guide_pages import page_name, pages, procedure_page, write
    from bot.server.guide_showing import written_views
    from procedures_kb import guides

    known = guides.load()
    if name is None:
        write(out or DOCS, pages(known, written_views()))
        return
    page = page_name(name)
    text = pages(known, written_views())[page] if name in known else procedure_page(_of_procedure(name))
    if out is None:
        typer.echo(text, nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / page).write_text(text, encoding="utf-8")


def _line(guide: Guide, extent: Extent) -> dict[str, object]:
    from bot.server.guide_pages import oldest

    return {
        "id": guide.id,
        "title": guide.title,
        "shortest": extent.shortest,
        "longest": extent.longest,
        "questions": extent.questions,
        "sources": len(guide.sources),
        "checked": oldest(guide),
    }


def _telling(console: Console) -> Callable[[Reply], None]:
    from bot.server.guide_showing import load_texts
    from bot.server.terminal import show as show_reply

    def tell(reply: Reply) -> None:
        show_reply(console, reply)
        if reply.picture is not None:
            line = f"[{load_texts().picture}: {reply.picture.alt}]"
            console.print(Padding(escape(line), (0, 2, 1, 2)), style="dim")

    return tell


def _typed(console: Console) -> str | None:
    try:
        line = console.input("[bold green]>[/] ")
    except (EOFError, KeyboardInterrupt):
        console.print()
        return None
    if not sys.stdin.isatty():  # what comes from a pipe is not echoed by the terminal
        console.print(escape(line))
    return line


@contextmanager
def _assistant(console: Console) -> Iterator[Assistant]:
    from bot.server.guide_walk import NoAssistant, lexical_assistant

    try:
        with plain_errors(), ExitStack() as stack:
            with console.status("Loading the catalogue…"):
                assistant = stack.enter_context(lexical_assistant(read_settings()))
            yield assistant
    except NoAssistant as error:
        typer.echo(f"troly: {error}", err=True)
        raise typer.Exit(1) from error


def _of_procedure(name: str) -> GuideView:
    """Return the composed way of "procedure:CODE"; the catalogue is loaded only for such a name."""
    if not name.startswith(PROCEDURE):
        _refuse_unknown(name)
    with _assistant(Console(stderr=True)) as assistant:
        return _composed(assistant, name)


def _composed(assistant: Assistant, name: str) -> GuideView:
    view = assistant.composer.guides.book.view(name)
    if view is None:
        _refuse(name, [f"{PROCEDURE}{code}" for code in assistant.reader.known.catalogue.by_code])
    return view


def _refuse_unknown(name: str) -> None:
    """End the command where no written guide has this id."""
    from procedures_kb import guides

    known = guides.load()
    if name not in known:
        _refuse(name, known)


def _refuse(name: str, known: Collection[str]) -> NoReturn:
    """End the command: there is no such guide; tells which of `known` are spelt alike."""
    from procedures_kb.model import CODE_PATTERN

    own = [f"{PROCEDURE}{name}"] if re.fullmatch(CODE_PATTERN, name) else []
    near = own or get_close_matches(name, known, NEAR, ALIKE)
    told = f"near it: {', '.join(near)}; " if near else ""
    typer.echo(f"troly: there is no guide {name!r}; {told}`troly guide list` names them all", err=True)
    raise typer.Exit(1)
