"""The schematic drawings of the guides: SVG files of our own, checked before anybody is shown one.

A drawing may only draw: no script, no link, no style sheet, nothing that is loaded from elsewhere. So it can
be served as a file of its own or put into a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PICTURES = Path(__file__).parent / "data" / "pictures"
MAX_BYTES = 5 * 1024
MAX_TITLE, MAX_ALT = 80, 160

_SVG = "{http://www.w3.org/2000/svg}"
# No a, image, use, style, script, foreignObject, animate: nothing that loads, links, runs or moves.
_ELEMENTS = {"svg", "title", "desc", "g", "path", "text", "tspan"} | {
    *("rect", "circle", "ellipse", "line", "polyline", "polygon"),
}
_ATTRIBUTES = {"viewBox", "role", "transform", "opacity"} | {
    *("x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "width", "height"),
    *("d", "points", "fill", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"),
    *("stroke-dasharray", "font-family", "font-size", "font-weight", "text-anchor"),
}
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUE = re.compile(r"[\w\s.,#%()'+-]*")  # no colon, slash or ampersand: no address fits in
_VIEW_BOX = re.compile(r"0 0 [1-9]\d{0,3} [1-9]\d{0,3}")


class BrokenPicture(ValueError):
    """A drawing that cannot be shown; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawing. `title` is its caption, `alt` what it shows, for whoever cannot see it; `svg` is UTF-8."""

    id: str
    title: str
    alt: str
    svg: bytes


@dataclass(frozen=True, eq=False)
class Pictures(Mapping[str, Picture]):
    """The drawings by id, in the order of their ids."""

    by_id: Mapping[str, Picture]

    def __getitem__(self, picture_id: str) -> Picture:
        return self.by_id[picture_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_id)

    def __len__(self) -> int:
        return len(self.by_id)


def load(folder: Path = PICTURES) -> Pictures:
    """Read and check every drawing of `folder`; the name of the file is the id.

    Raises BrokenPicture for the first thing that is wrong, FileNotFoundError where there is no drawing.
    """
    files = sorted(folder.glob("*.svg"))
    if not files:
        raise FileNotFoundError(
            f"no drawing in {folder}: reinstall the package or restore the folder from git"
        )
    return Pictures({file.stem: _read(file) for file in files})


def _read(file: Path) -> Picture:
    if not _ID.fullmatch(file.stem):
        raise BrokenPicture(f"{file.name}: the name must be small letters, digits and _, as guides name it")
    svg = file.read_bytes()
    if len(svg) > MAX_BYTES:
        raise BrokenPicture(f"{file.name}: {len(svg)} bytes, {MAX_BYTES} are allowed: simplify the drawing")
    try:
        root = _parsed(svg)
        _refuse_foreign(root)
        title, alt = _told(root, "title", MAX_TITLE), _told(root, "desc", MAX_ALT)
        _check_frame(root)
    except ValueError as error:
        raise BrokenPicture(f"{file.name}: {error}") from error
    return Picture(file.stem, title, alt, svg)


def _parsed(svg: bytes) -> Element:
    try:
        text = svg.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8") from error
    # The parser drops these, but the file is served as it stands, and <?xml-stylesheet?> loads.
    if not text.startswith("<svg") or "<?" in text or "<!" in text:
        raise ValueError("must begin with <svg and hold no instruction, comment or document type")
    try:
        root: Element = fromstring(svg, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise ValueError(f"not XML that is safe to read: {error}") from error
    return root


def _refuse_foreign(root: Element) -> None:
    for element in root.iter():
        name = str(element.tag).removeprefix(_SVG)
        if not str(element.tag).startswith(_SVG) or name not in _ELEMENTS:
            raise ValueError(f"the element {name} is not allowed")
        for attribute, value in element.attrib.items():
            if attribute not in _ATTRIBUTES:
                raise ValueError(f"the attribute {attribute} of {name} is not allowed")
            if not _VALUE.fullmatch(value) or "url(" in value.lower():
                raise ValueError(f"the attribute {attribute} of {name} must not hold “{value[:40]}”")


def _told(root: Element, name: str, longest: int) -> str:
    element = root.find(f"{_SVG}{name}")
    text = " ".join((element.text or "").split()) if element is not None else ""
    if not text:
        raise ValueError(f"{name} is missing: it is read to whoever cannot see the drawing")
    if len(text) > longest:
        raise ValueError(f"{name} has {len(text)} characters, {longest} are allowed")
    return text


def _check_frame(root: Element) -> None:
    if root.tag != f"{_SVG}svg" or root.get("role") != "img":
        raise ValueError('the root must be svg with role="img"')
    if not _VIEW_BOX.fullmatch(root.get("viewBox", "")):
        raise ValueError("viewBox is missing or not “0 0 width height”")
