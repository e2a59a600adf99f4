"""The Zalo bot as a channel: for pilots, development and staff."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from bot.messages import Reply
from connectors.messaging import Forged, Part, SendFailed, Update
from connectors.zalo import texts
from connectors.zalo.bot_api import ZaloBotApi
from connectors.zalo.bot_events import read_event
from connectors.zalo.reading import json_object
from connectors.zalo.signatures import BOT_HEADER, secret_holds


class ZaloBotChannel:
    """A `MessagingChannel`. Without a `secret` every webhook call is refused, and sending works.

    `drawings` gives the https address of a reply's drawing as PNG or JPEG (the vendor shows no SVG).
    """

    def __init__(
        self, api: ZaloBotApi, secret: str | None, *, drawings: texts.Drawings = texts.no_drawing
    ) -> None:
        self._api = api
        self._secret = secret
        self._drawings = drawings

    @property
    def name(self) -> str:
        """Return "zalo_bot"."""
        return "zalo_bot"

    def updates(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Update, ...]:
        """Return what a webhook call holds. Raises Forged, then Malformed.

        The secret proves who calls and nothing else: a call that is repeated has the same update id.
        """
        if not secret_holds(headers.get(BOT_HEADER), self._secret):
            raise Forged("the secret token is missing or wrong, or none is set")
        update = read_event(json_object(body), now)
        return (update,) if update else ()

    async def polled(self, now: datetime, timeout_s: int = 30) -> tuple[Update, ...]:
        """Wait for one update without a webhook, in development. Raises SendFailed, Malformed."""
        event = await self._api.get_update(timeout_s)
        update = read_event(event, now) if event is not None else None
        return (update,) if update else ()

    def parts(self, reply: Reply, quote: str | None, free_left: int | None) -> tuple[Part, ...]:
        """Return the messages that say `reply`. The vendor has no quoting, and counts no replies."""
        one = free_left is not None and free_left <= 1
        parts = tuple(Part(text=text) for text in texts.messages(reply, one=one))
        return texts.illustrated(parts, self._drawings(reply.picture.id) if reply.picture else None)

    async def send(self, chat: str, part: Part) -> str:
        """Send `part`; return the vendor's message id, "" where it gave none. Raises a SendFailed."""
        if part.image:
            return (await self._api.send_photo(chat, part.image, part.text)).message_id
        return (await self._api.send_message(chat, part.text)).message_id

    async def typing(self, chat: str) -> None:
        """Show that an answer is being written."""
        with suppress(SendFailed):
            await self._api.send_chat_action(chat)

    async def aclose(self) -> None:
        """Close connections."""
        await self._api.aclose()
