"""Telegram's HTML, as strict as the Bot API: its tags, its four named entities, its errors."""

from __future__ import annotations

import re
from dataclasses import dataclass

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|([a-z]+))(;?)")
_OPENING = re.compile(r"<([^\s>/]+)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[\w.-]+))?)*)\s*>")
_CLOSING = re.compile(r"</([^\s>]*)\s*>")
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]*)""")


class CannotParse(ValueError):
    """The text is refused; the message is that of the Bot API."""


@dataclass(frozen=True)
class Entity:
    """A formatted stretch, in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def as_json(self) -> dict[str, object]:
        return {key: value for key, value in vars(self).items() if value is not None}


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parsed(html: str) -> tuple[str, list[Entity]]:
    """Return the text that people see, and its formatting. Raises CannotParse."""
    text, entities, open_ = "", list[Entity](), list[tuple[str, int, str | None]]()
    place = 0
    while place < len(html):
        if html[place] == "<":
            place = _tag(html, place, text, entities, open_)
        elif html[place] == "&" and (found := _REFERENCE.match(html, place)) and (letter := _letter(found)):
            text, place = text + letter, found.end()
        else:
            text, place = text + html[place], place + 1
    if open_:
        raise CannotParse(f'can\'t find end tag corresponding to start tag "{open_[-1][0]}"')
    return text, sorted(entities, key=lambda entity: (entity.offset, -entity.length))


def _letter(found: re.Match[str]) -> str | None:
    decimal, hexadecimal, name, _ = found.groups()
    if name:
        return _NAMED.get(name)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _tag(
    html: str, place: int, text: str, entities: list[Entity], open_: list[tuple[str, int, str | None]]
) -> int:
    at = f"at byte offset {len(html[:place].encode())}"
    if closing := _CLOSING.match(html, place):
        _close(closing.group(1).lower(), at, text, entities, open_)
        return closing.end()
    opening = _OPENING.match(html, place)
    name = re.split(r"[\s>]", html[place + 1 :], maxsplit=1)[0].lower()
    if place + 1 + len(name) == len(html):
        raise CannotParse(f"unclosed start tag {at}")
    if opening is None or (name not in TAGS and name != "span"):
        raise CannotParse(f'unsupported start tag "{name}" {at}')
    if name == "span" and 'class="tg-spoiler"' not in opening.group(2):
        raise CannotParse(f'tag "span" must have class "tg-spoiler" {at}')
    href = _HREF.search(opening.group(2)) if name == "a" else None
    open_.append((name, units(text), href.group(1) if href else None))
    return opening.end()


def _close(
    name: str, at: str, text: str, entities: list[Entity], open_: list[tuple[str, int, str | None]]
) -> None:
    if not open_:
        raise CannotParse(f"unexpected end tag {at}")
    expected, start, url = open_.pop()
    if name and name != expected:
        raise CannotParse(f'unmatched end tag {at}, expected "</{expected}>", found "</{name}>"')
    if (length := units(text) - start) and (expected != "a" or url):
        entities.append(Entity(TAGS.get(expected, "spoiler"), start, length, url))
