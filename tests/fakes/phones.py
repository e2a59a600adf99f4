"""Three phones over the three fake vendors: one person each, who writes, taps and reads the screen.

A phone tells the vendor what its person does, the vendor calls the bot's webhook, and what the bot sends
comes back to the screen. The end-to-end tests and `make demo` hold the same phones.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.fakes import zalo_bot, zalo_oa
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_html import units
from tests.fakes.telegram_phones import Sent, Webhook

TAKEN = 200
_STICKER = {"file_id": "s", "file_unique_id": "u", "type": "regular", "width": 512, "height": 512}
_TELEGRAM_STICKER = {**_STICKER, "is_animated": False, "is_video": False}


@dataclass(frozen=True, slots=True)
class Shown:
    """One message on a screen. `buttons` are (label, what a tap sends or opens); `bold` is its heading."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    picture: str | None = None
    bold: str = ""


class Phone(Protocol):
    """The phone of one person in one channel. What it does gives the HTTP status of the webhook's answer."""

    @property
    def channel(self) -> str:
        """Return "zalo_oa", "zalo_bot" or "telegram"."""

    @property
    def person(self) -> str | int:
        """Return the vendor's id of the person."""

    @property
    def deeds(self) -> tuple[str, ...]:
        """Return what `does` takes here: "sticker", "follow", "withheld", "block"."""

    def shown(self) -> list[Shown]:
        """Return what the bot has sent to this person, oldest first."""

    async def writes(self, text: str) -> int:
        """Send a text."""

    async def taps(self, key: str) -> int:
        """Tap the newest button that carries `key`. Raises KeyError where there is none."""

    async def does(self, deed: str) -> int:
        """Do one of `deeds`. Raises KeyError for another."""


@dataclass
class ZaloBotPhone:
    """Zalo, in a chat with a bot: text and numbers, no buttons."""

    vendor: zalo_bot.FakeZaloBot
    hook: str
    person: str = "b7e1f0a2"
    channel: str = field(default="zalo_bot", init=False)
    deeds: tuple[str, ...] = field(default=("sticker", "withheld"), init=False)

    def shown(self) -> list[Shown]:
        """Return the messages; "typing" is none."""
        return [
            Shown(sent.text, picture=sent.photo)
            for sent in self.vendor.sent
            if sent.chat == self.person and sent.method != "sendChatAction"
        ]

    async def writes(self, text: str) -> int:
        """Send a text."""
        return await self._told(self.vendor.says(self.person, text))

    async def taps(self, key: str) -> int:
        """Raise KeyError: there are no buttons."""
        raise KeyError(key)

    async def does(self, deed: str) -> int:
        """Send a sticker, or write as somebody whose words Zalo keeps back."""
        kind = {"sticker": "sticker", "withheld": "unsupported"}[deed]
        content: dict[str, Any] = (
            {"sticker": "s1", "url": "https://example.vn/s1"} if deed == "sticker" else {}
        )
        return await self._told(self.vendor.event(self.person, kind, **content))

    async def wrote(self, text: str, hours_ago: float) -> int:
        """Deliver a text of that many hours ago, as the vendor does after the bot was away."""
        at_ms = int((time.time() - hours_ago * 3600) * 1000)
        return await self._told(self.vendor.event(self.person, at_ms=at_ms, text=text))

    async def _told(self, event: zalo_bot.Event) -> int:
        answers = await self.vendor.deliver(self.hook, event)
        return answers[-1].status_code


@dataclass
class ZaloOaPhone:
    """Zalo, in a chat with an Official Account: text and numbers; buttons where the bot sends them."""

    vendor: zalo_oa.FakeZaloOa
    hook: str
    person: str = "4201337"
    channel: str = field(default="zalo_oa", init=False)
    deeds: tuple[str, ...] = field(default=("follow", "sticker"), init=False)

    def shown(self) -> list[Shown]:
        """Return the messages."""
        return [_oa_message(sent.message) for sent in self.vendor.sent if sent.user == self.person]

    async def writes(self, text: str) -> int:
        """Send a text."""
        return await self._told(self.vendor.says(self.person, text))

    async def taps(self, key: str) -> int:
        """Tap a button, which sends its key as a text. Raises KeyError where there is none such."""
        label_of(key, self.shown())
        return await self._told(self.vendor.says(self.person, key))

    async def does(self, deed: str) -> int:
        """Follow the account, or send a sticker."""
        if deed == "follow":
            return await self._told(self.vendor.follows(self.person))
        name = {"sticker": "user_send_sticker"}[deed]
        return await self._told(self.vendor.event(self.person, name, attachments=[{"type": "sticker"}]))

    async def _told(self, event: zalo_oa.Event) -> int:
        answers = await self.vendor.deliver(self.hook, event)
        return answers[-1].status_code


@dataclass
class TelegramPhone:
    """Telegram: text and an inline keyboard below each message."""

    vendor: FakeTelegram
    hook: str
    secret: str
    person: int = 1001
    channel: str = field(default="telegram", init=False)
    deeds: tuple[str, ...] = field(default=("follow", "sticker", "block", "unblock"), init=False)

    def __post_init__(self) -> None:
        self.vendor.webhook = Webhook(self.hook, self.secret, None)

    def shown(self) -> list[Shown]:
        """Return the messages."""
        return [
            Shown(sent.text, sent.buttons, sent.photo or sent.preview, _bold(sent))
            for sent in self.vendor.to(self.person)
        ]

    async def writes(self, text: str) -> int:
        """Send a text."""
        return await self._told(self.vendor.says(self.person, text))

    async def taps(self, key: str) -> int:
        """Tap a button. Raises KeyError where there is none such."""
        label = label_of(key, self.shown())
        below = [sent for sent in self.vendor.to(self.person) if (label, key) in sent.buttons][-1]
        return await self._told(self.vendor.taps(self.person, below, label))

    async def does(self, deed: str) -> int:
        """Press "start", send a sticker, block the bot or come back to it."""
        work = {
            "follow": lambda: self.vendor.says(self.person, "/start"),
            "sticker": lambda: self.vendor.shows(self.person, sticker=_TELEGRAM_STICKER),
            "block": lambda: self.vendor.blocks(self.person),
            "unblock": lambda: self.vendor.unblocks(self.person),
        }
        return await self._told(work[deed]())

    async def _told(self, update: Mapping[str, Any]) -> int:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            deliveries = await self.vendor.deliver(client, updates=[dict(update)])
        return deliveries[-1].status


def label_of(key: str, shown: list[Shown]) -> str:
    """Return the label of the newest button that carries `key`. Raises KeyError where there is none."""
    for one in reversed(shown):
        for label, carried in one.buttons:
            if carried == key:
                return label
    raise KeyError(key)


def _oa_message(message: zalo_oa.Outgoing) -> Shown:
    payload = message.attachment.payload if isinstance(message.attachment, zalo_oa.Template) else None
    if isinstance(payload, zalo_oa.Media):
        return Shown(message.text or "", picture=payload.elements[0].url)
    found = payload.buttons if payload else []
    buttons = tuple(
        (one.title, one.payload if isinstance(one, zalo_oa.ShowButton) else one.payload.url) for one in found
    )
    return Shown(message.text or "", buttons)


def _bold(sent: Sent) -> str:
    """Return the heading that the message sets in bold, "" for none; offsets are UTF-16 units."""
    lengths = [one.length for one in sent.entities if one.type == "bold" and one.offset == 0]
    ends = (end for end in range(len(sent.text) + 1) if units(sent.text[:end]) in lengths)
    return sent.text[: next(ends, 0)]
