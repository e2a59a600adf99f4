"""The text of a procedure's page (`textContent`): headers and rows run together, nothing between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from procedures_kb.build.reading import RawNamed, RawProcedure
from procedures_kb.importers.common import (
    LOWER,
    UPPER,
    block,
    code_of,
    ministry_of_decision,
    one_line,
    record,
    refused,
    shape_reason,
    split_levels,
)
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.guards import BadFile, read_text
from procedures_kb.importers.json_records import Found, records_in
from procedures_kb.importers.labels import labels
from procedures_kb.importers.page_rows import legal_rows, method_rows, paper_rows

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_PAGE_CHARS = 500_000
"""The longest genuine page has 17,000 characters."""


class Page(BaseModel):
    """A page kept as JSON: its text, and what the one who kept it knew of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ma_thu_tuc: str | None = None
    code: str | None = None
    formality_id: str | None = None
    detail_url: str | None = None
    url: str | None = None
    raw_text: str | None = None
    textContent: str | None = None  # the browser's own name

    @property
    def text(self) -> str:
        """The page's text."""
        return self.raw_text or self.textContent or ""

    @property
    def asked(self) -> str | None:
        """The code under which the page was kept."""
        return code_of(self.ma_thu_tuc or self.code)

    @property
    def uuid(self) -> str | None:
        """The portal's id, from the field or the address."""
        match = _UUID.search(f"{self.formality_id} {self.detail_url} {self.url}")
        return match[0] if match else None


class BadPage(ValueError):
    """The text is not that of a procedure's page; the message says what is missing."""


class PageTextImporter:
    """Reads the text of procedures' pages, plain or kept in JSON."""

    format = Format.PAGE_TEXT

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield every page of `file`; a page carries no date of its own, so `today` dates it."""
        try:
            found = _pages(file)
        except BadFile as error:
            yield refused(file, error)
            return
        for item in found:
            yield _read(file, item, today, alone=len(found) == 1)


def _pages(file: Path) -> tuple[Found, ...]:
    text = read_text(file)
    if text.lstrip()[:1] in {"{", "["}:
        return records_in(file)
    return (Found(str(file), {"raw_text": text}),)


def _read(file: Path, found: Found, today: date, *, alone: bool) -> Imported | Refused:
    if found.problem:
        return Refused(found.at, found.problem)
    try:
        page = Page.model_validate(found.value)
    except ValidationError as error:
        return Refused(found.at, shape_reason(error))
    try:
        raw = raw_of(page.text, page.uuid)
    except BadPage as error:
        return Refused(found.at, str(error), page.asked)
    if page.asked and code_of(raw.code) and raw.code != page.asked:
        reason = f"wrong procedure: kept as {page.asked}, but the page shows {raw.code}"
        return Refused(found.at, reason, page.asked)
    return record(file, found.at, Format.PAGE_TEXT, raw, taken=today, in_name=alone)


def raw_of(text: str, uuid: str | None = None) -> RawProcedure:
    """Return the fields of a page's text as the build reads them.

    Raises BadPage for a text that is not a page's, or breaks off before its last section.
    """
    if len(text) > MAX_PAGE_CHARS:
        raise BadPage(f"is longer than {MAX_PAGE_CHARS:,} characters: not the text of one page")
    head = _head(text)
    body = _sections(text)
    return RawProcedure(
        code=head["code"],
        name=head["name"],
        ministry=ministry_of_decision(head["decision"]),
        decision_no=head["decision"] or None,
        levels=split_levels(head["levels"]),
        field=head["field"],
        audience=[head["audience"]] if head["audience"] else [],
        authority=head["authority"] or None,
        executing_agency=one_line(body["agency"]) or None,
        receiving_address=head["address"] or None,
        steps=block(body["steps"]),
        methods=method_rows(body["methods"]),
        documents=paper_rows(body["papers"]),
        conditions=block(body["conditions"]),
        results=_results(body["results"]),
        legal=legal_rows(body["legal"]),
        uuid=uuid,
        quality="page_text",
    )


def _head(text: str) -> dict[str, str]:
    """Cut the head at its labels, which stand in one order."""
    marks = [*labels().head.model_dump().items(), ("steps", labels().page.steps)]
    return {key: one_line(value) for key, value in _between(text, marks).items()}


def _sections(text: str) -> dict[str, str]:
    """Cut the body at the sections' headers, each sought behind the one before it."""
    page = labels().page
    marks = [
        ("steps", page.steps),
        ("methods", page.methods + page.methods_header),
        ("papers", page.papers),
        ("legal", page.legal + page.legal_header),
        ("agency", page.agency),
        ("conditions", page.conditions),
        ("results", page.results),
        ("keywords", page.keywords),
    ]
    return _between(text, marks)


def _between(text: str, marks: list[tuple[str, str]]) -> dict[str, str]:
    """Return what stands behind each of `marks` (name and text), up to the next one.

    Raises BadPage where one is missing behind the one before it.
    """
    parts: dict[str, str] = {}
    begin = 0
    for number, (_, mark) in enumerate(marks):
        at = text.find(mark, begin)
        if at < 0:
            raise BadPage(f"is cut off, or not the text of a procedure's page: its part {mark!r} is missing")
        if number:
            parts[marks[number - 1][0]] = text[begin:at]
        begin = at + len(mark)
    return parts


def _results(text: str) -> list[RawNamed]:
    found: list[RawNamed] = []
    at = 0
    code = rf"\s*{labels().page.result_code} (KQ\S*?)(?=[{UPPER}][{LOWER}]|[{UPPER}]{{4}}|[-+(]|\s|$)"
    for match in re.finditer(code, text):
        name = one_line(text[at : match.start()])
        found.append(RawNamed(name=name or None, code=match[1]))
        at = match.end()
    rest = block(text[at:])
    return found + ([RawNamed(name=one_line(rest))] if rest else [])
