"""The REST doors: Rasa's REST channel contract, and the native one. Both are built around a `Handler`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.messages import Message, MessageKind, Reply
from connectors.contract import ForgedId, Handler, Ids, Outcome, Source

MAX_ID = 256
MAX_PAYLOAD = 200
_PAYLOAD = re.compile(r"/([a-z_]+:[^\s{}]+)")
# Typed for FastAPI, which takes anything callable there.
Guard = Callable[..., Any]


def _plain(text: str) -> str:
    # JSON can carry what no text may: NUL, and halves of a surrogate pair.
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that is no text")
    return text


Line = Annotated[str, AfterValidator(_plain)]
Id = Annotated[Line, Field(max_length=MAX_ID)]


class RasaMessage(BaseModel):
    """A message as clients of Rasa's REST channel send it."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    sender: Id | None = Field(None, description="Who writes; one conversation each. Absent: a single turn.")
    message: Line | None = Field(
        None, description='What was typed, or the payload of a button ("/aspect:fee").'
    )
    metadata: dict[str, Any] | None = Field(None, description="Taken, never read and never kept.")


class RasaButton(BaseModel):
    """A choice under a reply."""

    title: str
    payload: str


class RasaReply(BaseModel):
    """A reply as clients of Rasa's REST channel expect it."""

    recipient_id: str
    text: str
    buttons: list[RasaButton] | None = None


class NativeMessage(BaseModel):
    """A message: exactly one of `text` (typed) and `payload` (the key of a tapped button)."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: Id | None = Field(
        None, description="The id given with the first reply. Absent: a new one."
    )
    text: Line | None = None
    payload: Annotated[Line, Field(max_length=MAX_PAYLOAD)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> NativeMessage:
        if (self.text is None) == (self.payload is None):
            raise ValueError("give either text or payload")
        return self

    def message(self) -> Message:
        """Return the message as the bot knows it."""
        if self.payload is not None:
            return Message(self.payload, MessageKind.PAYLOAD)
        return Message(self.text or "")


class NativeButton(BaseModel):
    """A choice under a reply: send its `payload` back when it is tapped."""

    title: str
    payload: str


class NativeLink(BaseModel):
    """A page to open: its https address, or the path of a page of this server ("/in/…")."""

    title: str
    url: str


class NativePicture(BaseModel):
    """A drawing beside the reply, served at `/pictures/{id}.svg`, and what it shows in words."""

    id: str
    alt: str


class NativeText(BaseModel):
    """The reply: plain text, lists as lines that begin with "•"."""

    text: str
    buttons: list[NativeButton]
    links: list[NativeLink]
    picture: NativePicture | None


class NativeDecision(BaseModel):
    """What was decided: `codes` are shown (the first is answered), `choices` are offered."""

    action: str
    codes: list[str]
    aspects: list[str]
    choices: list[str]
    guide: str | None
    move: str | None


class NativeSource(BaseModel):
    """Where the facts of the reply come from."""

    code: str
    name: str
    url: str
    retrieved: str


class NativeReply(BaseModel):
    """One answered message."""

    conversation_id: str
    reply: NativeText
    decision: NativeDecision
    sources: list[NativeSource]


def rasa_router(handler: Handler, guard: Guard, *, public_url: str | None = None) -> APIRouter:
    """Build the door of Rasa's REST channel; `guard` refuses by raising HTTPException.

    Links to pages of this server begin with `public_url`; they are left out where it is not known.
    """
    router = APIRouter(prefix="/webhooks/rest", tags=["Rasa's REST channel"])

    @router.get("/")
    async def status() -> dict[str, str]:
        """Say that the channel is there, as Rasa does."""
        return {"status": "ok"}

    @router.post("/webhook", response_model_exclude_none=True, dependencies=[Depends(guard)])
    def webhook(body: RasaMessage) -> list[RasaReply]:
        """Answer one message. Empty senders share nothing: each such message is a conversation of its own."""
        sender = body.sender or secrets.token_urlsafe(16)
        outcome = handler.handle("rest", sender, rasa_message(body.message or ""))
        return [_rasa_reply(body.sender or "default", outcome.reply, public_url)]

    return router


def native_router(
    handler: Handler, ids: Ids, guard: Guard, *, prefix: str, channel: str, public_url: str | None = None
) -> APIRouter:
    """Build a door `POST {prefix}/messages`; conversation ids are signed and belong to this door.

    Links to pages of this server begin with `public_url`; they stay paths where it is not given.
    """
    router = APIRouter(prefix=prefix, tags=[f"Messages ({channel})"])

    @router.post("/messages", dependencies=[Depends(guard)])
    def messages(body: NativeMessage) -> NativeReply:
        """Answer one message and return the id under which the conversation goes on."""
        signed = body.conversation_id or ids.new()
        try:
            sender = ids.opened(signed)
        except ForgedId as error:
            raise HTTPException(403, "this conversation_id was not given by this server") from error
        return _native_reply(signed, handler.handle(channel, sender, body.message()), public_url)

    return router


def rasa_message(text: str) -> Message:
    """Read what a client sent: the payload of a button begins with "/" and has a colon; all else was typed.

    >>> rasa_message("/aspect:fee").text
    'aspect:fee'
    >>> rasa_message("/menu").kind.value
    'text'
    """
    payload = _PAYLOAD.fullmatch(text.strip())
    if payload and len(text) <= MAX_PAYLOAD:
        return Message(payload.group(1), MessageKind.PAYLOAD)
    return Message(text)


def _rasa_reply(recipient: str, reply: Reply, public_url: str | None) -> RasaReply:
    # The contract has no place for links: those that the text does not show yet go below it. A drawing is
    # left out: such clients put images where the contract's "image" is, and few of them draw SVG.
    whole = ((link, link.at(public_url)) for link in reply.links)
    links = [
        f"{there.title}: {there.url}" for link, there in whole if not there.own and link.url not in reply.text
    ]
    buttons = [RasaButton(title=button.title, payload=f"/{button.payload}") for button in reply.buttons]
    return RasaReply(recipient_id=recipient, text="\n".join([reply.text, *links]), buttons=buttons or None)


def _native_reply(conversation_id: str, outcome: Outcome, public_url: str | None) -> NativeReply:
    reply = outcome.reply
    picture = NativePicture(id=reply.picture.id, alt=reply.picture.alt) if reply.picture else None
    return NativeReply(
        conversation_id=conversation_id,
        reply=NativeText(
            text=reply.text,
            buttons=[NativeButton(title=b.title, payload=b.payload) for b in reply.buttons],
            links=[NativeLink(title=link.title, url=link.at(public_url).url) for link in reply.links],
            picture=picture,
        ),
        decision=NativeDecision(
            action=outcome.action,
            codes=list(outcome.codes),
            aspects=list(outcome.aspects),
            choices=list(outcome.choices),
            guide=outcome.guide,
            move=outcome.move,
        ),
        sources=[_native_source(source) for source in outcome.sources],
    )


def _native_source(source: Source) -> NativeSource:
    return NativeSource(code=source.code, name=source.name, url=source.url, retrieved=source.retrieved)
