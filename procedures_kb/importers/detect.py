"""Which format a file is in, told by what is inside it, and the walk over files and folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

from procedures_kb.importers.api_detail import ApiDetailImporter
from procedures_kb.importers.contract import Imported, Importer, Refused
from procedures_kb.importers.excel_list import ExcelListImporter
from procedures_kb.importers.guards import BadFile, check_file, head_of
from procedures_kb.importers.labels import labels
from procedures_kb.importers.lgsp import LgspImporter
from procedures_kb.importers.page_text import PageTextImporter
from procedures_kb.importers.pdf_detail import PdfDetailImporter

_KEY = re.compile(rb'"([A-Za-z_]\w{1,40})"\s*:')
_LGSP_KEYS = {b"MATTHC", b"TENTTHC"}
_API_KEYS = {b"executionSteps", b"executionMethods", b"executionCases", b"codeNotation"}
_PAGE_KEYS = {b"raw_text", b"textContent", b"ma_thu_tuc"}
_LIST_KEYS = {b"items", b"lastId"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FORMATS = (
    "API detail JSON, integration (LGSP) JSON, the portal's Excel list, its PDF, or the text of its page"
)
_TEXT = slice(0, 4096)
_OF_THE_SYNC = re.compile(r"\.lock$|\.sqlite(?:-\w+)?$")  # what `troly kb sync` keeps beside the details


class UnknownFormat(BadFile):
    """No importer knows the file; the message says what the operator should do."""


def importer_for(file: Path) -> Importer:
    """Return the importer for what is inside `file`; its name does not count.

    Raises UnknownFormat, or BadFile for a file that must not be opened at all (too large, not a plain file).
    """
    check_file(file)
    head = head_of(file)
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body.startswith(b"%PDF-"):
        return PdfDetailImporter()
    if head.startswith(b"PK"):
        return ExcelListImporter()
    if head.startswith(_OLD_OFFICE):
        raise UnknownFormat(
            "is an old Excel file (.xls) or one with a password: save it as .xlsx without one"
        )
    if body[:1] == b"<":
        raise UnknownFormat(
            "is a web page, not data: the portal sent a page (an error, a login); fetch it again"
        )
    if body[:1] in {b"{", b"["}:
        return _json_importer(head)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnknownFormat("is UTF-16 text; save it as UTF-8")
    if labels().head.code.encode() in head[_TEXT] and labels().head.decision.encode() in head:
        return PageTextImporter()
    raise UnknownFormat(f"is in no format that can be imported ({_FORMATS}): check what was saved here")


def _json_importer(head: bytes) -> Importer:
    keys = set(_KEY.findall(head))
    if keys & _LGSP_KEYS or {b"result", b"error_code"} <= keys:
        return LgspImporter()
    if keys & _API_KEYS:
        return ApiDetailImporter()
    if keys & _PAGE_KEYS:
        return PageTextImporter()
    if keys >= _LIST_KEYS:
        raise UnknownFormat(
            "is a page of the portal's list, without details: fetch these with `troly kb sync`"
        )
    if {b"code", b"data"} <= keys or {b"code", b"message"} <= keys:
        return ApiDetailImporter()  # an envelope without a record: it says so
    if b"\x00" in head:
        raise UnknownFormat("holds NUL bytes: it is damaged, or no text file; fetch it again")
    raise UnknownFormat(f"is JSON, but holds no procedure that can be imported ({_FORMATS}): leave it out")


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files of `paths` in their order, folders sorted, without hidden ones and the sync's index.

    A path that does not exist is yielded too, so that it is refused by name. Links to folders inside a folder
    are not followed.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
            if not hidden and not found.is_dir() and not _OF_THE_SYNC.search(found.name):
                yield found


def count_files(paths: Iterable[Path]) -> int:
    """Return how many files `read_paths` will look at, for a progress bar."""
    return sum(1 for _ in files_in(paths))


def read_paths(
    paths: Iterable[Path], today: date, on_file: Callable[[Path], None] | None = None
) -> Iterator[Imported | Refused]:
    """Yield every procedure of the files and folders `paths`, and each refusal; never raises for a bad file.

    `on_file` is called after each file that was looked at.
    """
    for file in files_in(paths):
        yield from read_file(file, today)
        if on_file is not None:
            on_file(file)


def read_file(file: Path, today: date) -> Iterator[Imported | Refused]:
    """Yield every procedure of `file`, or why it is refused. Never raises for a bad file."""
    try:
        yield from importer_for(file).read(file, today)
    except BadFile as error:
        yield Refused(str(file), str(error))
    except Exception as error:  # a defect of ours must not stop the other files
        reason = f"could not be read ({type(error).__name__}: {error}): keep the file and report it"
        yield Refused(str(file), reason)
