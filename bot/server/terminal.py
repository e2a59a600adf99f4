"""`troly chat`: the assistant in a terminal, through the same service as every other door."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from bot.messages import Button, Message, MessageKind, Reply
from connectors.contract import Handler

CHANNEL = "terminal"


class Terminal:
    """One conversation at one console; `ask` gives the next line, None at the end."""

    def __init__(
        self, handler: Handler, console: Console, ask: Callable[[], str | None], name: str = ""
    ) -> None:
        self._handler = handler
        self._console = console
        self._ask = ask
        self._sender = name or secrets.token_hex(8)
        self._buttons: tuple[Button, ...] = ()

    def run(self) -> None:
        """Talk until the input ends."""
        while (line := self._ask()) is not None:
            if line.strip():
                self._show(self._handler.handle(CHANNEL, self._sender, self._message(line)).reply)

    def _message(self, line: str) -> Message:
        number = int(line) if line.strip().isdecimal() and len(line.strip()) <= 2 else 0
        if 1 <= number <= len(self._buttons):
            return Message(self._buttons[number - 1].payload, MessageKind.PAYLOAD)
        return Message(line)

    def _show(self, reply: Reply) -> None:
        self._buttons = reply.buttons
        show(self._console, reply)


def show(console: Console, reply: Reply) -> None:
    """Print a reply with its numbered choices and its links."""
    console.print(Padding(escape(reply.text), (1, 2, 0, 2)))
    for number, button in enumerate(reply.buttons, start=1):
        console.print(Padding(f"[bold cyan]{number}[/] {escape(button.title)}", (0, 4)))
    for link in reply.links:
        console.print(Padding(f"[dim]{escape(link.title)}: {escape(link.url)}[/]", (0, 4)))
    console.print()
