"""The Telegram channel: proves and reads what comes in, and sends what goes out."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import httpx
from telegram import LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest

from bot.messages import Reply
from connectors.messaging import Forged, Part, Postponed, Refused, Update
from connectors.telegram import parsing, rendering
from connectors.telegram.api import QuietBot, open_bot
from connectors.telegram.failures import vendor_errors, words
from connectors.telegram.pace import Pace
from connectors.telegram.taps import Taps
from connectors.utf16 import units

BASE_URL = "https://api.telegram.org"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (the name of a header)
KINDS = ("message", "callback_query", "my_chat_member")
BEST_EFFORT_S = 3.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How richly a part is sent; what the vendor cannot take is left out, one thing after another."""

    html: bool = True
    link_buttons: bool = True
    image: bool = True

    def poorer(self, part: Part, said: str) -> _Shape | None:
        """Return the shape to try after a refusal that says `said`; None where none is left."""
        if self.html and "parse entities" in said:
            return replace(self, html=False)
        if self.link_buttons and "button" in said and any(map(rendering.is_address, part.buttons)):
            return replace(self, link_buttons=False)
        if self.image and part.image is not None:
            return replace(self, image=False)
        return None


class TelegramChannel:
    """One Telegram bot, for private chats.

    `secret` is what a webhook call must carry; without one every call is refused. `base_url`, `proxy` (an
    office behind one) and `transport` (tests) say how the Bot API is reached.
    """

    def __init__(
        self,
        token: str,
        secret: str = "",
        *,
        base_url: str = BASE_URL,
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._secret = secret
        self._bot, self._requests = open_bot(token, base_url, proxy, transport)
        self._pace = pace or Pace()
        self._taps = Taps()

    @property
    def name(self) -> Literal["telegram"]:
        """Return "telegram"."""
        return "telegram"

    @property
    def secret(self) -> str:
        """The secret that is given to Telegram with the webhook."""
        return self._secret

    @property
    def bot(self) -> QuietBot:
        """The bot, for what an operator sets up (`connectors.telegram.setup`)."""
        return self._bot

    def updates(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Update, ...]:
        """Return what a webhook call holds: one update, or () for what needs no answer.

        Raises Forged for a wrong or missing secret, and always where none is set; then Malformed.
        """
        given = headers.get(SECRET_HEADER, "")
        if not self._secret or not hmac.compare_digest(_bytes(given), _bytes(self._secret)):
            raise Forged("telegram: the secret of the webhook is missing or wrong")
        return self.read(parsing.decoded(body), now)

    def read(self, data: object, now: datetime) -> tuple[Update, ...]:
        """Return what the proven update `data` (JSON) holds. Raises Malformed."""
        heard = parsing.heard(data, now)
        if heard is None:
            return ()
        if heard.tap is not None:
            self._taps.add(heard.update.chat, heard.tap)
        return (heard.update,)

    async def fetch(self, offset: int | None, wait_s: int) -> tuple[object, ...]:
        """Return updates (JSON) from `offset` on, which confirms all before it; waits up to `wait_s` seconds.

        Raises PollingConflict, Unauthorised, Postponed.
        """
        with vendor_errors():
            answer = await self._bot.raw_updates(offset, wait_s, KINDS)
        if not isinstance(answer, list):
            raise Postponed("telegram: updates are no list")
        return tuple(answer)

    def parts(self, reply: Reply, quote: str | None, free_left: int | None) -> tuple[Part, ...]:
        """Return the messages that say `reply`; nothing is counted here, so `free_left` changes nothing."""
        return rendering.parts(reply, quote)

    async def send(self, chat: str, part: Part) -> str:
        """Send `part`; return the id of the message.

        Waits for the chat's turn (one message a second). What Telegram cannot take of a part (its HTML, the
        address of a button or of the image) is left out rather than the answer lost. Raises a SendFailed.
        """
        number = _chat(chat)
        await asyncio.gather(self._answer_taps(chat), self._pace.turn(chat))
        shape = _Shape()
        with vendor_errors():
            while True:
                try:
                    return await self._send(number, part, shape)
                except BadRequest as error:
                    poorer = shape.poorer(part, error.message.lower())
                    if poorer is None:
                        raise
                    logger.warning("telegram: sent again more plainly, because: %s", words(error))
                    shape = poorer

    async def typing(self, chat: str) -> None:
        """Show "typing" and stop the tapped button from loading; never raises."""
        await asyncio.gather(self._answer_taps(chat), _at_best(self._show_typing(chat)))

    async def aclose(self) -> None:
        """Close the connections."""
        for request in self._requests:
            await request.shutdown()

    async def _send(self, chat: int, part: Part, shape: _Shape) -> str:
        text = part.text if shape.link_buttons else rendering.with_addresses(part)
        said = rendering.as_html(text) if shape.html else text
        mode = ParseMode.HTML if shape.html else None
        keys = rendering.keyboard(part.buttons, links=shape.link_buttons)
        quoted = _quoted(part.quote)
        image = part.image if shape.image else None
        if image is not None and units(text) <= rendering.MAX_CAPTION:
            message = await self._bot.send_photo(
                chat, image, caption=said, parse_mode=mode, reply_markup=keys, reply_parameters=quoted
            )
        else:
            message = await self._bot.send_message(
                chat,
                said,
                parse_mode=mode,
                reply_markup=keys,
                reply_parameters=quoted,
                link_preview_options=_preview(image),
            )
        return str(message.message_id)

    async def _show_typing(self, chat: str) -> None:
        await self._bot.send_chat_action(_chat(chat), ChatAction.TYPING)

    async def _answer_taps(self, chat: str) -> None:
        for tap in self._taps.take(chat):
            await _at_best(self._bot.answer_callback_query(tap))


async def _at_best(call: Awaitable[object]) -> None:
    try:
        async with asyncio.timeout(BEST_EFFORT_S):
            await call
    except Exception as error:
        # Only a decoration is missing: a late tap, a person who has left.
        logger.debug("telegram: without %s", type(error).__name__)


def _chat(chat: str) -> int:
    if not (chat.isascii() and chat.isdigit()):
        raise Refused("telegram: the id of a private chat is a number")
    return int(chat)


def _quoted(quote: str | None) -> ReplyParameters | None:
    if quote is None or not (quote.isascii() and quote.isdigit()):
        return None
    return ReplyParameters(int(quote), allow_sending_without_reply=True)


def _preview(image: str | None) -> LinkPreviewOptions:
    # A text too long for a caption shows its image as a preview; other addresses need no preview.
    if image is None:
        return LinkPreviewOptions(is_disabled=True)
    return LinkPreviewOptions(url=image, prefer_large_media=True, show_above_text=True)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
