"""What a webhook call of the Zalo Bot Platform says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from bot.messages import Message, MessageKind
from connectors.messaging import Happened, Malformed, Update
from connectors.zalo.reading import Id, Line, Strict, as_model, milliseconds, moment

TEXT = "message.text.received"
WITHHELD = "message.unsupported.received"
_KNOWN = {TEXT, WITHHELD, "message.image.received", "message.sticker.received"}


class _Sender(Strict):
    id: Id
    is_bot: bool = False


class _Chat(Strict):
    id: Id
    chat_type: Line | None = None


class _Message(Strict):
    sender: _Sender = Field(alias="from")
    chat: _Chat
    message_id: Id
    date: int | Line | None = None
    text: Line | None = None


class _Event(Strict):
    event_name: Id
    message: _Message


class _Named(Strict):
    event_name: Id


def unwrapped(body: Mapping[str, object]) -> object:
    """Return the event in `body`, which is documented as `{"ok", "result": event}` and reported as the event.

    Unverified against the live service: both are taken.
    """
    return body if "event_name" in body else body.get("result")


def read_event(body: Mapping[str, object], now: datetime) -> Update | None:
    """Return the update in a webhook's or getUpdates' JSON; None for what needs no answer.

    `now` stands in for a date that is not there. Raises Malformed.
    """
    event = unwrapped(body)
    name = as_model(_Named, event).event_name
    if name not in _KNOWN:
        return _unknown(event, now)
    return _update(as_model(_Event, event), now)


def _unknown(event: object, now: datetime) -> Update | None:
    """Take an event that nobody documented for a message that we cannot read, where it is one at all."""
    try:
        return _update(as_model(_Event, event), now)
    except Malformed:
        return None


def _update(event: _Event, now: datetime) -> Update | None:
    message = event.message
    if message.sender.is_bot or message.chat.chat_type not in {None, "PRIVATE"}:
        return None
    return Update(
        id=f"{event.event_name}:{message.message_id}",
        sender=message.sender.id,
        chat=message.chat.id,
        happened=Happened.WITHHELD if event.event_name == WITHHELD else Happened.MESSAGE,
        sent_at=now if message.date is None else moment(milliseconds(message.date)),
        message=_content(event),
    )


def _content(event: _Event) -> Message | None:
    if event.event_name == WITHHELD:
        return None
    if event.event_name != TEXT:
        return Message(kind=MessageKind.UNSUPPORTED)
    if event.message.text is None:
        raise Malformed("wrong or missing: message.text")
    return Message(event.message.text)
