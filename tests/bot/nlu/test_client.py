from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from bot.nlu.client import FAILURES_TO_OPEN, RasaClient
from bot.nlu.understanding import Entity

ANSWER = {
    "text": "lệ phí hộ chiếu",
    "intent": {"name": "ask_fee", "confidence": 1.0000001},
    "entities": [{"entity": "procedure", "value": "hộ chiếu", "start": 7, "end": 15, "extractor": "X"}],
    "intent_ranking": [{"name": "ask_fee", "confidence": 0.9}, {"name": "greet", "confidence": 0.1}],
}


class Server:
    """Counts what it is asked; `behave` may be changed between two questions."""

    def __init__(self, behave: Callable[[httpx.Request], httpx.Response]) -> None:
        self.behave = behave
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content)["text"] if request.content else "")
        return self.behave(request)


def good(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=ANSWER)


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def answering(content: bytes, status: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, content=content)


def client(server: Server, rest_s: float = 60) -> RasaClient:
    return RasaClient("http://nlu.test", 0.1, rest_s=rest_s, transport=httpx.MockTransport(server))


def test_understands() -> None:
    understood = client(Server(good)).understand("lệ phí hộ chiếu")
    assert understood is not None
    assert (understood.intent, understood.confidence) == ("ask_fee", 1.0)
    assert understood.ranking == (("ask_fee", 0.9), ("greet", 0.1))
    assert understood.entities == (Entity("procedure", "hộ chiếu", 7, 15),)


@pytest.mark.parametrize(
    "behave",
    [
        slow,
        refused,
        answering(b"", 500),
        answering(b"", 503),
        answering(b"<html>"),
        answering(b"{}"),
        answering(b'{"intent": {"name": "greet", "confidence": "much"}}'),
        answering(b'{"intent": {"name": "greet", "confidence": 7}}'),
        answering(b'{"intent": {"name": "greet", "confidence": 1}, "entities": [{"entity": "x"}]}'),
    ],
)
def test_trouble_gives_none_then_rests(behave: Callable[[httpx.Request], httpx.Response]) -> None:
    server = Server(behave)
    rasa = client(server)
    assert [rasa.understand("xin chào") for _ in range(10)] == [None] * 10
    assert len(server.asked) == FAILURES_TO_OPEN


def test_recovers() -> None:
    server = Server(refused)
    rasa = client(server, rest_s=0)
    for _ in range(FAILURES_TO_OPEN):
        assert rasa.understand("xin chào") is None
    server.behave = good
    assert rasa.understand("xin chào") is not None
    assert rasa.understand("xin chào") is not None


def test_a_failure_after_recovery_is_forgiven() -> None:
    server = Server(slow)
    rasa = client(server)
    assert rasa.understand("xin chào") is None
    server.behave = good
    assert rasa.understand("xin chào") is not None
    server.behave = slow
    assert rasa.understand("xin chào") is None
    server.behave = good
    assert rasa.understand("xin chào") is not None


def test_no_intent_is_no_understanding() -> None:
    server = Server(answering(b'{"intent": {"name": null, "confidence": 0}}'))
    assert client(server).understand("xin chào") is None


def test_empty_text_is_not_asked() -> None:
    server = Server(good)
    assert client(server).understand("  ") is None
    assert server.asked == []


def test_text_is_cut_and_a_slash_is_no_intent() -> None:
    server = Server(good)
    client(server).understand("/greet" + "a" * 5000)
    assert server.asked[0].startswith(" greet")
    assert len(server.asked[0]) == 2000


def test_logs_no_text(caplog: pytest.LogCaptureFixture) -> None:
    client(Server(refused)).understand("số căn cước của tôi là bí mật")
    assert "NLU gave no answer" in caplog.text
    assert "bí mật" not in caplog.text


@pytest.mark.parametrize(
    ("behave", "ready"),
    [
        (answering(b'{"model_file": "nlu.tar.gz", "fingerprint": {}}'), True),
        (answering(b'{"model_file": null}'), False),
        (answering(b"[]"), False),
        (answering(b"no model", 409), False),
        (answering(b"<html>"), False),
        (refused, False),
        (slow, False),
    ],
)
def test_ready(behave: Callable[[httpx.Request], httpx.Response], ready: bool) -> None:
    assert client(Server(behave)).ready() is ready


def test_ready_means_that_a_first_message_was_answered() -> None:
    asked: list[str] = []

    def behave(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"model_file": "nlu.tar.gz"})

    nlu = client(Server(behave))
    assert nlu.ready()
    assert nlu.ready()
    assert asked == ["/status", "/model/parse", "/status"]


def test_a_server_whose_first_message_fails_is_not_ready() -> None:
    def behave(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.url.path == "/status" else 500, json={"model_file": "m"})

    assert not client(Server(behave)).ready()
