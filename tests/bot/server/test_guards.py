"""Who may come in: the key beyond loopback, the page's own origin, the rate; and safe headers everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from bot.server.limits import TokenBuckets

RASA = "/webhooks/rest/webhook"
NATIVE = "/api/v1/messages"
BODY = {"sender": "a", "message": "x"}
KEY = "k" * 20


def test_beyond_loopback_rest_is_closed_until_a_key_is_set(serve: Any) -> None:
    client = serve(host="0.0.0.0")
    assert client.post(RASA, json=BODY).status_code == 403
    assert client.post(NATIVE, json={"text": "x"}).status_code == 403
    assert client.post(RASA, json=BODY, headers={"X-API-Key": ""}).status_code == 403
    assert client.post("/web/messages", json={"text": "x"}).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_with_a_key_set_it_is_needed(serve: Any, host: str) -> None:
    client = serve(host=host, api_key=KEY)
    assert client.post(RASA, json=BODY).status_code == 401
    assert client.post(RASA, json=BODY, headers={"X-API-Key": KEY[:-1] + "x"}).status_code == 401
    assert client.post(RASA, json=BODY, headers={"X-API-Key": KEY}).status_code == 200


def test_a_proxy_in_front_of_loopback_needs_the_key_too(serve: Any) -> None:
    assert serve().post(RASA, json=BODY, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_another_sites_page_cannot_use_our_pages_door(serve: Any, headers: dict[str, str]) -> None:
    client = serve()
    assert client.post("/web/messages", json={"text": "x"}, headers=headers).status_code == 403


def test_a_flood_is_slowed_and_told_when_to_come_back(serve: Any) -> None:
    client = serve(client="203.0.113.9", rate_burst=3, rate_per_minute=30)
    statuses = [client.post("/web/messages", json={"text": "x"}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.post("/web/messages", json={"text": "x"})
    assert 1 <= int(refused.headers["Retry-After"]) <= 2
    assert client.get("/health").status_code == 200


def test_this_machine_is_not_limited_unless_asked_for(serve: Any) -> None:
    client = serve(rate_burst=1, rate_per_minute=1)
    assert {client.post(RASA, json=BODY).status_code for _ in range(4)} == {200}


def test_this_machine_is_limited_when_asked_for(serve: Any) -> None:
    client = serve(rate_burst=1, rate_per_minute=1, rate_loopback=True)
    assert [client.post(RASA, json=BODY).status_code for _ in range(2)] == [200, 429]


def test_buckets_fill_again_and_forget() -> None:
    now = [0.0]
    buckets = TokenBuckets(60, 2, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 1]
    assert buckets.take("b") == 0
    now[0] = 1.0
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    assert TokenBuckets(0, 1).take("a") == 0


@pytest.mark.parametrize("path", ["/", "/static/chat.js", "/health", "/nothing", "/api/openapi.json"])
def test_every_answer_carries_the_safety_headers(serve: Any, path: str) -> None:
    headers = serve().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers
