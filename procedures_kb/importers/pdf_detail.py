"""The portal's PDF of one procedure: sections under headings, tables whose rows split over pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ValidationError

import procedures_kb
from procedures_kb.build.reading import RawDocument, RawMethod, RawNamed, RawProcedure
from procedures_kb.importers.common import (
    block,
    ministry_of_decision,
    one_line,
    quantity,
    record,
    refused,
    split_levels,
)
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.guards import BadFile, check_file, head_of
from procedures_kb.importers.labels import labels
from procedures_kb.importers.pdf_layout import Item, joint
from procedures_kb.importers.pdf_worker import MAX_SECONDS

MAX_PDF_BYTES = 10 * 1024 * 1024
"""The largest genuine file is 0.1 MB."""
_HEADING_POINTS = 13.5  # headings are 14 points high, text is 12
_TAIL = 2048
_ALWAYS = {"steps", "results", "keywords"}  # the first section and the last ones: the others may be left out


class _Item(BaseModel):
    page: int
    text: str
    size: float
    ends_open: bool
    cells: tuple[str | None, ...]


class _Answer(BaseModel):
    """What the worker writes."""

    created: str | None = None
    items: tuple[_Item, ...] = ()
    problem: str | None = None


@dataclass(slots=True)
class _Document:
    """The parts of a PDF while they are put together."""

    head: list[tuple[str | None, ...]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[tuple[str | None, ...]]] = field(default_factory=dict)


class PdfDetailImporter:
    """Reads the PDFs that the portal exports."""

    format = Format.PDF_DETAIL

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield the procedure of `file`, dated by the day of its export, else by `today`."""
        try:
            answer = _pages(file)
            raw = raw_of([_item(item) for item in answer.items])
        except BadFile as error:
            yield refused(file, error)
            return
        taken = _day(answer.created, today)
        yield record(file, str(file), Format.PDF_DETAIL, raw, taken=taken)


def _item(item: _Item) -> Item:
    return Item(item.page, item.text, item.size, item.ends_open, item.cells)


