"""The Zalo Bot Platform on loopback: its methods, limits and envelopes, strict, with faults on demand."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from random import Random
from typing import Any, Literal
from urllib.parse import parse_qsl

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.fakes.zalo_faults import Call, Fault, Faults, post

TOKEN = "1234567890:fake-secret_of-the-bot"
SECRET = "a secret of the webhook"
SECRET_HEADER = "X-Bot-Api-Secret-Token"
MAX_TEXT = 2000

Event = dict[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    """What the bot has sent: the method, the chat, and the text, caption, sticker or action."""

    method: str
    chat: str
    text: str
    message_id: str
    photo: str | None = None


class Wrong(Exception):
    def __init__(self, code: int, description: str) -> None:
        self.code = code
        self.description = description


@dataclass
class FakeZaloBot:
    """The vendor: who has written to the bot, what it sent, what shall go wrong.

    `errors_under_200` tells whether errors come with HTTP 200, as third parties report, or with their own.
    `idle_s` is how long getUpdates waits at most, whatever it is asked for.
    """

    token: str = TOKEN
    webhook: str = ""
    secret: str = SECRET
    updated_at: int = 0
    errors_under_200: bool = True
    idle_s: float = 0.05
    people: set[str] = field(default_factory=set)
    blocked: set[str] = field(default_factory=set)
    waiting: deque[Event] = field(default_factory=deque)
    sent: list[Sent] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)
    numbers: int = 0

    def fail(self, fault: Fault, times: int = 1, of: str = "sendMessage") -> None:
        """Let the next answers of the method `of` go wrong."""
        self.faults.add(of, fault, times)

    def texts(self, chat: str) -> list[str]:
        """Return the texts that `chat` has got, oldest first."""
        return [sent.text for sent in self.sent if sent.chat == chat and sent.method == "sendMessage"]

    # ---- the phone -----------------------------------------------------------------------------------------

    def event(self, person: str, kind: str = "text", at_ms: int | None = None, **content: Any) -> Event:
        """Return what the vendor tells of a message of `person`: text, image, sticker, unsupported …"""
        self.people.add(person)
        self.numbers += 1
        message = {
            "from": {"id": person, "display_name": "Người thử", "is_bot": False},
            "chat": {"id": person, "chat_type": "PRIVATE"},
            "message_id": f"m{self.numbers:06d}",
            "date": int(time.time() * 1000) if at_ms is None else at_ms,
            **content,
        }
        return {"event_name": f"message.{kind}.received", "message": message}

    def says(self, person: str, text: str) -> Event:
        """Return the event of a text."""
        return self.event(person, text=text)

    def call(self, event: Event, shape: Literal["wrapped", "flat"] = "wrapped", forged: bool = False) -> Call:
        """Return the webhook call that tells `event`."""
        body = {"ok": True, "result": event} if shape == "wrapped" else event
        secret = "not the secret" if forged else self.secret
        return Call({SECRET_HEADER: secret, "Content-Type": "application/json"}, json.dumps(body).encode())

    async def deliver(
        self,
        app_url: str,
        *events: Event,
        shape: Literal["wrapped", "flat"] = "wrapped",
        times: int = 1,
        mixed_by: Random | None = None,
        forged: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> list[httpx.Response]:
        """Post each event `times` times to the webhook at `app_url`, in an order mixed up by `mixed_by`."""
        calls = [self.call(event, shape, forged) for event in events for _ in range(times)]
        if mixed_by:
            mixed_by.shuffle(calls)
        return await post(app_url, calls, transport)

    # ---- the vendor's server -------------------------------------------------------------------------------

    def app(self) -> FastAPI:
        """Return the vendor as an ASGI application."""
        app = FastAPI(openapi_url=None)

        @app.api_route("/{bot}/{method}", methods=["GET", "POST"])
        async def method(bot: str, method: str, request: Request) -> Response:
            self.asked[method] += 1
            try:
                if bot != f"bot{self.token}":
                    raise Wrong(401, "Unauthorized")
                values = _checked(method, await _values(request))
            except Wrong as wrong:
                return self._error(wrong)
            if method == "getUpdates":
                return await self._update(float(values.get("timeout", "0")))
            return await self.faults.around(method, lambda: self._work(method, values), self._code)

        return app

    def _work(self, method: str, values: Values) -> Response:
        try:
            result = _WORK[method](self, values)
        except Wrong as wrong:
            return self._error(wrong)
        return JSONResponse({"ok": True} if result is None else {"ok": True, "result": result})

    async def _update(self, timeout: float) -> Response:
        if self.webhook:
            return self._error(Wrong(400, "Bad Request: a webhook is set"))
        end = time.monotonic() + min(timeout, self.idle_s)
        while not self.waiting:
            if time.monotonic() >= end:
                return self._error(Wrong(408, "Request timeout"))
            await asyncio.sleep(0.005)
        return JSONResponse({"ok": True, "result": self.waiting.popleft()})

    def _code(self, code: int) -> Response:
        return self._error(Wrong(code, "scripted"))

    def _error(self, wrong: Wrong) -> Response:
        body = {"ok": False, "description": wrong.description, "error_code": wrong.code}
        return JSONResponse(body, 200 if self.errors_under_200 else wrong.code)

    # ---- the methods ---------------------------------------------------------------------------------------

    def _get_me(self, _: Values) -> object:
        number = self.token.partition(":")[0]
        return {"id": number, "account_name": "bot.thu", "account_type": "BASIC", "can_join_groups": False}

    def _set_webhook(self, values: Values) -> object:
        self.webhook, self.secret = values["url"], values["secret_token"]
        return self._hook({})

    def _delete_webhook(self, _: Values) -> object:
        self.webhook = ""
        return self._hook({})

    def _hook(self, _: Values) -> object:
        self.updated_at += 1
        return {"url": self.webhook, "updated_at": 1750316131602 + self.updated_at}

    def _to(self, values: Values) -> str:
        chat = values["chat_id"]
        if chat in self.blocked:
            raise Wrong(403, "Forbidden")
        if chat not in self.people:
            raise Wrong(404, "Not Found: chat")
        return str(chat)

    def _send(self, method: str, values: Values) -> object:
        chat = self._to(values)
        self.numbers += 1
        text = values.get("text") or values.get("caption") or values.get("sticker") or ""
        self.sent.append(Sent(method, chat, text, f"s{self.numbers:06d}", values.get("photo")))
        return {"message_id": f"s{self.numbers:06d}", "date": int(time.time() * 1000)}

    def _act(self, values: Values) -> None:
        self.sent.append(Sent("sendChatAction", self._to(values), values["action"], ""))


_WORK: dict[str, Callable[[FakeZaloBot, Values], object]] = {
    "getMe": FakeZaloBot._get_me,
    "setWebhook": FakeZaloBot._set_webhook,
    "deleteWebhook": FakeZaloBot._delete_webhook,
    "getWebhookInfo": FakeZaloBot._hook,
    "sendMessage": lambda fake, values: fake._send("sendMessage", values),
    "sendPhoto": lambda fake, values: fake._send("sendPhoto", values),
    "sendSticker": lambda fake, values: fake._send("sendSticker", values),
    "sendChatAction": FakeZaloBot._act,
}


def _long(at_least: int, at_most: int) -> Callable[[str], bool]:
    return lambda text: at_least <= len(text.encode("utf-16-le")) // 2 <= at_most


def _address(*schemes: str) -> Callable[[str], bool]:
    return lambda url: url.startswith(tuple(f"{scheme}://" for scheme in schemes)) and " " not in url


_ID = _long(1, 100)
_OPTIONAL = {"caption", "timeout"}
_PARAMETERS: dict[str, dict[str, Callable[[str], bool]]] = {
    "getMe": {},
    "getUpdates": {"timeout": lambda text: text.isdecimal() and len(text) < 4},
    "setWebhook": {"url": _address("https"), "secret_token": _long(8, 256)},
    "deleteWebhook": {},
    "getWebhookInfo": {},
    "sendMessage": {"chat_id": _ID, "text": lambda text: _long(1, MAX_TEXT)(text) and bool(text.strip())},
    "sendPhoto": {"chat_id": _ID, "photo": _address("https", "http"), "caption": _long(0, MAX_TEXT)},
    "sendSticker": {"chat_id": _ID, "sticker": _ID},
    "sendChatAction": {"chat_id": _ID, "action": lambda text: text == "typing"},
}


def _checked(method: str, values: Values) -> Values:
    """Return `values` where they are what `method` takes. Raises Wrong."""
    if method not in _PARAMETERS:
        raise Wrong(404, "Not Found: method")
    checks = _PARAMETERS[method]
    if unknown := sorted(set(values) - set(checks)):
        raise Wrong(400, f"Bad Request: unknown parameter {unknown[0]}")
    for name, holds in checks.items():
        if name not in values and name in _OPTIONAL:
            continue
        value = values.get(name)
        if not isinstance(value, str) or "\x00" in value or not holds(value):
            raise Wrong(400, f"Bad Request: {name}")
    return values


async def _values(request: Request) -> Values:
    """Return the parameters of the query and of a form, JSON or multipart body. Raises Wrong."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    values: dict[str, Any] = dict(request.query_params)
    try:
        if kind.startswith("application/json"):
            found = json.loads(body.decode("utf-8"))
            if not isinstance(found, dict):
                raise Wrong(400, "Bad Request: no object")
            values |= found
        elif kind.startswith("multipart/form-data"):
            values |= dict(_multipart(kind, body))
        elif body:
            values |= dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict"))
    except (ValueError, RecursionError) as error:
        raise Wrong(400, "Bad Request: the body cannot be read") from error
    return values


def _multipart(kind: str, body: bytes) -> Iterable[tuple[str, str]]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        yield str(name), bytes(part.get_payload(decode=True) or b"").decode("utf-8")
