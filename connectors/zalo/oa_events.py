"""What a webhook call of the Official Account says."""

from __future__ import annotations

from collections.abc import Mapping

from bot.messages import Message, MessageKind
from connectors.messaging import Happened, Update
from connectors.zalo.reading import Id, Line, Strict, as_model, milliseconds, moment
from connectors.zalo.texts import typed_or_tapped

TEXT = "user_send_text"
FOLLOW = "follow"
UNFOLLOW = "unfollow"
_SENT_BY_A_PERSON = "user_send_"


class _Party(Strict):
    id: Id


class _Stamped(Strict):
    timestamp: int | Line


class _Named(Strict):
    event_name: Id


class _Message(Strict):
    msg_id: Id


class _Text(_Message):
    text: Line


class _Sent(Strict):
    event_name: Id
    timestamp: int | Line
    sender: _Party
    message: _Message


class _SentText(_Sent):
    message: _Text


class _Follow(Strict):
    event_name: Id
    timestamp: int | Line
    follower: _Party


def timestamp(body: Mapping[str, object]) -> str:
    """Return the timestamp as the signature counts it: the digits of a text, or of a number.

    Documented as a text; a number is taken too. Unverified against the live service.

    >>> timestamp({"timestamp": "1750316131602"}), timestamp({"timestamp": 1750316131602})
    ('1750316131602', '1750316131602')
    """
    return str(as_model(_Stamped, body).timestamp)


def read_event(body: Mapping[str, object]) -> Update | None:
    """Return the update in `body`; None for our own echoes, forms and everything that needs no answer.

    A person's message that is no text (picture, sticker, voice, place) is UNSUPPORTED. Raises Malformed.
    """
    name = as_model(_Named, body).event_name
    if name == TEXT:
        event = as_model(_SentText, body)
        return _message(event, typed_or_tapped(event.message.text))
    if name.startswith(_SENT_BY_A_PERSON):
        return _message(as_model(_Sent, body), Message(kind=MessageKind.UNSUPPORTED))
    if name in {FOLLOW, UNFOLLOW}:
        return _following(as_model(_Follow, body))
    return None


def _message(event: _Sent, message: Message) -> Update:
    return Update(
        id=f"{event.event_name}:{event.message.msg_id}",
        sender=event.sender.id,
        chat=event.sender.id,
        happened=Happened.MESSAGE,
        sent_at=moment(milliseconds(event.timestamp)),
        message=message,
        quote=event.message.msg_id,
    )


def _following(event: _Follow) -> Update:
    """Return a follow, or its end. That end is not in our reference; unverified against the live service.

    These have no message id: who and when is the same where the vendor delivers one again.
    """
    person, stamp = event.follower.id, milliseconds(event.timestamp)
    return Update(
        id=f"{event.event_name}:{person}:{stamp}",
        sender=person,
        chat=person,
        happened=Happened.FOLLOWED if event.event_name == FOLLOW else Happened.LEFT,
        sent_at=moment(stamp),
    )
