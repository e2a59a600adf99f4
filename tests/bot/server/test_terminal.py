"""`troly chat`: numbers pick choices, words are asked, and it ends quietly."""

from __future__ import annotations

import io

from rich.console import Console

from bot.messages import Button, Link, Message, MessageKind, Reply
from bot.server.terminal import Terminal
from connectors.contract import Outcome


class Recorder:
    def __init__(self) -> None:
        self.got: list[tuple[str, Message]] = []

    def handle(self, channel: str, sender: str, message: Message) -> Outcome:
        self.got.append((sender, message))
        buttons = (Button("Lệ phí [bold]", "aspect:fee"), Button("Bao lâu", "aspect:time"))
        return Outcome(Reply("Trả lời [red]x[/red]", buttons, (Link("Cổng", "https://a.example"),)), "answer")


def talked(*lines: str, name: str = "") -> tuple[Recorder, str]:
    recorder, output, waiting = Recorder(), io.StringIO(), list(lines)
    console = Console(file=output, width=80)
    Terminal(recorder, console, lambda: waiting.pop(0) if waiting else None, name).run()
    return recorder, output.getvalue()


def test_a_number_picks_a_choice_of_the_last_reply() -> None:
    recorder, _ = talked("1", "khai sinh", "2", "3", "")
    assert [message for _, message in recorder.got] == [
        Message("1"),
        Message("khai sinh"),
        Message("aspect:time", MessageKind.PAYLOAD),
        Message("3"),
    ]


def test_replies_are_shown_as_they_are() -> None:
    _, shown = talked("x")
    assert "Trả lời [red]x[/red]" in shown
    assert "1 Lệ phí [bold]" in shown
    assert "https://a.example" in shown


def test_a_named_conversation_goes_on() -> None:
    assert talked("x", name="mine")[0].got[0][0] == "mine"
    assert talked("x")[0].got[0][0] != talked("x")[0].got[0][0]
