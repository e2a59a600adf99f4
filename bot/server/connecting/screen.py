"""Where the operator reads: plain lines that can be copied, Vietnamese first, the English dimmed below."""

from __future__ import annotations

import typer

from bot.server.connecting.words import Both


class Screen:
    """The terminal. Lines are never wrapped by us: addresses and lines for `.env` are copied from here."""

    def say(self, text: Both) -> None:
        """Show a text in both languages."""
        typer.echo(text.vi)
        typer.secho(f"  {text.en}", dim=True)

    def show(self, line: str) -> None:
        """Show a line to be copied."""
        typer.echo(f"\n    {line}\n")

    def ask(self, prompt: Both) -> str:
        """Return the line that the operator types; "" at the end of the input."""
        try:
            return str(typer.prompt(f"{prompt.vi} ({prompt.en})", default="", show_default=False)).strip()
        except typer.Abort:
            typer.echo()
            return ""

    def fail(self, text: Both) -> None:
        """Show what is wrong, on standard error."""
        typer.secho(f"✘ {text.vi}", err=True, fg="red")
        typer.secho(f"  {text.en}", err=True, dim=True)
