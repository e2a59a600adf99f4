"""The printed outcome of a dossier check: what its address says, and the code that a telephone reads.

Nothing is stored: the address itself holds what was answered, as ids of papers. It holds nothing of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import segno
from fastapi import Request
from jinja2 import Template
from markupsafe import Markup

from bot.dialogue.check_writer import Sheet, sheet_path
from bot.dialogue.dossier import Way
from bot.dialogue.state import CheckPosition
from procedures_kb.model import CODE_PATTERN

MOST_IDS = 60
CODE_BYTES = 600  # UTF-8; more makes squares that a cheap telephone cannot tell apart on paper
KEPT_CODES = 128  # some 10 kB each
_QUIET_ZONE = 4  # modules, as ISO/IEC 18004 wants
_CODE = re.compile(CODE_PATTERN)
_ID = re.compile(r"[a-z0-9_]{1,40}")  # ten hexadecimal digits, or a word of a card


class BadAddress(ValueError):
    """The address of a sheet that we never gave."""


def position_of(code: str, request: Request) -> CheckPosition:
    """Return what the address says: code, way, case, papers. Raises BadAddress for what we never wrote."""
    told = request.query_params
    way, case = told.get("cach"), told.get("truong-hop")
    if not _CODE.fullmatch(code) or way not in {None, *Way} or (case is not None and not _ID.fullmatch(case)):
        raise BadAddress(code)
    lack, other = _ids(told.get("thieu", "")), _ids(told.get("bo", ""))
    have = tuple(paper for paper in _ids(told.get("co", "")) if paper not in lack)
    return CheckPosition(code=code, way=way, case=case, have=have, lack=lack, other=other)


def _ids(told: str) -> tuple[str, ...]:
    ids = tuple(told.split(".")) if told else ()
    if len(ids) > MOST_IDS or not all(map(_ID.fullmatch, ids)):
        raise BadAddress(told[:80])
    return ids


def code_content(sheet: Sheet, position: CheckPosition, template: Template, public_url: str | None) -> str:
    """Return what the code says: the address of the page, or where there is none the papers in plain text.

    Never more than CODE_BYTES: an address that is longer gives way to the text, which is cut at a line.
    """
    address = f"{public_url.rstrip('/')}{sheet_path(position)}" if public_url else ""
    if address and len(address.encode()) <= CODE_BYTES:
        return address
    return _cut(template.render(sheet=sheet).strip().splitlines())


def _cut(lines: Iterable[str]) -> str:
    kept = ""
    for line in filter(None, map(str.strip, lines)):
        longer = f"{kept}\n{line}" if kept else line
        if len(longer.encode()) > CODE_BYTES:
            break
        kept = longer
    return kept


@lru_cache(maxsize=KEPT_CODES)
def drawn_code(content: str) -> Markup:
    """Return `content` as a QR code: an SVG element to stand in a page, black on white, without size.

    Making one takes up to 60 ms of a core; the page is opened again and again while somebody prints it.
    """
    code = segno.make(content, error="l", micro=False, encoding="utf-8")  # raised where there is room for it
    return Markup(  # noqa: S704  (segno's own drawing: nothing of the content stands in it as text)
        code.svg_inline(omitsize=True, border=_QUIET_ZONE, light="#fff", svgclass=None, lineclass=None)
    )
