"""Reads one update of the Bot API; every value that is used is checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import telegram

from bot.messages import Message, MessageKind
from connectors.messaging import Happened, Malformed, Update

MAX_BODY = 1 << 20
_MAX_ID = 1 << 63
_SURROGATES = re.compile("[\ud800-\udfff]")
# A command may name the bot ("/menu@troly_bot"); "/start" may carry what a link to the bot gave it.
_COMMAND = re.compile(r"(/\w+)@\w+(?!\S)")
_START = re.compile(r"/start(?:\s.*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heard:
    """An update that wants an answer; `tap` is the id of the callback query behind it, to be answered too."""

    update: Update
    tap: str | None = None


def decoded(body: bytes) -> object:
    """Return the JSON of `body`. Raises Malformed for what is too large, not UTF-8 or not JSON."""
    if len(body) > MAX_BODY:
        raise Malformed("telegram: the update is too large")
    try:
        data: object = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed("telegram: the body is not JSON") from error
    return data


def heard(data: object, now: datetime) -> Heard | None:
    """Return what the update `data` says; None where nobody in a private chat says anything.

    A tap has no time of its own: it is dated `now`. Raises Malformed where a value that is read is not of the
    Bot API's form.
    """
    if not isinstance(data, dict):
        raise Malformed("telegram: the update is no object")
    update = _update(data)
    id_ = str(_number(update.update_id))
    if update.message is not None:
        return _of_message(id_, update.message)
    if update.callback_query is not None:
        return _of_tap(id_, update.callback_query, now)
    if update.my_chat_member is not None:
        return _of_membership(id_, update.my_chat_member)
    return None


def _update(data: dict[str, Any]) -> telegram.Update:
    try:
        return telegram.Update.de_json(data)
    except Exception as error:
        # The library trusts the vendor: what it raises for odd values is anything, and may quote them.
        raise Malformed(f"telegram: the update is not of the Bot API ({type(error).__name__})") from None


def _of_message(id_: str, message: telegram.Message) -> Heard | None:
    sender = _person(message.from_user)
    if sender is None or not _is_private(message.chat):
        return None
    if message.text is not None:
        said = Message(_command(_text(message.text)))
    elif message.effective_attachment is not None:
        said = Message(kind=MessageKind.UNSUPPORTED)
    else:
        return None
    chat = str(_number(message.chat.id))
    return Heard(Update(id_, sender, chat, Happened.MESSAGE, _moment(message.date), said))


def _of_tap(id_: str, query: telegram.CallbackQuery, now: datetime) -> Heard | None:
    sender = _person(query.from_user)
    below = query.message
    if sender is None or below is None or query.data is None or not _is_private(below.chat):
        return None
    said = Message(_text(query.data), MessageKind.PAYLOAD)
    update = Update(id_, sender, str(_number(below.chat.id)), Happened.MESSAGE, now, said)
    return Heard(update, tap=_text(query.id))


def _of_membership(id_: str, change: telegram.ChatMemberUpdated) -> Heard | None:
    # Who comes back presses "Restart", which sends /start: only leaving has to be told.
    sender = _person(change.from_user)
    if sender is None or not _is_private(change.chat):
        return None
    if not isinstance(change.new_chat_member, telegram.ChatMemberBanned):
        return None
    chat = str(_number(change.chat.id))
    return Heard(Update(id_, sender, chat, Happened.LEFT, _moment(change.date)))


def _person(user: telegram.User | None) -> str | None:
    if user is None or user.is_bot is not False:
        return None
    return str(_number(user.id))


def _is_private(chat: object) -> bool:
    if not isinstance(chat, telegram.Chat):
        raise Malformed("telegram: a chat is no chat")
    return chat.type == telegram.Chat.PRIVATE


def _command(text: str) -> str:
    bare = _COMMAND.sub(r"\1", text, count=1) if text.startswith("/") else text
    return "/start" if _START.fullmatch(bare) else bare


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MAX_ID:
        raise Malformed("telegram: an id is no number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\x00" in value or _SURROGATES.search(value):
        raise Malformed("telegram: a text is no text")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise Malformed("telegram: a date is no date")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
