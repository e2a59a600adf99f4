"""What every importer gives: the raw record of one procedure, its official wording, or a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from procedures_kb.model import Code, Record, Text

if TYPE_CHECKING:
    from procedures_kb.build.reading import ListRow, RawProcedure


class Format(StrEnum):
    """The portal's formats (reference/portal.md)."""

    API_DETAIL = "api_detail"
    LGSP = "lgsp"
    EXCEL_LIST = "excel_list"
    PDF_DETAIL = "pdf_detail"
    PAGE_TEXT = "page_text"


class QuotedPaper(Record):
    """A row of the dossier's table in the portal's own words."""

    case: Text | None = None
    name: Text
    originals: int | None = None
    copies: int | None = None
    form: Text | None = None


class Wording(Record):
    """The portal's own sentences about one procedure: for the operator's database, never for git."""

    code: Code
    format: Format
    taken: date  # the portal's own date of the text where it states one, else the day of the import
    steps: Text | None = None
    conditions: Text | None = None
    methods: tuple[Text, ...] = ()
    papers: tuple[QuotedPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """One procedure as one file tells it: a whole one has `detail` and `wording`, a list's row only `row`.

    `updated` is the portal's own date of the record, where the format carries one. `province` is the name of
    the one province whose version it is, where the format says so.
    """

    file: str
    format: Format
    detail: RawProcedure | None = None
    row: ListRow | None = None
    wording: Wording | None = None
    updated: date | None = None
    province: str | None = None

    @property
    def code(self) -> str:
        """The code of the procedure."""
        if self.detail is not None:
            return self.detail.code
        if self.row is not None:
            return self.row.code
        raise ValueError(f"{self.file}: an import without detail and row")


@dataclass(frozen=True, slots=True)
class Refused:
    """What is not taken: `file` (with the place inside), the code where it could be read, and the reason."""

    file: str
    reason: str
    code: str | None = None


class Importer(Protocol):
    """One format. `read` never raises for bad content: it yields a Refused that says what is wrong."""

    format: Format

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield every procedure of `file`; `today` dates what the format leaves undated."""
