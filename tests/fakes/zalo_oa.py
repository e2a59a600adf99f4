"""Zalo's Official Account API and its sign-in on loopback: strict, with windows and faults on demand."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tests.fakes.zalo_faults import Call, Fault, Faults, post

APP_ID = "4242424242"
APP_KEY = "the-app-secret-key"
OA_SECRET = "the-oa-secret-key"
OA_ID = "999000999"
WINDOW_S = 48 * 3600
FREE_REPLIES = 8
LIFE_S = 90_000
REFUSED = -14001  # the sign-in's own codes are not documented: an invented one

Event = dict[str, Any]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Recipient(Strict):
    user_id: Text


class OpenUrl(Strict):
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class ShowButton(Strict):
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    type: Literal["oa.query.show"]
    payload: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class OpenButton(Strict):
    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    type: Literal["oa.open.url"]
    payload: OpenUrl


class Image(Strict):
    media_type: Literal["image"]
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class Media(Strict):
    template_type: Literal["media"]
    elements: Annotated[list[Image], Field(min_length=1, max_length=1)]


class Buttons(Strict):
    buttons: Annotated[list[ShowButton | OpenButton], Field(min_length=1, max_length=5)]


class Template(Strict):
    type: Literal["template"]
    payload: Media | Buttons


class FileToken(Strict):
    token: Text


class File(Strict):
    type: Literal["file"]
    payload: FileToken


class Outgoing(Strict):
    text: Text | None = None
    attachment: Template | File | None = None
    quote_message_id: Text | None = None


class Body(Strict):
    recipient: Recipient
    message: Outgoing


@dataclass(frozen=True)
class Sent:
    """What the account has sent."""

    user: str
    message: Outgoing
    message_id: str

    @property
    def text(self) -> str:
        """The text of the message."""
        return self.message.text or ""


@dataclass
class Person:
    """A person: `at` is when they last wrote (seconds), `left` how many free replies remain."""

    at: float
    left: int = FREE_REPLIES
    messages: set[str] = field(default_factory=set)


@dataclass
class FakeZaloOa:
    """The vendor: people with their windows, tokens, what the account sent, what shall go wrong.

    `ahead_s` moves its clock. `old_access_dies`: a refresh ends the former access token at once.
    """

    app_key: str = APP_KEY
    oa_secret: str = OA_SECRET
    people: dict[str, Person] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    access: dict[str, float] = field(default_factory=dict)  # the token, and when it ends
    refresh: dict[str, str] = field(default_factory=dict)  # unspent refresh tokens, with their access token
    codes: dict[str, str] = field(default_factory=dict)  # the operator's codes, with their challenge
    spent: set[str] = field(default_factory=set)
    buttons: bool = True
    old_access_dies: bool = True
    expires_in: object = str(LIFE_S)
    ahead_s: float = 0.0
    sent: list[Sent] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    refused: deque[int] = field(default_factory=lambda: deque(maxlen=100))
    faults: Faults = field(default_factory=Faults)
    numbers: int = 0

    def now(self) -> float:
        """Return the vendor's time in seconds."""
        return time.time() + self.ahead_s

    def fail(self, fault: Fault, times: int = 1, of: Literal["send", "token"] = "send") -> None:
        """Let the next answers go wrong."""
        self.faults.add(of, fault, times)

    def texts(self, user: str) -> list[str]:
        """Return the texts that `user` has got, oldest first."""
        return [sent.text for sent in self.sent if sent.user == user]

    def connected(self) -> tuple[str, str]:
        """Return a fresh pair: access and refresh token."""
        access, refresh = f"a.{secrets.token_hex(8)}", f"r.{secrets.token_hex(8)}"
        self.access[access] = self.now() + LIFE_S
        self.refresh[refresh] = access
        return access, refresh

    def permitted(self, challenge: str) -> str:
        """Return the code that the permission page gives for `challenge`."""
        code = f"c.{secrets.token_hex(8)}"
        self.codes[code] = challenge
        return code

    # ---- the phone -----------------------------------------------------------------------------------------

    def event(self, user: str, name: str = "user_send_text", **content: Any) -> Event:
        """Return what the vendor tells of a message of `user`, who opens a new window by it."""
        self.numbers += 1
        person = self.people.setdefault(user, Person(self.now()))
        person.at, person.left = self.now(), FREE_REPLIES
        person.messages.add(f"m{self.numbers:06d}")
        return {
            "app_id": APP_ID,
            "sender": {"id": user},
            "recipient": {"id": OA_ID},
            "user_id_by_app": f"by-app-{user}",
            "event_name": name,
            "message": {"msg_id": f"m{self.numbers:06d}", **content},
            "timestamp": str(int(self.now() * 1000)),
        }

    def says(self, user: str, text: str) -> Event:
        """Return the event of a text."""
        return self.event(user, text=text)

    def follows(self, user: str) -> Event:
        """Return the event of a new follower."""
        self.people.setdefault(user, Person(self.now(), left=0))
        return {
            "app_id": APP_ID,
            "oa_id": OA_ID,
            "follower": {"id": user},
            "event_name": "follow",
            "timestamp": str(int(self.now() * 1000)),
        }

    def call(self, event: Event, *, forged: bool = False, prefix: str = "mac=") -> Call:
        """Return the signed webhook call that tells `event`."""
        body = json.dumps(event, ensure_ascii=False).encode()
        secret = "not the secret" if forged else self.oa_secret
        signed = APP_ID.encode() + body + str(event.get("timestamp", "")).encode() + secret.encode()
        mac = f"{prefix}{hashlib.sha256(signed).hexdigest()}"
        return Call({"X-ZEvent-Signature": mac, "Content-Type": "application/json"}, body)

    async def deliver(
        self,
        app_url: str,
        *events: Event,
        times: int = 1,
        mixed_by: Random | None = None,
        forged: bool = False,
        stale_s: float = 0.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> list[httpx.Response]:
        """Post each event `times` times to the webhook at `app_url`, in an order mixed up by `mixed_by`.

        `stale_s` makes the events that many seconds older, and signs them so.
        """
        told = [
            {**event, "timestamp": str(int(event["timestamp"]) - int(stale_s * 1000))} for event in events
        ]
        calls = [self.call(event, forged=forged) for event in told for _ in range(times)]
        if mixed_by:
            mixed_by.shuffle(calls)
        return await post(app_url, calls, transport)

    # ---- the vendor's server -------------------------------------------------------------------------------

    def app(self) -> FastAPI:
        """Return the vendor as an ASGI application."""
        app = FastAPI(openapi_url=None)

        @app.post("/v3.0/oa/message/cs")
        async def send(request: Request) -> Response:
            self.asked["send"] += 1
            access, body = request.headers.get("access_token", ""), await request.body()
            return await self.faults.around("send", lambda: self._send(access, body), self._error)

        @app.post("/v4/oa/access_token")
        async def token(request: Request) -> Response:
            self.asked["token"] += 1
            key, kind = request.headers.get("secret_key"), request.headers.get("content-type", "")
            form = parse_qs((await request.body()).decode("utf-8", "replace"), strict_parsing=False)
            if key != self.app_key or not kind.startswith("application/x-www-form-urlencoded"):
                return self._error(REFUSED)
            return await self.faults.around("token", lambda: self._token(form), self._error)

        return app

    def _error(self, code: int) -> Response:
        self.refused.append(code)
        return JSONResponse({"error": code, "message": "error"})

    # ---- sending -------------------------------------------------------------------------------------------

    def _send(self, access: str, raw: bytes) -> Response:
        ends = self.access.get(access)
        if ends is None or ends < self.now():
            return self._error(-216 if ends is None else -220)
        try:
            body = Body.model_validate_json(raw)
        except ValidationError:
            return self._error(-201)
        user = body.recipient.user_id
        if code := self._wrong_message(body.message) or self._unreachable(
            user, body.message.quote_message_id
        ):
            return self._error(code)
        self.people[user].left -= 1
        self.numbers += 1
        self.sent.append(Sent(user, body.message, f"s{self.numbers:06d}"))
        data = {"message_id": f"s{self.numbers:06d}", "user_id": user}
        return JSONResponse({"error": 0, "message": "Success", "data": data})

    def _wrong_message(self, message: Outgoing) -> int:
        attached = message.attachment
        if len((message.text or "").encode("utf-16-le")) // 2 > 2000 or (not message.text and not attached):
            return -201
        if isinstance(attached, File) and (message.text or attached.payload.token not in self.files):
            return -201
        if isinstance(attached, Template) and isinstance(attached.payload, Buttons):
            return 0 if self.buttons and message.text else -233
        return 0

    def _unreachable(self, user: str, quote: str | None) -> int:
        person = self.people.get(user)
        if user in self.blocked:
            return -217
        if person is None:
            return -213
        if self.now() - person.at > WINDOW_S:
            return -230
        if person.left <= 0:
            return -232
        return -201 if quote and quote not in person.messages else 0

    # ---- tokens --------------------------------------------------------------------------------------------

    def _token(self, form: dict[str, list[str]]) -> Response:
        one = {name: values[0] for name, values in form.items() if len(values) == 1}
        grant = one.get("grant_type", "")
        names = {"refresh_token": {"refresh_token"}, "authorization_code": {"code", "code_verifier"}}.get(
            grant
        )
        if names is None or set(one) != {"app_id", "grant_type", *names} or one["app_id"] != APP_ID:
            return self._error(REFUSED)
        if not (self._refreshes(one) if grant == "refresh_token" else self._permits(one)):
            return self._error(REFUSED)
        access, refresh = self.connected()
        return JSONResponse({"access_token": access, "refresh_token": refresh, "expires_in": self.expires_in})

    def _refreshes(self, form: dict[str, str]) -> bool:
        former = self.refresh.pop(form["refresh_token"], None)
        if former is None:
            return False
        self.spent.add(form["refresh_token"])
        if self.old_access_dies:
            self.access.pop(former, None)
        return True

    def _permits(self, form: dict[str, str]) -> bool:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        given = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return self.codes.pop(form["code"], None) == given
