"""Every door answers its contract, refuses what is wrong, and goes on serving."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

RASA = "/webhooks/rest/webhook"
NATIVE = "/api/v1/messages"
WEB = "/web/messages"


def rasa(client: TestClient, message: str, sender: str = "a", **more: Any) -> Any:
    return client.post(RASA, json={"sender": sender, "message": message, **more})


def test_rasa_rest_contract(client: TestClient) -> None:
    answer = rasa(client, "khai sinh", metadata={"x": 1})
    assert answer.status_code == 200
    (reply,) = answer.json()
    assert set(reply) == {"recipient_id", "text", "buttons"}
    assert reply["recipient_id"] == "a"
    assert reply["text"].startswith("1|text|khai sinh|")
    assert reply["text"].endswith("\nCổng: https://dichvucong.gov.vn")
    assert reply["buttons"] == [{"title": "Lệ phí", "payload": "/aspect:fee"}]


def test_rasa_says_that_it_is_there(client: TestClient) -> None:
    assert client.get("/webhooks/rest/").json() == {"status": "ok"}


def test_the_payload_of_a_button_comes_back_without_its_slash(client: TestClient) -> None:
    assert "|payload|aspect:fee|" in rasa(client, "/aspect:fee").json()[0]["text"]
    assert "|text|/menu|" in rasa(client, "/menu").json()[0]["text"]


def test_a_conversation_goes_on_and_senders_are_apart(client: TestClient) -> None:
    turns = [rasa(client, "x", sender).json()[0]["text"][0] for sender in ("a", "a", "b", "a")]
    assert turns == ["1", "2", "1", "3"]


def test_without_a_sender_nothing_is_shared(client: TestClient) -> None:
    answers = [client.post(RASA, json={"message": "x"}).json()[0] for _ in range(2)]
    assert [a["text"][0] for a in answers] == ["1", "1"]
    assert answers[0]["recipient_id"] == "default"


@pytest.mark.parametrize("door", [NATIVE, WEB])
def test_native_contract(client: TestClient, door: str) -> None:
    first = client.post(door, json={"text": "khai sinh"}).json()
    assert first["reply"]["buttons"] == [{"title": "Lệ phí", "payload": "aspect:fee"}]
    assert first["reply"]["links"] == [{"title": "Cổng", "url": "https://dichvucong.gov.vn"}]
    assert first["decision"]["action"] == "answer"
    assert (first["decision"]["codes"], first["decision"]["aspects"]) == (["1.001193"], ["fee"])
    assert first["sources"] == [
        {
            "code": "1.001193",
            "name": "Đăng ký khai sinh",
            "url": "https://dichvucong.gov.vn/x",
            "retrieved": "2025-11-01",
        }
    ]
    again = client.post(door, json={"conversation_id": first["conversation_id"], "payload": "aspect:fee"})
    assert again.json()["reply"]["text"].startswith("2|payload|aspect:fee|")
    assert again.json()["conversation_id"] == first["conversation_id"]


def test_ids_are_signed_and_belong_to_one_door(client: TestClient) -> None:
    given = client.post(WEB, json={"text": "x"}).json()["conversation_id"]
    forged = [given[:-2] + "xx", "made.up", "", "ü", "a" * 250]
    for identity in forged[:2] + forged[3:]:
        assert client.post(WEB, json={"conversation_id": identity, "text": "x"}).status_code == 403
    assert client.post(NATIVE, json={"conversation_id": given, "text": "x"}).status_code == 403


def test_personal_data_is_masked_before_the_assistant_sees_it(client: TestClient, fakes: Any) -> None:
    rasa(client, "cccd 038095001234 của tôi, hồ sơ H56.17.34-251120-0001")
    assert fakes.assistant.seen[-1].text == "cccd [số giấy tờ] của tôi, hồ sơ H56.17.34-251120-0001"


def test_erasing_confirms_and_forgets(client: TestClient) -> None:
    rasa(client, "x")
    assert "say:erase" in rasa(client, "/say:erase").json()[0]["text"]
    assert rasa(client, "x").json()[0]["text"].startswith("1|")


WRONG: list[Any] = [
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"null",
    b"\xff\xfe",
    b"[" * 9000,
    b'{"sender": "a", "message": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"sender": "a", "message": "a\\u0000b"}',
    b'{"sender": "a\\u0000", "message": "x"}',
    b'{"sender": "a", "message": "\\ud800"}',
    b'{"sender": "\\ud800", "message": "x"}',
    b'{"sender": {"a": 1}, "message": "x"}',
    b'{"sender": "a", "message": ["x"]}',
    b'{"sender": "a", "message": "x", "metadata": 5}',
    json.dumps({"sender": "a" * 300, "message": "x"}).encode(),
]


@pytest.mark.parametrize("body", WRONG)
def test_what_is_wrong_is_refused_plainly_and_serving_goes_on(client: TestClient, body: bytes) -> None:
    refused = client.post(RASA, content=body, headers={"content-type": "application/json"})
    assert 400 <= refused.status_code < 500
    assert isinstance(refused.json()["error"], str)
    assert rasa(client, "x").status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"text": "x", "payload": "y"}, {"text": 5}, {"text": "x", "more": 1}, {"payload": "p" * 300}]
)
def test_native_wrong_bodies(client: TestClient, body: Any) -> None:
    assert client.post(NATIVE, json=body).status_code == 422


def test_what_was_sent_is_never_repeated_in_an_error(client: TestClient) -> None:
    answer = client.post(NATIVE, json={"038095001234": "038095001234", "text": ["038095001234"]})
    assert "038095001234" not in answer.text


def test_bodies_are_bounded(client: TestClient) -> None:
    large = {"sender": "a", "message": "x" * 20_000}
    assert client.post(RASA, json=large).status_code == 413

    def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 1000

    assert client.post(RASA, content=chunks()).status_code == 413
    assert rasa(client, "x" * 5000).status_code == 200


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    assert client.get("/nothing").json() == {"error": "Not Found"}
    assert client.get(RASA).status_code == 405


def test_openapi_describes_the_doors_and_needs_no_other_host(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {RASA, NATIVE, WEB, "/health"} <= set(paths)
    assert client.get("/docs").status_code == 404


def test_a_failing_turn_gets_a_sentence_and_leaves_no_words_in_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.post(NATIVE, json={"text": "boom Nguyễn Văn Bí Mật"})
    assert answer.status_code == 200
    assert answer.json()["decision"]["action"] == "error"
    assert "KeyError" in caplog.text
    assert "Bí Mật" not in caplog.text
    assert client.get("/health").json()["failed_turns"] == 1


def test_paused_says_one_sentence_and_asks_nothing(serve: Any, fakes: Any) -> None:
    client = serve(paused="wrong fees, see ticket 7")
    answer = client.post(NATIVE, json={"text": "x"}).json()
    assert "tạm dừng" in answer["reply"]["text"]
    assert fakes.assistant.seen == []
    assert client.get("/health").json()["paused"] is True
    assert "ticket" not in client.get("/health").text
