"""What the REST doors make of what a client sends, and of a reply."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.messages import Button, Link, Message, MessageKind, Picture, Reply
from connectors.contract import Outcome
from connectors.rest import native_router, rasa_message, rasa_router


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


class AnyIds:
    def new(self) -> str:
        return "signed"

    def opened(self, signed: str) -> str:
        return signed


def answered(reply: Reply, public_url: str | None = None) -> dict[str, object]:
    app = FastAPI()
    app.include_router(rasa_router(Fixed(reply), lambda: None, public_url=public_url))
    sent = TestClient(app).post("/webhooks/rest/webhook", json={"sender": "a", "message": "x"})
    return dict(sent.json()[0])


def test_a_reply_without_choices_has_no_buttons() -> None:
    assert answered(Reply("Chào bạn.")) == {"recipient_id": "a", "text": "Chào bạn."}


def test_links_that_the_text_lacks_stand_below_it() -> None:
    links = (Link("Cổng", "https://a.example/x"), Link("VNeID", "https://b.example"))
    reply = answered(Reply("Xem https://b.example", (Button("Có", "say:menu"),), links))
    assert reply["text"] == "Xem https://b.example\nCổng: https://a.example/x"
    assert reply["buttons"] == [{"title": "Có", "payload": "/say:menu"}]


def native(reply: Reply, public_url: str | None = None) -> dict[str, object]:
    app = FastAPI()
    door = native_router(
        Fixed(reply), AnyIds(), lambda: None, prefix="/web", channel="web", public_url=public_url
    )
    app.include_router(door)
    return dict(TestClient(app).post("/web/messages", json={"text": "x"}).json()["reply"])


OWN = Reply(
    "Bước 1/7",
    links=(Link("Bản in chữ lớn", "/in/huong-dan/vneid_install"), Link("Cổng", "https://a.example/x")),
    picture=Picture("wallet", "Ví giấy tờ"),
)


def test_the_native_door_tells_the_drawing_and_leaves_own_pages_as_paths() -> None:
    reply = native(OWN)
    assert reply["picture"] == {"id": "wallet", "alt": "Ví giấy tờ"}
    assert reply["links"] == [
        {"title": "Bản in chữ lớn", "url": "/in/huong-dan/vneid_install"},
        {"title": "Cổng", "url": "https://a.example/x"},
    ]
    assert native(Reply("Chào bạn."))["picture"] is None


@pytest.mark.parametrize("public_url", ["https://tro-ly.example", "https://tro-ly.example/"])
def test_own_pages_become_addresses_where_the_public_one_is_known(public_url: str) -> None:
    whole = "https://tro-ly.example/in/huong-dan/vneid_install"
    assert native(OWN, public_url)["links"] == [
        {"title": "Bản in chữ lớn", "url": whole},
        {"title": "Cổng", "url": "https://a.example/x"},
    ]
    assert (
        answered(OWN, public_url)["text"] == f"Bước 1/7\nBản in chữ lớn: {whole}\nCổng: https://a.example/x"
    )


def test_rasa_s_contract_has_neither_drawings_nor_pages_without_an_address() -> None:
    assert answered(OWN) == {"recipient_id": "a", "text": "Bước 1/7\nCổng: https://a.example/x"}


def test_an_address_below_a_folder_keeps_the_folder() -> None:
    links = native(OWN, "https://x.example/tro-ly")["links"]
    assert isinstance(links, list)
    assert links[0]["url"] == "https://x.example/tro-ly/in/huong-dan/vneid_install"
