"""Turns a reply into plain parts that can be stored, and a part into Telegram's HTML and keyboard."""

from __future__ import annotations

import logging
import re
from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.messages import Link, Reply
from connectors.messaging import Part, PartButton
from connectors.utf16 import reach, units

MAX_TEXT = 4096  # after entities; counted in UTF-16 units, which is the strictest reading
MAX_CAPTION = 1024
MAX_CALLBACK_BYTES = 64
MAX_HEADING = 120
_ADDRESS = ("https://", "http://")
# A heading stands alone on the first line, is no sentence and opens no list.
_HEADING = re.compile(rf"(?![•▸\-–]|\d+[.)])(?P<heading>[^\n]{{1,{MAX_HEADING}}}(?<![.!?…:;,]))\n")
# Where a text may be cut, the best place first.
_CUTS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile(r"(?<=[^\d\s][.!?…;])\s"), re.compile(r"\s"))

logger = logging.getLogger(__name__)


def parts(reply: Reply, quote: str | None) -> tuple[Part, ...]:
    """Return the messages that say `reply`: choices and links stand below the last one.

    A link is a button whose payload is its address: no key of ours begins like one.
    """
    texts = cut(reply.text, MAX_TEXT)
    links = {link.url: PartButton(title=link.title, payload=link.url) for link in reply.links if _opens(link)}
    buttons = tuple(PartButton(title=button.title, payload=button.payload) for button in reply.buttons)
    last = len(texts) - 1
    return tuple(
        Part(
            text=text,
            buttons=(*buttons, *links.values()) if place == last else (),
            quote=quote if place == 0 else None,
        )
        for place, text in enumerate(texts)
    )


def as_html(text: str) -> str:
    """Return `text` in Telegram's HTML: escaped, a heading on its first line in bold.

    >>> as_html("Lệ phí\\n• <5> đồng")
    '<b>Lệ phí</b>\\n• &lt;5&gt; đồng'
    """
    heading = _HEADING.match(text)
    if heading is None:
        return escape(text, quote=False)
    end = heading.end("heading")
    return f"<b>{escape(text[:end], quote=False)}</b>{escape(text[end:], quote=False)}"


def keyboard(buttons: tuple[PartButton, ...], *, links: bool = True) -> InlineKeyboardMarkup | None:
    """Return the choices, one a row, None where there is none; `links=False` leaves addresses out.

    Our keys are short words ("pick:1.001193") and go out as they are. One above 64 bytes would have the whole
    message refused: that button is left out and logged.
    """
    rows = [[_button(button)] for button in buttons if _fits(button) and (links or not is_address(button))]
    return InlineKeyboardMarkup(rows) if rows else None


def with_addresses(part: Part) -> str:
    """Return the text of `part` with the addresses of its links below it, as far as they fit."""
    text = part.text
    for button in part.buttons:
        longer = f"{text}\n{button.title}: {button.payload}"
        if is_address(button) and button.payload not in text and units(longer) <= MAX_TEXT:
            text = longer
    return text


def is_address(button: PartButton) -> bool:
    """Return whether `button` opens a page."""
    return button.payload.startswith(_ADDRESS)


def cut(text: str, limit: int) -> tuple[str, ...]:
    """Return `text` in pieces of at most `limit` units: cut between paragraphs, lines, sentences or words.

    Only a word longer than `limit` is cut within.
    """
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        end = _end(rest, limit)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return (*pieces, rest)


def _end(text: str, limit: int) -> int:
    longest = reach(text, limit)
    window = text[: longest + 1]
    # Half a message at a good place is better than a full one that ends within a sentence.
    for least, places in ((longest // 2, _CUTS[:-1]), (1, _CUTS)):
        for place in places:
            ends = [match.start() for match in place.finditer(window) if least <= match.start() <= longest]
            if ends:
                return ends[-1]
    return longest


def _opens(link: Link) -> bool:
    return link.url.startswith(_ADDRESS)


def _fits(button: PartButton) -> bool:
    if is_address(button) or 1 <= len(button.payload.encode()) <= MAX_CALLBACK_BYTES:
        return True
    kind = button.payload.partition(":")[0][:16]
    logger.error("telegram: a button of kind %r is left out, its key is not 1 to 64 bytes long", kind)
    return False


def _button(button: PartButton) -> InlineKeyboardButton:
    if is_address(button):
        return InlineKeyboardButton(button.title, url=button.payload)
    return InlineKeyboardButton(button.title, callback_data=button.payload)
