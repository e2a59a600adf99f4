"""The texts of pages and drawings: what stands between block tags, and what attributes say instead."""

from __future__ import annotations

from html.parser import HTMLParser

_INLINE = frozenset({"a", "abbr", "b", "br", "code", "em", "i", "small", "span", "strong", "tspan", "u"})
_UNREAD = frozenset({"script", "style"})
_SPOKEN = ("alt", "aria-label", "placeholder", "title")  # attributes that people read or hear


def texts(markup: str) -> tuple[str, ...]:
    """Return each text of an HTML page or SVG drawing, in its order, with single spaces."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.found()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[str] = [""]
        self._unread = 0

    def found(self) -> tuple[str, ...]:
        flat = (" ".join(block.split()) for block in self._blocks)
        return tuple(block for block in flat if block)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        spoken = [text for name in _SPOKEN if (text := given.get(name))]
        self._break(tag)
        if spoken:
            self._blocks += [*spoken, ""]
        self._unread += tag in _UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._blocks[-1] += data

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self._blocks.append("")
