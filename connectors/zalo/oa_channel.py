"""The Zalo Official Account as a channel, the public one. Replies are counted, so a turn is one message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.messages import Reply
from connectors.messaging import Forged, Malformed, Part, PartButton, TokenPair, Tokens, Unauthorised, Update
from connectors.zalo import oa_events, texts
from connectors.zalo.errors import TokenRejected
from connectors.zalo.oa_api import MAX_BUTTONS, ZaloOaApi
from connectors.zalo.oa_tokens import OaSignIn, now_utc
from connectors.zalo.reading import json_object, milliseconds, moment
from connectors.zalo.signatures import OA_HEADER, fresh, signature_holds

_NEARLY_OVER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class OaSettings:
    """What the operator sets. `secret` is the OA secret key that signs webhook calls: None refuses them all.

    `buttons` and `quotes` are forms that nobody could verify against the live service; off by default.
    `drawings` gives the https address of a reply's drawing as PNG or JPEG (the vendor shows no SVG).
    """

    app_id: str
    secret: str | None = field(repr=False)
    buttons: bool = False
    quotes: bool = False
    drawings: texts.Drawings = texts.no_drawing


class ZaloOaChannel:
    """A `MessagingChannel`. `tokens` keeps the pair, which is renewed ahead of its end or when rejected."""

    def __init__(
        self,
        api: ZaloOaApi,
        sign_in: OaSignIn,
        tokens: Tokens,
        settings: OaSettings,
        *,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._api = api
        self._sign_in = sign_in
        self._tokens = tokens
        self._settings = settings
        self._clock = clock

    @property
    def name(self) -> str:
        """Return "zalo_oa"."""
        return "zalo_oa"

    def updates(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Update, ...]:
        """Return what a webhook call holds. Raises Forged, then Malformed.

        The signature covers a time that stands in the body: what cannot be read that far cannot be proven.
        """
        if not self._settings.secret:
            raise Forged("no OA secret key is set, so nothing can be proven")
        try:
            event = json_object(body)
            stamp = oa_events.timestamp(event)
            sent_at = moment(milliseconds(stamp))
        except Malformed as error:
            raise Forged(f"nothing to prove: {error}") from None
        given = headers.get(OA_HEADER)
        if not signature_holds(given, self._settings.app_id, body, stamp, self._settings.secret):
            raise Forged("the signature is missing or wrong")
        if not fresh(sent_at, now):
            raise Forged("the time of the call is more than five minutes away")
        update = oa_events.read_event(event)
        return (update,) if update else ()

    def parts(self, reply: Reply, quote: str | None, free_left: int | None) -> tuple[Part, ...]:
        """Return the messages that say `reply`: one alone where it needs more replies than are left."""
        image = self._settings.drawings(reply.picture.id) if reply.picture else None
        quote = quote if self._settings.quotes else None
        # A message has one attachment, a picture or buttons.
        buttons = () if image else self._buttons(reply)
        plain = not buttons
        said = texts.messages(reply, menu=plain, links=plain)
        if free_left is not None and len(said) > max(1, free_left):
            said = texts.messages(reply, one=True, menu=plain, links=plain)
        if not said:
            return ()
        *before, last = said
        parts = [Part(text=text, quote=quote) for text in before]
        return texts.illustrated((*parts, Part(text=last, buttons=buttons, quote=quote)), image)

    async def send(self, chat: str, part: Part) -> str:
        """Send `part`; return the vendor's message id, "" where it gave none. Raises a SendFailed."""
        pair = await self._pair()
        try:
            return await self._send(pair, chat, part)
        except TokenRejected:
            renewed = await self._renewed(pair)
        return await self._send(renewed, chat, part)

    async def typing(self, chat: str) -> None:
        """Do nothing: the vendor has no such call."""

    async def aclose(self) -> None:
        """Close connections."""
        await self._api.aclose()

    def _buttons(self, reply: Reply) -> tuple[PartButton, ...]:
        """Return choices and links as buttons, where those are switched on and all of them fit."""
        if not self._settings.buttons:
            return ()
        choices = [PartButton(title=button.title, payload=button.payload) for button in reply.buttons]
        links = [PartButton(title=link.title, payload=link.url) for link in reply.links]
        found = (*choices, *links)
        return found if len(found) <= MAX_BUTTONS else ()

    async def _pair(self) -> TokenPair:
        pair = await asyncio.to_thread(self._tokens.current)
        if pair is None:
            raise Unauthorised("zalo_oa: not connected yet; run `troly connect zalo-oa`")
        return await self._renewed(pair) if pair.expires_at - self._clock() <= _NEARLY_OVER else pair

    async def _renewed(self, stale: TokenPair) -> TokenPair:
        # In a thread: it waits for the database and for the vendor, and others must go on meanwhile.
        return await asyncio.to_thread(self._tokens.renewed, stale, self._sign_in.refreshed)

    async def _send(self, pair: TokenPair, chat: str, part: Part) -> str:
        if part.image:
            return (await self._api.send_image(pair.access, chat, part.image, part.text)).message_id
        sent = await self._api.send_text(pair.access, chat, part.text, buttons=part.buttons, quote=part.quote)
        return sent.message_id
