"""Webhook calls of the three vendors, right and hostile; a hostile body is proven where it can be."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from connectors.zalo.signatures import event_mac
from tests.delivery.plan import CHANNELS
from tests.fakes import telegram_phones, zalo_bot, zalo_oa

SECRET = "the-secret-of-the-webhooks"
FORMER_SECRET = "the-secret-of-last-month-"
PERSON = 5_000_000_001
Json = dict[str, Any]


@dataclass(frozen=True)
class Hook:
    """One channel's side of a webhook."""

    channel: str

    @property
    def header(self) -> str:
        return {
            "zalo_bot": zalo_bot.SECRET_HEADER,
            "zalo_oa": "X-ZEvent-Signature",
            "telegram": telegram_phones.SECRET_HEADER,
        }[self.channel]

    def event(self, text: object = "làm khai sinh", number: int = 1, at: float | None = None) -> Json:
        """Return what the vendor tells of a text; `at` is Unix seconds, now by default."""
        at = time.time() if at is None else at
        if self.channel == "zalo_bot":
            message = {
                "from": {"id": str(PERSON), "display_name": "Người thử", "is_bot": False},
                "chat": {"id": str(PERSON), "chat_type": "PRIVATE"},
                "text": text,
                "message_id": f"m{number}",
                "date": int(at * 1000),
            }
            return {"ok": True, "result": {"event_name": "message.text.received", "message": message}}
        if self.channel == "zalo_oa":
            return {
                "app_id": zalo_oa.APP_ID,
                "sender": {"id": str(PERSON)},
                "recipient": {"id": zalo_oa.OA_ID},
                "event_name": "user_send_text",
                "message": {"text": text, "msg_id": f"m{number}"},
                "timestamp": str(int(at * 1000)),
            }
        user = {"id": PERSON, "is_bot": False, "first_name": "Người dùng"}
        message = {"message_id": number, "from": user, "chat": {"id": PERSON, "type": "private"}}
        return {"update_id": number, "message": {**message, "date": int(at), "text": text}}

    def proof(self, body: bytes, *, stamp: object = None, secret: str = SECRET) -> dict[str, str]:
        """Return the header that proves `body`; the Official Account's covers the body and its time."""
        if self.channel != "zalo_oa":
            return {self.header: secret}
        return {self.header: f"mac={event_mac(zalo_oa.APP_ID, body, str(stamp), secret)}"}

    def call(self, event: object, *, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
        """Return body and header of a proven call."""
        body = json.dumps(event).encode()
        stamp = event.get("timestamp") if isinstance(event, dict) else None
        return body, self.proof(body, stamp=stamp, secret=secret)

    def raw(self, body: bytes, event: Json) -> tuple[bytes, dict[str, str]]:
        """Return a call with that very body, proven with the time of `event`."""
        return body, self.proof(body, stamp=event.get("timestamp"))

    @property
    def words(self) -> tuple[str, ...]:
        """Where the text stands."""
        return {
            "zalo_bot": ("result", "message", "text"),
            "zalo_oa": ("message", "text"),
            "telegram": ("message", "text"),
        }[self.channel]

    @property
    def ids(self) -> tuple[tuple[str, ...], ...]:
        """Where the ids stand that are read."""
        return {
            "zalo_bot": (
                ("result", "message", "from", "id"),
                ("result", "message", "chat", "id"),
                ("result", "message", "message_id"),
            ),
            "zalo_oa": (("sender", "id"), ("message", "msg_id")),
            "telegram": (("update_id",), ("message", "from", "id"), ("message", "chat", "id")),
        }[self.channel]


HOOKS = tuple(Hook(channel) for channel in CHANNELS)


def changed(event: Json, path: tuple[str, ...], value: object) -> Json:
    """Return a copy of `event` with another value at `path`."""
    first, *rest = path
    return {**event, first: changed(event[first], tuple(rest), value) if rest else value}


def leaves(event: Json, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return every path in `event`."""
    found = []
    for key, value in event.items():
        found.append((*before, key))
        if isinstance(value, dict):
            found += leaves(value, (*before, key))
    return found


def hostile_bodies(hook: Hook) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Return, by name, proven calls that no vendor makes and that must be refused."""
    event = hook.event()
    whole = json.dumps(event)
    told = {
        "ten megabytes of text": hook.call(hook.event("a" * 10_000_000)),
        "nothing": hook.raw(b"", event),
        "null": hook.raw(b"null", event),
        "a list": hook.raw(b"[]", event),
        "a text": hook.raw(b'"x"', event),
        "no UTF-8": hook.raw(whole.encode().replace(b"text", b"\xff\xfe"), event),
        "half": hook.raw(whole.encode()[:-3], event),
        "a raw NUL": hook.raw(whole.encode().replace(b"l\\u00e0m", b"l\x00m"), event),
        "deep lists alone": hook.raw(b"[" * 100_000 + b"]" * 100_000, event),
        "deep lists within": hook.raw(
            whole.encode()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", event
        ),
        "deep objects within": hook.raw(
            whole.encode()[:-1] + b', "x": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}", event
        ),
        "NUL in the text": hook.call(changed(event, hook.words, "a\x00b")),
        "a lone surrogate in the text": hook.call(changed(event, hook.words, "a\ud800b")),
    }
    no_texts: tuple[object, ...] = (5, True, [], {}, ["x"], {"text": "x"}, 1e300)
    no_ids: tuple[object, ...] = ([], {}, None, True, -1.5, "", "a\x00b", "a\udfffb", "x" * 100_000, 10**400)
    for wrong in no_texts:
        told[f"the text is {wrong!r}"] = hook.call(changed(event, hook.words, wrong))
    for path in hook.ids:
        for wrong in no_ids:
            told[f"{'.'.join(path)} is {wrong!r:.30}"] = hook.call(changed(event, path, wrong))
    return told
