"""`troly …`: one command for everything; each part is imported only when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-command that lives elsewhere: the module with its typer app, and the command wanted of it."""

    module: str
    summary: str
    command: str | None = None


PARTS = {
    "chat": Part("bot.server.cli", "Talk with the assistant in this terminal.", "chat"),
    "ask": Part("bot.server.cli", "Ask one question and print the answer.", "ask"),
    "serve": Part("bot.server.cli", "Serve the chat page and the REST doors.", "serve"),
    "kb": Part("bot.server.kb", "Build, check, import, synchronise and look into the catalogue."),
    "guide": Part("bot.server.guide_cli", "List, walk, print and draw the step-by-step guides."),
    "search": Part("bot.search.cli", "Search the catalogue, or train the search model."),
    "nlu": Part("bot.nlu.cli", "Train and test the understanding of messages."),
    "eval": Part("evaluation.cli", "Measure the assistant on a file of questions.", "eval"),
    "bench": Part("evaluation.cli", "Measure speed and memory against the budgets.", "bench"),
    "lint": Part(
        "evaluation.readability.cli", "Check that everything citizens read is easy to read.", "lint"
    ),
    "outbox": Part("bot.server.outbox_cli", "See what could not be sent, and send it again."),
    "connect": Part("bot.server.connect_cli", "Connect a channel: Zalo bot, Zalo OA, Telegram."),
    "settings": Part("bot.server.cli", "Show every setting with its value (secrets hidden).", "settings"),
    "text": Part("bot.server.cli", "Show how a text is read: normalised, expanded, folded, masked.", "text"),
}


class LazyCommand(TyperCommand):
    """Stands in the list of commands for a part, and becomes it when it is called."""

    def __init__(self, name: str, part: Part) -> None:
        super().__init__(name, callback=None, help=part.summary)
        self.part = part

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401
        """Import the part and hand its own context back, so that it runs instead of this stand-in."""
        return _load(self.name or "", self.part).make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    """A group whose commands are `PARTS`."""

    def __init__(self, *, commands: dict[str, Any] | Sequence[Any] | None = None, **attrs: Any) -> None:  # noqa: ANN401
        lazy = {name: LazyCommand(name, part) for name, part in PARTS.items()}
        super().__init__(commands={**lazy, **(commands if isinstance(commands, dict) else {})}, **attrs)


def _load(name: str, part: Part) -> Any:  # noqa: ANN401  (typer's own command class, which it does not export)
    try:
        app = importlib.import_module(part.module).app
    except ModuleNotFoundError as error:
        typer.echo(
            f"troly {name} needs the module {error.name}, which is not installed: run `make setup`.", err=True
        )
        raise typer.Exit(code=1) from error
    command = typer.main.get_command(app)
    return command if part.command is None else command.commands[part.command]  # type: ignore[attr-defined]


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    help="Trợ lý Công dân: a Vietnamese assistant for public services.",
    add_completion=False,
)


@app.callback()
def _main() -> None:
    """Trợ lý Công dân: a Vietnamese assistant for public services."""
