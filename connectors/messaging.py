"""What a messaging channel is to the server: it proves and parses what comes in, and sends what goes out.

A channel knows messages and its vendor, and nothing of conversations, storage or the assistant. What it gives
out is stored before it is sent (`Part`), so a part holds plain values only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from bot.messages import Message, Reply


class Happened(StrEnum):
    """What an update tells. WITHHELD: the vendor keeps the content back (children, disabled people)."""

    MESSAGE = "message"
    FOLLOWED = "followed"
    LEFT = "left"  # unfollowed or blocked: nothing can be sent any more
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Update:
    """One proven, parsed update, not masked yet.

    `id` is the same when the vendor delivers it again; `chat` is where answers go (often the sender); `quote`
    is the vendor's id of the message, for replies that quote it. `sent_at` is UTC.
    """

    id: str
    sender: str
    chat: str
    happened: Happened
    sent_at: datetime
    message: Message | None = None
    quote: str | None = None


class PartButton(BaseModel):
    """A choice under a part: its label, and the key that comes back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    payload: str


class Part(BaseModel):
    """One message to send: text of the channel's own length, with what the channel can show beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    buttons: tuple[PartButton, ...] = ()
    image: str | None = None  # an https address that the vendor can fetch
    quote: str | None = None


class Forged(ValueError):
    """Signature or secret is missing, wrong or stale: 401, nothing is stored."""


class Malformed(ValueError):
    """Proven, but not of the vendor's form: 400, nothing is stored. Never quotes the content."""


class SendFailed(RuntimeError):
    """A part was not sent. The message names the vendor's code and never the content."""


class Postponed(SendFailed):
    """Try again, after `retry_after_s` seconds where the vendor says so (429, 5xx, cut connection)."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Refused(SendFailed):
    """This part can never be sent (too long, wrong kind, outside the window)."""


class Gone(SendFailed):
    """The person cannot be reached any more (blocked, left)."""


class Unauthorised(SendFailed):
    """The channel's own token does not hold: nothing can be sent until the operator mends it."""


class MessagingChannel(Protocol):
    """One channel of messages."""

    @property
    def name(self) -> str:
        """Return "zalo_oa", "zalo_bot" or "telegram"."""

    def updates(self, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[Update, ...]:
        """Return what a webhook call holds; () for what needs no answer (echoes, bots, unknown events).

        `headers` have lower-case names. Raises Forged, then Malformed.
        """

    def parts(self, reply: Reply, quote: str | None, free_left: int | None) -> tuple[Part, ...]:
        """Return the messages that say `reply`: one where it fits, cut at sentences where not.

        `free_left` is how many free replies the person's window still holds (None: not counted): near the
        end the answer is one short part.
        """

    async def send(self, chat: str, part: Part) -> str:
        """Send `part`; return the vendor's message id. Raises a SendFailed."""

    async def typing(self, chat: str) -> None:
        """Show that an answer is being written; never raises."""

    async def aclose(self) -> None:
        """Close connections."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An OAuth pair: the refresh token is good for one use."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


class Tokens(Protocol):
    """Where a channel's token pair lives; the server gives one behind its database."""

    def current(self) -> TokenPair | None:
        """Return the stored pair, None before the first connection."""

    def renewed(self, stale: TokenPair, exchange: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Return a pair newer than `stale`.

        One caller at a time, over all processes: where another has renewed it meanwhile, that pair; else
        `exchange(stored)` is called and its pair stored at once. What `exchange` raises leaves the stored
        pair as it was.
        """
