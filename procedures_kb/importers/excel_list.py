"""The portal's Excel list of procedures: a banner, a header found by its names, one procedure a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook, load_workbook

from procedures_kb.build.reading import ListRow
from procedures_kb.importers.common import INTERNAL, code_of, is_internal, lines_of, one_line, refused
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.guards import BadFile, check_file, check_xlsx
from procedures_kb.importers.labels import labels

MAX_ROWS = 50_000
"""The whole nation has about 6,700 procedures."""
_HEADER_WITHIN = 30
_MAX_COLUMNS = 50

Row = tuple[object, ...]


class ExcelListImporter:
    """Reads the Excel lists that the portal exports."""

    format = Format.EXCEL_LIST

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield one import a row of every sheet that has the list's header; `today` plays no part."""
        try:
            check_file(file)
            check_xlsx(file)
            sheets = _sheets(file)
        except BadFile as error:
            yield refused(file, error)
            return
        found = False
        for title, rows in sheets:
            columns = _columns(rows)
            if columns is None:
                continue
            found = True
            yield from _read_rows(file, title, rows, columns)
        if not found:
            wanted = ", ".join(_wanted().values())
            yield Refused(str(file), f"is an Excel file without the list's header row ({wanted})")


def _sheets(file: Path) -> list[tuple[str, list[Row]]]:
    """Return title and rows of each sheet. Raises BadFile for whatever makes the workbook unreadable.

    openpyxl reads the sheets' XML through defusedxml where that is installed: entities are refused.
    """
    try:
        with file.open("rb") as stream, closing(_workbook(stream)) as book:
            sheets: list[tuple[str, list[Row]]] = []
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a sheet says of its own size is not believed
                rows = sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True)
                sheets.append((sheet.title, [tuple(row) for row in islice(rows, MAX_ROWS + 1)]))
    except Exception as error:  # openpyxl raises whatever the broken part makes it stumble over
        raise BadFile(
            f"is an Excel file that cannot be read ({type(error).__name__}): save it again"
        ) from error
    if any(len(rows) > MAX_ROWS for _, rows in sheets):
        raise BadFile(f"is an Excel file of more than {MAX_ROWS} rows: not a list of procedures")
    return sheets


def _workbook(stream: BinaryIO) -> Workbook:
    """Open a stream: of a path openpyxl would want the right extension."""
    return load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def _wanted() -> dict[str, str]:
    return labels().excel.model_dump()


def _columns(rows: Sequence[Row]) -> tuple[int, dict[str, int]] | None:
    """Return the header's row number and the place of each column, found by their names."""
    names = {name.lower(): key for key, name in _wanted().items()}
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        places = {
            key: at
            for at, cell in enumerate(row)
            if (key := names.get(one_line(_told(cell)).lower().strip(":")))
        }
        if {"code", "name"} <= places.keys():
            return number, places
    return None


def _told(cell: object) -> str:
    return "" if cell is None else str(cell)


def _read_rows(
    file: Path, title: str, rows: Sequence[Row], columns: tuple[int, dict[str, int]]
) -> Iterator[Imported | Refused]:
    header, places = columns
    for number, row in enumerate(rows[header + 1 :], start=header + 2):
        cells = {key: _told(row[at]) if at < len(row) else "" for key, at in places.items()}
        if not any(text.strip() for text in cells.values()):
            continue
        yield _imported(f"{file}#{title}:{number}", cells)


def _imported(at: str, cells: dict[str, str]) -> Imported | Refused:
    told = one_line(cells["code"])
    code, name = code_of(told), one_line(cells["name"])
    if code is None:
        return Refused(at, f"holds no procedure code of the form 1.001193 (found: {told[:40] or 'nothing'})")
    if is_internal(code):
        return Refused(at, INTERNAL, code)
    if not name:
        return Refused(at, "holds no name of the procedure", code)
    row = ListRow(
        code=code,
        level=_level(lines_of(cells.get("agency"))),
        field=next(iter(lines_of(cells.get("field"))), ""),  # several fields: the first
        ministry=one_line(cells.get("ministry")),
        name=name,
        id="",
    )
    return Imported(at, Format.EXCEL_LIST, row=row)


def _level(agencies: list[str]) -> str:
    """Return the list's letters (X commune, T province) that the executing agencies tell."""
    commune = any(labels().commune_agency.search(agency) for agency in agencies)
    province = any(
        labels().province_agency.search(agency) and not labels().commune_agency.search(agency)
        for agency in agencies
    )
    return ("T" if province else "") + ("X" if commune else "")
