"""What an operator does once for a bot: see that the token holds, set the webhook, register the commands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from telegram import BotCommandScopeAllPrivateChats
from telegram.error import BadRequest

from connectors.messaging import Malformed, Update
from connectors.telegram import advice
from connectors.telegram.channel import KINDS, TelegramChannel
from connectors.telegram.failures import vendor_errors

WORDS = Path(__file__).with_name("commands.yaml")
MAX_CONNECTIONS = 40
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_CommandName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
_Description = Annotated[str, Field(min_length=1, max_length=256)]


class SetupFailed(RuntimeError):
    """The bot cannot be set up so; the text says what the operator must do."""


class BrokenWords(ValueError):
    """`commands.yaml` is not of its form."""


class Words(BaseModel):
    """The commands with their descriptions, and the test message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commands: dict[_CommandName, _Description]
    connected: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the token is: its number, the name people see, the name behind t.me/."""

    id: int
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class WebhookState:
    """Where Telegram delivers to ("" for nowhere), how many updates wait, and its last trouble with that."""

    url: str
    pending: int
    last_error: str | None
    last_error_at: datetime | None

    def advice(self) -> str | None:
        """Return what to do about the last trouble, None where there was none."""
        return None if self.last_error is None else advice.on_delivery(self.last_error)


def load_words(file: Path = WORDS) -> Words:
    """Read the Vietnamese of the set-up. Raises BrokenWords, naming the file and the place."""
    try:
        return Words.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise BrokenWords(f"{file.name}: cannot be read; restore it from git") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenWords(f"{file.name}: {where or 'the whole file'}: {first['msg']}") from error


async def identity(channel: TelegramChannel) -> Identity:
    """Return whose token it is. Raises Unauthorised, Postponed."""
    with vendor_errors():
        me = await channel.bot.get_me()
    return Identity(me.id, me.first_name, me.username or "")


async def register_commands(channel: TelegramChannel, words: Words | None = None) -> None:
    """Have Telegram show the commands in its menu of private chats. Raises a SendFailed."""
    commands = (words or load_words()).commands
    with vendor_errors():
        await channel.bot.set_my_commands(list(commands.items()), BotCommandScopeAllPrivateChats())


async def set_webhook(channel: TelegramChannel, url: str) -> WebhookState:
    """Have Telegram deliver to `url` with the channel's secret; return what it then says of itself.

    Updates that wait are kept. Raises SetupFailed for an address or a secret that Telegram does not take;
    Unauthorised, Postponed.
    """
    if not _SECRET.fullmatch(channel.secret):
        raise SetupFailed(
            "the secret must be 16 to 256 letters, digits, _ or -: set one and restart the server"
        )
    with vendor_errors():
        try:
            await channel.bot.set_webhook(
                url, secret_token=channel.secret, allowed_updates=KINDS, max_connections=MAX_CONNECTIONS
            )
        except BadRequest as error:
            raise SetupFailed(advice.on_refusal(error.message)) from None
    return await webhook_state(channel)


async def remove_webhook(channel: TelegramChannel) -> None:
    """Have Telegram deliver nowhere, as polling needs it; updates that wait are kept. Raises a SendFailed."""
    with vendor_errors():
        await channel.bot.delete_webhook(drop_pending_updates=False)


async def webhook_state(channel: TelegramChannel) -> WebhookState:
    """Return where Telegram delivers to and how that goes. Raises Unauthorised, Postponed."""
    with vendor_errors():
        info = await channel.bot.get_webhook_info()
    return WebhookState(info.url, info.pending_update_count, info.last_error_message, info.last_error_date)


async def first_update(channel: TelegramChannel, wait_s: float) -> Update | None:
    """Return the newest message that waits, or the first to come within `wait_s` seconds, else None.

    It tells `troly connect telegram` whom to send the test message to. Nothing is confirmed: the message is
    answered later. Only while no webhook is set. Raises PollingConflict, Unauthorised, Postponed.
    """
    raws = await channel.fetch(None, max(1, int(wait_s)))
    read = [update for raw in raws for update in _readable(channel, raw) if update.message is not None]
    return read[-1] if read else None


def _readable(channel: TelegramChannel, raw: object) -> tuple[Update, ...]:
    try:
        return channel.read(raw, datetime.now(UTC))
    except Malformed:
        return ()
