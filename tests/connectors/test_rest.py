"""What the REST doors make of what a client sends, and of a reply."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.messages import Button, Link, Message, MessageKind, Reply
from connectors.contract import Outcome
from connectors.rest import rasa_message, rasa_router


@pytest.mark.parametrize(
    ("sent", "kind", "text"),
    [
        ("/aspect:fee", MessageKind.PAYLOAD, "aspect:fee"),
        ("/pick:1.001193", MessageKind.PAYLOAD, "pick:1.001193"),
        ("/guide:procedure:1.001193", MessageKind.PAYLOAD, "guide:procedure:1.001193"),
        (" /move:next ", MessageKind.PAYLOAD, "move:next"),
        ("/menu", MessageKind.TEXT, "/menu"),
        ("/xoa", MessageKind.TEXT, "/xoa"),
        ('/greet{"name": "x"}', MessageKind.TEXT, '/greet{"name": "x"}'),
        ("aspect:fee", MessageKind.TEXT, "aspect:fee"),
        ("/a: b", MessageKind.TEXT, "/a: b"),
        ("/a:" + "b" * 300, MessageKind.TEXT, "/a:" + "b" * 300),
        ("", MessageKind.TEXT, ""),
    ],
)
def test_payloads_are_told_from_words(sent: str, kind: MessageKind, text: str) -> None:
    assert rasa_message(sent) == Message(text, kind)


class Fixed:
    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def handle(self, channel: str, sender: str, message: Message) -> Outcome:
        return Outcome(self.reply, "answer")


def answered(reply: Reply) -> dict[str, object]:
    app = FastAPI()
    app.include_router(rasa_router(Fixed(reply), lambda: None))
    sent = TestClient(app).post("/webhooks/rest/webhook", json={"sender": "a", "message": "x"})
    return dict(sent.json()[0])


def test_a_reply_without_choices_has_no_buttons() -> None:
    assert answered(Reply("Chào bạn.")) == {"recipient_id": "a", "text": "Chào bạn."}


def test_links_that_the_text_lacks_stand_below_it() -> None:
    links = (Link("Cổng", "https://a.example/x"), Link("VNeID", "https://b.example"))
    reply = answered(Reply("Xem https://b.example", (Button("Có", "say:menu"),), links))
    assert reply["text"] == "Xem https://b.example\nCổng: https://a.example/x"
    assert reply["buttons"] == [{"title": "Có", "payload": "/say:menu"}]
