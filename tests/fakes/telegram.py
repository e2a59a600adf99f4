"""A Bot API server on loopback with its people's phones: as strict as the vendor, with faults on demand.

What a bot sends is in `sent`; what people do (`says`, `taps`, `blocks` …) becomes updates, which the bot
fetches (getUpdates) or which `deliver` posts to its webhook. Limits are the vendor's; `enforces_pace` makes
the 1 message/s of a chat and the 30/s of a bot exact.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from tests.fakes import telegram_calls as calls
from tests.fakes.telegram_calls import Refusal, bad
from tests.fakes.telegram_phones import Phones, Sent, Webhook

TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake0"
POLL_S = 0.01
Kind = Literal["too_many", "status", "slow", "cut", "cut_after", "html", "not_json"]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer. "cut" loses the call, "cut_after" only its answer."""

    kind: Kind
    status: int = 500
    retry_after: int = 1
    seconds: float = 1.0


class Cut(Response):
    """Announces a whole answer, sends a half, and drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"ok":true,"result":{', "more_body": True})


@dataclass
class FakeTelegram(Phones):
    """The server of one bot."""

    token: str = TOKEN
    username: str = "troly_thu_bot"
    any_address: bool = False  # as a Bot API server of one's own: webhooks without HTTPS, on any port
    enforces_pace: bool = False
    sent: list[Sent] = field(default_factory=list)
    actions: list[tuple[int, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    commands: list[tuple[str, str]] = field(default_factory=list)
    unreachable_images: set[str] = field(default_factory=set)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    url: str = ""
    _moments: dict[int, float] = field(default_factory=dict)
    _poller: object = None

    def fail(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next answers to `method` ("*": to any) go wrong."""
        self.faults[method.lower()].extend([fault] * times)

    def to(self, chat: int) -> list[Sent]:
        """Return what the bot sent to `chat`."""
        return [one for one in self.sent if one.chat == chat]

    def app(self) -> FastAPI:
        """Return the server as an ASGI application."""
        app = FastAPI()

        @app.api_route("/bot{token}/{method}", methods=["GET", "POST"])
        async def call(token: str, method: str, request: Request) -> Response:
            try:
                if token != self.token:
                    head, _, tail = token.partition(":")
                    genuine = head.isdigit() and len(tail) == len(TOKEN.partition(":")[2])
                    raise Refusal(401, "Unauthorized") if genuine else Refusal(404, "Not Found")
                return await self._answered(method, await calls.parameters(request))
            except Refusal as refusal:
                return _refused(refusal)

        return app

    async def _answered(self, method: str, given: dict[str, Any]) -> Response:
        name = method.lower()
        self.asked[name] += 1
        model, work = self._methods().get(name, (None, None))
        if model is None or work is None:
            raise Refusal(404, "Not Found: method not found")
        fault = self._fault(name)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.kind != "cut_after":
            return _faulty(fault)
        result = work(calls.checked(model, given))
        if asyncio.iscoroutine(result):
            result = await result
        if fault is not None and fault.kind == "cut_after":
            return Cut()
        return JSONResponse({"ok": True, "result": result})

    def _fault(self, name: str) -> Fault | None:
        queue = self.faults[name] or self.faults["*"]
        return queue.popleft() if queue else None

    def _methods(self) -> dict[str, tuple[type[BaseModel], Callable[[Any], Any]]]:
        nothing = calls.Nothing
        return {
            "getme": (nothing, lambda _: self._me()),
            "sendmessage": (calls.SendMessage, self._text),
            "sendphoto": (calls.SendPhoto, self._photo),
            "sendchataction": (calls.SendChatAction, self._action),
            "answercallbackquery": (calls.AnswerCallbackQuery, self._answer),
            "setmycommands": (calls.SetMyCommands, self._set_commands),
            "getmycommands": (
                nothing,
                lambda _: [{"command": c, "description": d} for c, d in self.commands],
            ),
            "setwebhook": (calls.SetWebhook, self._set_webhook),
            "deletewebhook": (calls.DeleteWebhook, self._delete_webhook),
            "getwebhookinfo": (nothing, lambda _: self._webhook_info()),
            "getupdates": (calls.GetUpdates, self._updates),
        }

    def _me(self) -> dict[str, Any]:
        id_ = int(self.token.partition(":")[0])
        return {"id": id_, "is_bot": True, "first_name": "Trợ lý thử", "username": self.username}

    def _text(self, asked: calls.SendMessage) -> dict[str, Any]:
        text, entities = calls.seen_text(asked.text, asked.parse_mode, calls.MAX_TEXT, "message")
        if not text.strip():
            raise bad("message text is empty")
        preview = asked.link_preview_options
        shown = preview.url if preview and not preview.is_disabled else None
        return self._send(asked, Sent(0, asked.chat_id, text, tuple(entities), preview=shown))

    def _photo(self, asked: calls.SendPhoto) -> dict[str, Any]:
        if not calls.is_address(asked.photo):
            raise bad("wrong file identifier/HTTP URL specified")
        if asked.photo in self.unreachable_images:
            raise bad("failed to get HTTP URL content")
        text, entities = calls.seen_text(
            asked.caption, asked.parse_mode, calls.MAX_CAPTION, "message caption"
        )
        return self._send(asked, Sent(0, asked.chat_id, text, tuple(entities), photo=asked.photo))

    def _send(self, asked: calls.SendMessage | calls.SendPhoto, sent: Sent) -> dict[str, Any]:
        self._reachable(sent.chat)
        calls.check_keyboard(asked.reply_markup)
        reply = asked.reply_parameters
        known = {one.id for one in self.sent} | self.messages
        if reply and reply.message_id not in known and not reply.allow_sending_without_reply:
            raise bad("message to be replied not found")
        self._paced(sent.chat)
        keys = (
            [key for row in asked.reply_markup.inline_keyboard for key in row] if asked.reply_markup else []
        )
        whole = vars(sent) | {
            "id": self.next_message(),
            "buttons": tuple((key.text, key.callback_data or key.url or "") for key in keys),
            "reply_to": reply.message_id if reply and reply.message_id in known else None,
        }
        self.sent.append(Sent(**whole))
        return self._as_message(self.sent[-1])

    def _as_message(self, sent: Sent) -> dict[str, Any]:
        words = "caption" if sent.photo else "text"
        message = {
            "message_id": sent.id,
            "from": self._me(),
            "chat": {"id": sent.chat, "type": "private", "first_name": "Người dùng"},
            "date": int(time.time()),
            words: sent.text,
        }
        if sent.photo:
            message["photo"] = [{"file_id": "f", "file_unique_id": "u", "width": 800, "height": 600}]
        if sent.entities:
            message[f"{'caption_' if sent.photo else ''}entities"] = [one.as_json() for one in sent.entities]
        return message

    def _reachable(self, chat: int) -> None:
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if chat not in self.people:
            raise bad("chat not found")

    def _paced(self, chat: int) -> None:
        if not self.enforces_pace:
            return
        now = time.monotonic()
        recent = sum(now - moment < 1 for moment in self._moments.values())
        wait = 1 - (now - self._moments.get(chat, -1.0))
        if wait > 0.1 or recent > 30:
            seconds = max(1, math.ceil(wait))
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self._moments[chat] = now

    def _action(self, asked: calls.SendChatAction) -> bool:
        self._reachable(asked.chat_id)
        if asked.action not in calls.ACTIONS:
            raise bad("wrong parameter action in request")
        self.actions.append((asked.chat_id, asked.action))
        return True

    def _answer(self, asked: calls.AnswerCallbackQuery) -> bool:
        if asked.callback_query_id not in self.loading:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.loading.discard(asked.callback_query_id)
        return True

    def _set_commands(self, asked: calls.SetMyCommands) -> bool:
        calls.check_commands(asked.commands)
        self.commands = [(one.command, one.description) for one in asked.commands]
        return True

    def _set_webhook(self, asked: calls.SetWebhook) -> bool:
        if not asked.url:
            return self._delete_webhook(calls.DeleteWebhook(drop_pending_updates=asked.drop_pending_updates))
        calls.check_webhook(asked, any_address=self.any_address)
        self.allowed = asked.allowed_updates or self.allowed
        self.webhook = Webhook(asked.url, asked.secret_token, asked.allowed_updates)
        if asked.drop_pending_updates:
            self.pending.clear()
        return True

    def _delete_webhook(self, asked: calls.DeleteWebhook) -> bool:
        self.webhook = None
        if asked.drop_pending_updates:
            self.pending.clear()
        return True

    def _webhook_info(self) -> dict[str, Any]:
        info: dict[str, Any] = {"url": "", "has_custom_certificate": False}
        info["pending_update_count"] = len(self.pending)
        if self.webhook:
            info["url"] = self.webhook.url
            if self.webhook.last_error:
                info |= {
                    "last_error_message": self.webhook.last_error,
                    "last_error_date": self.webhook.last_error_at,
                }
        return info

    async def _updates(self, asked: calls.GetUpdates) -> list[dict[str, Any]]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        mine = self._poller = object()
        self.allowed = asked.allowed_updates or self.allowed
        self.pending = [one for one in self.pending if one["update_id"] >= (asked.offset or 0)]
        end = time.monotonic() + asked.timeout
        while not self.pending and time.monotonic() < end:
            await asyncio.sleep(POLL_S)
            if self._poller is not mine:
                raise Refusal(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
        return self.pending[: asked.limit]


def _refused(refusal: Refusal) -> JSONResponse:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return JSONResponse(answer, refusal.code)


def _faulty(fault: Fault) -> Response:
    seconds = fault.retry_after
    if fault.kind == "too_many":
        return _refused(Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds))
    if fault.kind == "status":
        return _refused(Refusal(fault.status, "Internal Server Error"))
    if fault.kind == "html":
        return HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502)
    if fault.kind == "not_json":
        return Response(b'{"ok":true,"result":', media_type="application/json")
    return Cut()
