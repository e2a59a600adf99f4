"""The people's side of the fake Bot API: what they do becomes updates, which are delivered well or badly."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.fakes.telegram_html import Entity

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """One message of the bot as a person sees it; `buttons` are (label, key or address)."""

    id: int
    chat: int
    text: str
    entities: tuple[Entity, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()
    photo: str | None = None
    preview: str | None = None
    reply_to: int | None = None


@dataclass
class Webhook:
    """Where updates are delivered to."""

    url: str
    secret: str | None
    kinds: list[str] | None
    last_error: str | None = None
    last_error_at: int | None = None


@dataclass(frozen=True)
class Delivery:
    """How one call of the webhook went; status 0 is a connection that failed."""

    update_id: int
    status: int


@dataclass
class Phones:
    """Who has started the bot, and the updates that wait for it."""

    people: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    loading: set[str] = field(default_factory=set)  # ids of taps whose button still shows "loading"
    pending: list[Json] = field(default_factory=list)
    allowed: list[str] | None = None
    webhook: Webhook | None = None
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(700_000_001))
    _message_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def next_message(self) -> int:
        return next(self._message_ids)

    def says(self, person: int, text: str, **more: Any) -> Json:
        """Let `person` write; the first word to a bot makes its chat known."""
        self.people.add(person)
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            more = {"entities": [{"type": "bot_command", "offset": 0, "length": length}]} | more
        return self._put("message", self._message(person, text=text, **more))

    def shows(self, person: int, **what: Any) -> Json:
        """Let `person` send what is no text, e.g. sticker={…}; a photo where nothing is named."""
        self.people.add(person)
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 90, "height": 90}]
        return self._put("message", self._message(person, **(what or {"photo": photo})))

    def edits(self, person: int, text: str) -> Json:
        """Let `person` correct an older message."""
        return self._put("edited_message", self._message(person, text=text, edit_date=int(time.time())))

    def taps(self, person: int, sent: Sent, label: str) -> Json:
        """Let `person` tap the button `label` below `sent`. Raises KeyError where there is no such button."""
        return self.taps_key(person, dict(sent.buttons)[label], sent.id)

    def taps_key(self, person: int, key: str, message_id: int = 1) -> Json:
        """Let `person` (or a client of their own making) send the key of a button."""
        query = f"4{next(self._ids):018d}"
        self.loading.add(query)
        below = self._message(person, text="…") | {"message_id": message_id}
        below["from"] = {"id": 123456789, "is_bot": True, "first_name": "Trợ lý thử"}
        tap = {"id": query, "from": _user(person), "message": below, "chat_instance": "7", "data": key}
        return self._put("callback_query", tap)

    def blocks(self, person: int) -> Json:
        """Let `person` block the bot."""
        self.blocked.add(person)
        return self._put("my_chat_member", self._change(person, "member", "kicked"))

    def unblocks(self, person: int) -> Json:
        """Let `person` come back, which their app says with /start too."""
        self.blocked.discard(person)
        return self._put("my_chat_member", self._change(person, "kicked", "member"))

    def says_in_group(self, person: int, text: str) -> Json:
        """Let `person` write in a group that the bot is in."""
        message = self._message(person, text=text)
        message["chat"] = {"id": -100123, "type": "supergroup", "title": "Nhóm"}
        return self._put("message", message)

    async def deliver(
        self,
        client: httpx.AsyncClient,
        *,
        updates: list[Json] | None = None,
        copies: int = 1,
        secret: str | None = None,
        at_once: int = 1,
    ) -> list[Delivery]:
        """Post what waits (or `updates`, in their order) to the webhook; what is not taken (2xx) waits on.

        `secret` takes the place of the right one ("" sends none); `at_once` posts that many together.
        """
        hook = self.webhook
        assert hook is not None, "no webhook is set"
        headers = {}
        if sent_secret := hook.secret if secret is None else secret:
            headers[SECRET_HEADER] = sent_secret
        gate = asyncio.Semaphore(at_once)

        async def post(update: Json) -> Delivery:
            async with gate:
                status = await _status(client, hook.url, update, headers)
            if 200 <= status < 300:
                self.pending = [one for one in self.pending if one["update_id"] != update["update_id"]]
            else:
                hook.last_error = (
                    f"Wrong response from the webhook: {status}" if status else "Connection refused"
                )
                hook.last_error_at = int(time.time())
            return Delivery(update["update_id"], status)

        waiting = list(self.pending if updates is None else updates)
        return list(await asyncio.gather(*(post(one) for one in waiting for _ in range(copies))))

    async def pump(self, client: httpx.AsyncClient, stop: asyncio.Event, pause_s: float = 0.05) -> None:
        """Deliver what waits, again and again, until `stop`: for a person at a keyboard."""
        while not stop.is_set():
            if self.webhook and self.pending:
                await self.deliver(client)
            await asyncio.sleep(pause_s)

    def _put(self, kind: str, what: Json) -> Json:
        update = {"update_id": next(self._ids), kind: what}
        if self.allowed is None or kind in self.allowed:
            self.pending.append(update)
        return deepcopy(update)

    def _message(self, person: int, **what: Any) -> Json:
        id_ = self.next_message()
        self.messages.add(id_)
        chat = {"id": person, "type": "private", "first_name": "Người dùng"}
        return {"message_id": id_, "from": _user(person), "chat": chat, "date": int(time.time())} | what

    def _change(self, person: int, old: str, new: str) -> Json:
        bot = {"id": 123456789, "is_bot": True, "first_name": "Trợ lý thử"}
        return {
            "chat": {"id": person, "type": "private", "first_name": "Người dùng"},
            "from": _user(person),
            "date": int(time.time()),
            "old_chat_member": _member(bot, old),
            "new_chat_member": _member(bot, new),
        }


def _user(person: int) -> Json:
    return {"id": person, "is_bot": False, "first_name": "Người dùng", "language_code": "vi"}


def _member(bot: Json, status: str) -> Json:
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})


async def _status(client: httpx.AsyncClient, url: str, update: Json, headers: dict[str, str]) -> int:
    try:
        return (await client.post(url, json=update, headers=headers)).status_code
    except httpx.HTTPError:
        return 0