def _pages(file: Path) -> _Answer:
    """Let a process of its own read the pages. Raises BadFile."""
    check_file(file)
    if file.stat().st_size > MAX_PDF_BYTES:
        raise BadFile(f"is a PDF of more than {MAX_PDF_BYTES // 2**20} MB: not one procedure of the portal")
    _check_ends(file)
    paths = [str(Path(procedures_kb.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-m", "procedures_kb.importers.pdf_worker", str(file.absolute())]
    try:
        done = subprocess.run(  # noqa: S603  (our own module, the path is one argument)
            command, capture_output=True, timeout=MAX_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadFile(f"is a PDF that takes longer than {MAX_SECONDS} seconds to read: not opened") from error
    try:
        answer = _Answer.model_validate_json(done.stdout)
    except ValidationError as error:
        raise BadFile("is a PDF that breaks its reader (damaged, or a bomb): not taken") from error
    if answer.problem:
        raise BadFile(answer.problem)
    return answer


def _check_ends(file: Path) -> None:
    """A PDF that was cut off is read in part by every parser: look for its end first."""
    if not head_of(file)[:1024].lstrip().startswith(b"%PDF-"):
        raise BadFile("is no PDF")
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _TAIL))
        tail = stream.read()
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise BadFile("is a PDF cut off at its end: fetch it again")


def _day(created: str | None, today: date) -> date:
    match = re.match(r"D:(\d{4})(\d{2})(\d{2})", created or "")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else today
    except ValueError:
        return today
    return day if date(2015, 1, 1) <= day <= today else today


def raw_of(items: Sequence[Item]) -> RawProcedure:
    """Return the fields of the pages' `items` as the build reads them.

    Raises BadFile for pages that are not the portal's, or whose last sections are missing.
    """
    document = _sorted_out(items)
    head = {one_line(row[0]): one_line(row[1]) for row in document.head if len(row) == 2}
    names = labels().head
    if names.code not in head or names.name not in head:
        raise BadFile("is a PDF, but not the portal's detail of a procedure: its head table is missing")
    missing = [heading for heading, key in labels().pdf.items() if key in _ALWAYS - document.texts.keys()]
    if missing:
        raise BadFile(f"is a PDF cut off, or not the portal's: its section {missing[0]!r} is missing")
    return RawProcedure(
        code=head[names.code],
        name=head[names.name],
        ministry=ministry_of_decision(head.get(names.decision)),
        decision_no=head.get(names.decision) or None,
        levels=split_levels(head.get(names.levels)),
        field=head.get(names.field, ""),
        audience=[head[names.audience]] if head.get(names.audience) else [],
        authority=head.get(names.authority) or None,
        executing_agency=one_line(document.texts.get("agency")) or None,
        receiving_address=head.get(names.address) or None,
        steps=block(document.texts["steps"]),
        methods=[row for cells in document.rows.get("methods", []) for row in _method(cells)],
        documents=list(_papers(document.rows.get("papers", []))),
        conditions=block(document.texts.get("conditions")),
        results=_results(document.texts["results"]),
        legal=[_legal(cells) for cells in document.rows.get("legal", [])],
        quality="portal_pdf",
    )


def _sorted_out(items: Sequence[Item]) -> _Document:
    """Put each line and each row under its heading, rows that split over pages together again."""
    document = _Document()
    section = ""
    last: Item | None = None
    for number, item in enumerate(items):
        after = items[number + 1] if number + 1 < len(items) else None
        heading = labels().pdf.get(one_line(item.text)) if item.size >= _HEADING_POINTS else None
        if heading:
            section = heading
            document.texts.setdefault(section, "")
        elif item.cells:
            rows = document.head if not section else document.rows.setdefault(section, [])
            _add_row(rows, item, last)
        elif section:
            document.texts[section] += item.text + _after(item, after)
        last = item
    return document


def _after(item: Item, after: Item | None) -> str:
    """What stands behind a line: a page may end in the middle of a word."""
    if after is None or after.cells or after.size >= _HEADING_POINTS:
        return "\n"
    if after.page == item.page:
        return joint(item.text, item.ends_open)
    return "\n" if item.text.rstrip().endswith((".", ";", ":")) else ""


def _add_row(rows: list[tuple[str | None, ...]], item: Item, last: Item | None) -> None:
    if one_line(item.cells[0]) in labels().pdf_headers:
        return
    if not any(cell and cell.strip() for cell in item.cells):
        return  # the page ended before the row's first line
    new_page = last is not None and last.cells and last.page != item.page
    if rows and new_page and last is not None and _continues(rows[-1], item, last):
        joined = (_joined(old, new) for old, new in zip(rows[-1], item.cells, strict=True))
        rows[-1] = tuple(joined)
        return
    rows.append(item.cells)


def _joined(old: str | None, new: str | None) -> str | None:
    return old if new is None else (old or "") + new


def _continues(row: tuple[str | None, ...], item: Item, last: Item) -> bool:
    """Whether the first row of a page goes on with the last one of the page before.

    Its column that is never empty in a new row is empty, and the row before was really the page's last.
    """
    cells = item.cells
    if len(cells) != len(row) or not any(cell and cell.strip() for cell in last.cells):
        return False
    spans = [cell is None for cell in cells]
    if spans != [cell is None for cell in row]:
        return False
    if any(spans):
        return not labels().pdf_case.search(one_line(cells[0]))
    if len(cells) == 4:
        return not (cells[0] or "").strip()
    if (cells[-1] or "").strip():
        return False
    # A quantity of zero may be blank: then only the broken text tells.
    before, text = (row[0] or "").rstrip(), (cells[0] or "").lstrip()
    whole = before.endswith((".", ";", ":", ")")) and not text[:1].islower()
    return not (whole and len(cells) == 3 and not (row[-1] or "").strip())


def _method(cells: tuple[str | None, ...]) -> list[RawMethod]:
    if len(cells) != 4:
        return []
    channel, time, fee, told = ((cell or "") for cell in cells)
    match = re.match(r"^(\d+(?:[.,]\d+)?)\s*(\D{0,20})$", one_line(time))
    units = {unit.lower() for unit in labels().unit_words}
    unit = match[2].strip() if match else ""
    known = match is not None and (not unit or unit.lower() in units)
    described = block(told) if known or not _says(time) else block(f"{time}\n{told}")
    row = RawMethod(
        channel=labels().channels.get(one_line(channel), one_line(channel).lower()),
        time_value=float(match[1].replace(",", ".")) if match and known else None,
        time_unit=unit or None if known else None,
        description=described,
    )
    kinds = "|".join(map(re.escape, labels().fee_words))
    fees = [line for line in re.split(rf"\n(?=(?:{kinds})\s*:)", fee) if line.strip()]
    return [row.model_copy(update={"fee_text": block(line)}) for line in fees or [""]]


def _says(time: str) -> bool:
    """Whether the time's cell says more than that it is not fixed."""
    return bool(re.search(r"\d", time))


def _papers(rows: list[tuple[str | None, ...]]) -> Iterator[RawDocument]:
    case: str | None = None
    for cells in rows:
        if len(cells) != 3 or cells[1] is None:
            case = one_line(cells[0]) or None
            continue
        counts = one_line(cells[2])
        forms = [one_line(line) for line in (cells[1] or "").split("\n")]
        yield RawDocument(
            name=one_line(cells[0]),
            group=case,
            form_file="\n".join(form for form in forms if form) or None,
            originals=_count(counts, labels().originals),
            copies=_count(counts, labels().copies),
        )


def _count(text: str, what: str) -> int:
    match = re.search(rf"(\d{{1,4}}) {re.escape(what)}", text)
    return (quantity(int(match[1])) or 0) if match else 0


def _legal(cells: tuple[str | None, ...]) -> RawNamed:
    number = re.sub(r"\s+", " ", re.sub(r"-\s*\n\s*", "-", cells[-1] or ""))
    return RawNamed(name=one_line(cells[0]) or None, code=one_line(number) or None)


def _results(text: str) -> list[RawNamed]:
    """A result's name, and its code behind it."""
    told = block(text) or ""
    found: list[RawNamed] = []
    at = 0
    code = rf"{re.escape(labels().page.result_code)}\s*(?P<code>\S+(?: \d+)?)[ \t]*(?:\n|$)"
    for match in re.finditer(code, told):
        found.append(RawNamed(name=one_line(told[at : match.start()]) or None, code=match["code"]))
        at = match.end()
    rest = one_line(told[at:])
    return [*found, RawNamed(name=rest)] if rest else found
