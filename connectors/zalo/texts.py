"""What a reply looks like in Zalo: plain text with links and a numbered menu, in as few messages as fit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.messages import Link, Message, MessageKind, Reply
from connectors.messaging import Part
from connectors.utf16 import units
from connectors.zalo.cutting import cut, fewest

MAX_UNITS = 1900  # the vendor takes 2,000
_GAP = "\n\n"
_ENOUGH = 300  # less room than this for the text itself, and the links give way
_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+(.+?)[ \t]*$", re.MULTILINE)
Drawings = Callable[[str], str | None]  # the id of a drawing → its address, None where there is none
_PAYLOAD = re.compile(r"/([a-z_]+:[^\s{}]{1,200})")


class Phrases(BaseModel):
    """The sentences of `texts.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    menu: str = Field(min_length=1, max_length=80)
    shortened: str = Field(min_length=1, max_length=160)
    shortened_links: str = Field(min_length=1, max_length=160)


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """Read `texts.yaml`. Raises pydantic.ValidationError, naming the key, for a wrong value."""
    text = Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8")
    return Phrases.model_validate(yaml.safe_load(text))


def messages(reply: Reply, *, one: bool = False, menu: bool = True, links: bool = True) -> tuple[str, ...]:
    """Return the texts that say `reply`, each of at most MAX_UNITS.

    With `one` it is a single text, cut short at a sentence where need be, which then says so. Without `menu`
    or `links` those are shown by other means.
    """
    body = _nfc(reply.text).strip()
    places = link_lines(body, reply.links) if links else ""
    choices = menu_lines(body, [button.title for button in reply.buttons]) if menu else ""
    tail = _joined(places, choices)
    whole = _joined(body, tail)
    if units(whole) <= MAX_UNITS:
        return (whole,) if whole else ()
    if one:
        return (_shortened(body, places, choices),)
    beside = fewest(lambda floor: _with_tail(body, tail, floor))
    through = fewest(lambda floor: cut(whole, MAX_UNITS, floor))
    return beside if len(beside) <= len(through) else through


def link_lines(body: str, links: Iterable[Link]) -> str:
    """Return a line for each link whose address `body` does not show yet."""
    return "\n".join(_line(f"{link.title}: {link.url}") for link in links if link.url not in body)


def menu_lines(body: str, titles: list[str]) -> str:
    """Return the numbered menu of `titles`; without those that `body` lists already, "" for none.

    A question of a guide lists its answers itself; "I am stuck" and "stop" follow under the next numbers.
    """
    lines = {(int(number), line) for number, line in _NUMBERED.findall(body)}
    numbered = [(number, _line(title)) for number, title in enumerate(titles, 1)]
    shown = next((place for place, one in enumerate(numbered) if one not in lines), len(numbered))
    rest = numbered[shown:]
    if not rest:
        return ""
    return "\n".join([phrases().menu, *(f"{number}. {title}" for number, title in rest)])


def tapped(payload: str) -> str:
    """Return the text that a tapped button sends for `payload`.

    >>> typed_or_tapped(tapped("aspect:fee"))
    Message(text='aspect:fee', kind=<MessageKind.PAYLOAD: 'payload'>)
    """
    return f"/{payload}"


def typed_or_tapped(text: str) -> Message:
    """Return a message: the key of a tapped button begins with "/" and has a colon; all else was typed."""
    key = _PAYLOAD.fullmatch(text)
    return Message(key.group(1), MessageKind.PAYLOAD) if key else Message(text)


def illustrated(parts: tuple[Part, ...], image: str | None) -> tuple[Part, ...]:
    """Return `parts` with the picture at the https address `image` in the first of them."""
    if not image or not parts:
        return parts
    return (parts[0].model_copy(update={"image": image}), *parts[1:])


def no_drawing(picture: str) -> str | None:
    """Return no address: drawings are left out."""
    return None


def _with_tail(body: str, tail: str, floor: float) -> tuple[str, ...]:
    """Return `body` cut up, with the links and the menu in one piece behind its last part."""
    *parts, last = cut(body, MAX_UNITS, floor) or ("",)
    if units(_joined(last, tail)) <= MAX_UNITS:
        return (*parts, _joined(last, tail))
    return (*parts, last, *cut(tail, MAX_UNITS, floor))


def _shortened(body: str, places: str, choices: str) -> str:
    note = phrases().shortened_links if places else phrases().shortened
    for ending in (
        _joined(note, places, choices),
        _joined(phrases().shortened, choices),
        phrases().shortened,
    ):
        room = MAX_UNITS - units(ending) - len(_GAP)
        if room >= _ENOUGH:
            break
    start = cut(body, room, 0.5)
    return _joined(*start[:1], ending)


def _joined(*pieces: str) -> str:
    return _GAP.join(filter(None, pieces))


def _line(text: str) -> str:
    return " ".join(_nfc(text).split())


def _nfc(text: str) -> str:
    # NUL and halves of surrogate pairs cannot be sent at all.
    return unicodedata.normalize("NFC", text.replace("\x00", "").encode("utf-8", "ignore").decode())
