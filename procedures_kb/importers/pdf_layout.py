"""What stands on the pages of a PDF, in reading order: lines of text and rows of tables.

Letters are taken in the order in which the file draws them, not by their place: so a mark stays with its
letter ("thủ tục", not "thủ tuc̣") and the spaces are the file's own. pdfplumber finds the tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber

_NEW_LINE = 3.0  # points between two baselines that are two lines
_FITS = 3.0  # points: the space before the next word


class TooManyPages(ValueError):
    """The file has more pages than one procedure needs; the message is their number."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of text (`cells` empty) or a row of a table, on page `page`.

    `cells` holds None for a cell that a wider one covers. `size` is the letters' height in points.
    `ends_open` tells that the line goes on in the next one.
    """

    page: int
    text: str = ""
    size: float = 0.0
    ends_open: bool = False
    cells: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float
    top: float
    left: float
    right: float
    first_word: float  # its width


Char = dict[str, Any]  # pdfplumber's own shape; it does not leave this module
Box = tuple[float, float, float, float]


def pages_of(file: Path, max_pages: int) -> tuple[str | None, list[Item]]:
    """Return the file's date of creation ("D:20260717…") and what stands on its pages.

    Raises TooManyPages for more than `max_pages`, and whatever pdfplumber raises for a broken file.
    """
    with pdfplumber.open(file) as pdf:
        if len(pdf.pages) > max_pages:
            raise TooManyPages(len(pdf.pages))
        items: list[Item] = []
        for page in pdf.pages:
            items += _page_items(page)
            page.close()
        created = pdf.metadata.get("CreationDate")
        return (created if isinstance(created, str) else None), items


def _page_items(page: Any) -> list[Item]:  # noqa: ANN401  (pdfplumber is untyped)
    tables = page.find_tables()
    placed: list[tuple[float, Item]] = []
    outside = [c for c in page.chars if not any(_inside(c, table.bbox) for table in tables)]
    lines = list(_lines(outside))
    right = max((line.right for line in lines), default=0.0)
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else None
        open_end = after is not None and _goes_on(line, after, right)
        item = Item(page.page_number, text=_plain(line.text), size=line.size, ends_open=open_end)
        placed.append((line.top, item))
    for table in tables:
        inside = [c for c in page.chars if _inside(c, table.bbox)]
        for row in table.rows:
            cells = tuple(None if box is None else _cell(inside, box) for box in row.cells)
            placed.append((row.bbox[1], Item(page.page_number, cells=cells)))
    return [item for _, item in sorted(placed, key=lambda one: one[0])]


def _inside(char: Char, box: Box) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _lines(chars: Iterable[Char]) -> Iterator[_Line]:
    """Put letters together that stand on one baseline, in the order in which they are drawn."""
    held: list[Char] = []
    for char in chars:
        if held and abs(char["matrix"][5] - held[-1]["matrix"][5]) > _NEW_LINE:
            yield _line(held)
            held = []
        held.append(char)
    if held:
        yield _line(held)


def _line(chars: list[Char]) -> _Line:
    text = "".join(c["text"] for c in chars)
    seen = [c for c in chars if c["text"].strip()] or chars
    word = []
    for char in seen[:1] + chars[chars.index(seen[0]) + 1 :]:
        if not char["text"].strip():
            break
        word.append(char)
    return _Line(
        text=text,
        size=round(float(seen[0]["size"]), 1),
        top=float(seen[0]["top"]),
        left=float(chars[0]["x0"]),
        right=max(float(c["x1"]) for c in seen),
        first_word=float(word[-1]["x1"]) - float(word[0]["x0"]),
    )


def _goes_on(line: _Line, after: _Line, right: float) -> bool:
    """Whether the line was wrapped: the next one's first word would not have found room on it.

    A wrapped line also keeps the space at which it was broken; so does many a sentence at a paragraph's end.
    """
    if abs(line.size - after.size) >= 0.5:
        return False
    broken = line.text.endswith(" ") and not line.text.rstrip().endswith((".", ";", ":"))
    fresh = after.text.lstrip()[:1] in {"-", "+", "*", "•"}
    return line.right + _FITS + after.first_word > right or (broken and not fresh)


def _cell(chars: list[Char], box: Box) -> str:
    """Return a cell's text, wrapped lines joined again, its own paragraphs on lines of their own."""
    own = [c for c in chars if _inside(c, box)]
    lines = list(_lines(own))
    if not lines:
        return ""
    right = box[2] - max(2.0, lines[0].left - box[0])
    text = _plain(lines[0].text)
    for line, after in pairwise(lines):
        text += joint(text, _goes_on(line, after, right)) + _plain(after.text)
    return text


def joint(text: str, goes_on: bool) -> str:
    """Return what stands between two lines: nothing after a hyphen or a space, a space, or a line's end."""
    if not goes_on:
        return "\n"
    return "" if text.endswith((" ", "-", "/", "\n")) else " "


def _plain(text: str) -> str:
    """The file's glyph for a space that may not break has no code: it comes as NUL."""
    return text.replace("\x00", " ").replace("\xa0", " ")
