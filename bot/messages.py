"""What every channel shares: the message that comes in and the reply that goes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_MESSAGE_CHARACTERS = 2000


class MessageKind(StrEnum):
    """TEXT was typed, PAYLOAD is the key of a tapped button, UNSUPPORTED is a picture, a sticker, a voice."""

    TEXT = "text"
    PAYLOAD = "payload"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person, with personal data already masked (`bot.privacy`)."""

    text: str = ""
    kind: MessageKind = MessageKind.TEXT


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a reply: its label (at most 80 characters) and the short key that it sends back."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Link:
    """A page to open: its label, and its https address or the path of a page of this server ("/in/…")."""

    title: str
    url: str

    @property
    def own(self) -> bool:
        """Whether it is the path of a page of this server."""
        return self.url.startswith("/")

    def at(self, public_url: str | None) -> Link:
        """Return the link with its whole address, where it is our own and the public address is known."""
        if public_url is None or not self.own:
            return self
        return Link(self.title, public_url.rstrip("/") + self.url)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing beside a reply: its id, under which the server has it, and what it shows in words."""

    id: str
    alt: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply in plain text (lists as lines that begin with "•"), with its choices and links."""

    text: str
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    picture: Picture | None = None
