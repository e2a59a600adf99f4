"""Parts come up one after the other, fail one without the other, and health tells it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.server import parts as parts_module
from bot.server.board import Board, Part, State
from bot.server.health import Overall, overall
from bot.server.parts import LiveParts, PartsFailed
from procedures_kb.catalogue import Catalogue
from tests.bot.server.conftest import CODE, small_catalogue


def until(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def live(fakes: Any) -> Any:
    """Give a function that starts the parts of the fakes, and stop them in the end."""
    running: list[LiveParts] = []

    def start(patience: float = 2.0) -> tuple[LiveParts, Board]:
        board = Board()
        parts = LiveParts(fakes.recipe, board, patience=patience, probe=0.02)
        running.append(parts)
        parts.start()
        return parts, board

    yield start
    for parts in running:
        parts.stop()


def state(board: Board, part: Part) -> State:
    return board.statuses()[part].state


def test_all_parts_come_up(live: Any, fakes: Any) -> None:
    fakes.but(hybrid=lambda search: search)
    _, board = live()
    assert until(lambda: overall(board.statuses()) is Overall.OK)
    facts = board.statuses()[Part.CATALOGUE].facts
    assert dict(facts) == {
        "version": 0,
        "digest": "0123456789ab",
        "procedures": 1,
        "detailed": 1,
        "families": 1,
    }


def test_questions_are_answered_while_the_model_still_loads(live: Any, fakes: Any) -> None:
    go_on = threading.Event()

    def slow(search: Any) -> Any:
        go_on.wait(5)
        return search

    fakes.but(hybrid=slow)
    parts, board = live()
    assert parts.serving().assistant is fakes.assistant
    assert state(board, Part.MODEL) is State.LOADING
    assert overall(board.statuses()) is Overall.STARTING
    go_on.set()
    assert until(lambda: state(board, Part.MODEL) is State.READY)


def test_a_model_that_cannot_be_loaded_leaves_lexical_search(live: Any, fakes: Any) -> None:
    def broken(_search: Any) -> Any:
        raise OSError("no such model: run troly search train")

    fakes.but(hybrid=broken)
    parts, board = live()
    assert until(lambda: state(board, Part.MODEL) is State.FAILED)
    assert "troly search train" in board.statuses()[Part.MODEL].message
    assert parts.serving().assistant is fakes.assistant
    assert overall(board.statuses()) is Overall.DEGRADED


def test_a_broken_catalogue_is_told_and_nothing_hangs(live: Any, fakes: Any) -> None:
    def broken() -> Any:
        raise FileNotFoundError("no catalogue file: run `troly kb build --from DIR`")

    fakes.source.load = broken
    parts, board = live(patience=5)
    start = time.monotonic()
    with pytest.raises(PartsFailed):
        parts.serving()
    assert time.monotonic() - start < 2
    assert "troly kb build" in board.statuses()[Part.CATALOGUE].message


def test_while_the_catalogue_loads_a_question_waits_then_gives_up(live: Any, fakes: Any) -> None:
    go_on = threading.Event()
    load = fakes.source.load

    def slow() -> Any:
        go_on.wait(5)
        return load()

    fakes.source.load = slow
    parts, _ = live(patience=0.05)
    assert parts.serving() is None
    go_on.set()
    assert parts.wait(2)


def test_rasa_goes_and_comes_back(live: Any, fakes: Any) -> None:
    _, board = live()
    assert until(lambda: state(board, Part.NLU) is State.READY)
    watched = fakes.assistant.understander
    assert watched.understand("x").intent == "greet"
    fakes.nlu.up = False
    assert until(lambda: state(board, Part.NLU) is State.DOWN)
    assert overall(board.statuses()) is Overall.DEGRADED
    assert watched.understand("x") is None
    fakes.nlu.up = True
    assert until(lambda: state(board, Part.NLU) is State.READY)


def test_rasa_that_was_never_there_loads_for_a_while_and_is_down_then(
    live: Any, fakes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.nlu.up = False
    monkeypatch.setattr(parts_module, "NLU_GRACE_S", 0.3)
    _, board = live()
    assert state(board, Part.NLU) is State.LOADING
    assert until(lambda: state(board, Part.NLU) is State.DOWN)


def test_the_client_of_nlu_is_made_only_when_questions_are_answered(live: Any, fakes: Any) -> None:
    go_on, made = threading.Event(), threading.Event()
    load = fakes.source.load

    def slow() -> Any:
        go_on.wait(5)
        return load()

    fakes.source.load = slow
    fakes.but(understander=lambda: made.set() or fakes.nlu)
    _, board = live()
    assert not made.wait(0.1)
    go_on.set()
    assert made.wait(2)
    assert until(lambda: state(board, Part.NLU) is State.READY)


def test_a_client_of_nlu_that_cannot_be_made_leaves_keywords(live: Any, fakes: Any) -> None:
    def broken() -> Any:
        raise RuntimeError("no such address")

    fakes.but(understander=broken)
    parts, board = live()
    assert until(lambda: state(board, Part.NLU) is State.FAILED)
    assert parts.serving().assistant is fakes.assistant
    assert fakes.assistant.understander.understand("x") is None


def test_a_probe_that_fails_counts_as_down(live: Any, fakes: Any) -> None:
    _, board = live()
    assert until(lambda: state(board, Part.NLU) is State.READY)

    def broken() -> bool:
        raise RuntimeError("unforeseen")

    fakes.nlu.ready = broken
    assert until(lambda: state(board, Part.NLU) is State.DOWN)


def test_what_is_switched_off_is_not_missed(live: Any, fakes: Any) -> None:
    fakes.but(understander=None, hybrid=None)
    _, board = live()
    assert until(lambda: overall(board.statuses()) is Overall.OK)
    assert state(board, Part.NLU) is State.OFF


def test_health_over_http(serve: Any) -> None:
    client = serve()
    assert client.get("/health/live").json() == {"status": "alive"}
    assert until(lambda: client.get("/health").json()["status"] == "ok")
    health = client.get("/health").json()
    assert health["answering"] is True
    assert health["parts"]["catalogue"]["facts"]["procedures"] == 1
    assert health["parts"]["search_model"]["state"] == "off"


def test_a_newer_catalogue_is_built_aside_and_swapped_in(live: Any, fakes: Any) -> None:
    parts, board = live()
    before = parts.serving()
    newer = renamed("Khai sinh, bản mới")
    fakes.source.versions[1] = newer
    fakes.source.newest = 1
    assert until(lambda: parts.serving().served.number == 1)
    assert before.source(CODE).name == "Đăng ký khai sinh"  # a turn that began before keeps what it had
    assert parts.serving().source(CODE).name == "Khai sinh, bản mới"
    assert until(lambda: board.statuses()[Part.CATALOGUE].facts["version"] == 1)


def test_a_version_that_cannot_be_served_leaves_the_old_one_and_is_told(live: Any, fakes: Any) -> None:
    parts, board = live()
    before = parts.serving()
    fakes.source.newest = 2  # which load() does not have
    assert until(lambda: state(board, Part.CATALOGUE) is State.DOWN)
    assert "version 2 cannot be served" in board.statuses()[Part.CATALOGUE].message
    assert parts.serving() is before
    fakes.source.versions[3] = renamed("Sửa xong")
    fakes.source.newest = 3
    assert until(lambda: state(board, Part.CATALOGUE) is State.READY)
    assert parts.serving().source(CODE).name == "Sửa xong"


def renamed(name: str) -> Catalogue:
    return Catalogue(tuple(p.model_copy(update={"name": name}) for p in small_catalogue()))
