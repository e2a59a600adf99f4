"""A server whose parts are fakes: a small catalogue, an assistant that tells what it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import Aspect, ConversationState
from bot.messages import Button, Link, Message, MessageKind, Reply
from bot.nlu.understanding import Understander, Understanding
from bot.search.types import Ranking, Search, Verdict
from bot.server.app import create_app
from bot.server.editions import Served
from bot.server.recipe import Recipe
from bot.server.wiring import wire
from bot.settings import Settings
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, Procedure, Source

CODE = "1.001193"
SECRET = "s" * 40


@dataclass(frozen=True)
class FakeTurn:
    reply: Reply
    state: ConversationState
    decision: Decision
    ranking: Ranking | None = None


@dataclass
class FakeAssistant:
    """Answers with the text it was given and the number of the turn; "boom" fails, "xoa" erases."""

    seen: list[Message] = field(default_factory=list)
    hold: threading.Event | None = None
    understander: Understander | None = None
    name: str = "lexical"

    def reply(self, state: ConversationState, message: Message) -> FakeTurn:
        self.seen.append(message)
        if self.hold is not None:
            self.hold.wait(5)
        if "boom" in message.text:
            raise KeyError(message.text)
        understood = None if self.understander is None else self.understander.understand(message.text)
        turn = state.ask_rounds + 1
        intent = understood.intent if understood else "-"
        said = f"{turn}|{message.kind.value}|{message.text}|{self.name}|{intent}"
        action = Action.ERASE if message.text == "say:erase" else Action.ANSWER
        reply = Reply(said, (Button("Lệ phí", "aspect:fee"),), (Link("Cổng", "https://dichvucong.gov.vn"),))
        return FakeTurn(
            reply, state.model_copy(update={"ask_rounds": turn}), Decision(action, (CODE,), (Aspect.FEE,))
        )


class FakeSearch:
    def search(self, text: str, limit: int = 10) -> Ranking:
        return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@dataclass
class FakeNlu:
    up: bool = True

    def ready(self) -> bool:
        return self.up

    def understand(self, text: str) -> Understanding | None:
        return Understanding("greet", 0.9) if self.up else None


def small_catalogue() -> Catalogue:
    source = Source(kind="list", url="https://dichvucong.gov.vn/x", retrieved=date(2025, 11, 1))
    return Catalogue(
        (
            Procedure(
                code=CODE,
                name="Đăng ký khai sinh",
                short_name="Đăng ký khai sinh",
                family="dang ky khai sinh",
                field="Hộ tịch",
                ministry="Bộ Tư pháp",
                source=source,
                detail=Detail.FULL,
            ),
        )
    )


@dataclass
class FakeSource:
    """Versions of the catalogue by number; a version that is not there cannot be loaded."""

    versions: dict[int, Catalogue]
    newest: int = 0

    def latest(self) -> int:
        return self.newest

    def load(self) -> Served:
        return Served(self.versions[self.newest], self.newest, "0123456789ab")


@dataclass
class Fakes:
    """The fakes of one server, to look into and to break."""

    source: FakeSource = field(default_factory=lambda: FakeSource({0: small_catalogue()}))
    assistant: FakeAssistant = field(default_factory=FakeAssistant)
    nlu: FakeNlu = field(default_factory=FakeNlu)
    recipe: Recipe = field(init=False)

    def __post_init__(self) -> None:
        self.recipe = Recipe(
            catalogue=self.source,
            lexical=lambda _catalogue: FakeSearch(),
            hybrid=None,
            understander=lambda: self.nlu,
            assistant=self._assistant,
        )

    def _assistant(self, _c: Catalogue, _s: Search, understander: Understander | None) -> Any:
        self.assistant.understander = understander
        return self.assistant

    def but(self, **changes: Any) -> None:
        self.recipe = replace(self.recipe, **changes)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


Serve = Callable[..., TestClient]


@pytest.fixture
def serve(tmp_path: Path, fakes: Fakes) -> Iterator[Serve]:
    """Give a function that starts a server with the settings named, and stop what it started."""
    running: list[TestClient] = []

    def start(client: str = "127.0.0.1", **changes: Any) -> TestClient:
        settings = Settings(
            _env_file=None,
            var=tmp_path,
            secret_key=SECRET,
            database_url=f"sqlite:///{tmp_path}/troly.db",
            **changes,
        )
        app = create_app(settings, wire(settings, fakes.recipe))
        started = TestClient(app, client=(client, 5000), raise_server_exceptions=False)
        running.append(started)
        started.__enter__()
        return started

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve()


__all__ = ["Fakes", "MessageKind"]
