"""Reads the sources of the catalogue: the merged detail file, the transcribed extras, a province's list."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from procedures_kb.model import INTERNAL_PREFIXES

MERGED = ("merged_procedures.jsonl.gz", "merged_procedures.jsonl")
EXTRA = "details_extra.jsonl"
PROVINCE_LIST = "province_list.tsv"

RowT = TypeVar("RowT", bound="Raw")


class SourceMissing(FileNotFoundError):
    """A file of the source folder is not there; the message names it."""


class BadSource(ValueError):
    """A line of a source cannot be read; the message names file, line and reason."""


class Raw(BaseModel):
    """Base of the source rows: frozen; unknown keys are passed over, null lists are empty."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _listed(value: object) -> object:
    return [] if value is None else value


class RawMethod(Raw):
    """A way of submission with its time and fee, as the portal prints them."""

    channel: str
    time_value: float | None = None
    time_unit: str | None = None
    fee_text: str | None = None
    description: str | None = None


class RawDocument(Raw):
    """A row of the dossier's table."""

    name: str
    group: str | None = None
    form_file: str | None = None
    originals: int | None = None
    copies: int | None = None
    brief: bool = False  # a transcribed title, short already
    besides: str = ""  # the other papers of a transcribed row ("; giấy chứng tử")

    @field_validator("name", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return value or ""


class RawNamed(Raw):
    """A legal text or a result: name and code."""

    name: str | None = None
    code: str | None = None


class RawOrigin(Raw):
    """Where a crawler kept the page."""

    path: str = ""


class RawProcedure(Raw):
    """A record of the merged detail file."""

    code: str
    name: str
    ministry: str | None = None
    decision_no: str | None = None
    levels: list[str] = Field(default_factory=list)
    field: str
    audience: list[str] = Field(default_factory=list)
    authority: str | None = None
    executing_agency: str | None = None
    receiving_address: str | None = None
    steps: str | None = None
    methods: list[RawMethod] = Field(default_factory=list)
    documents: list[RawDocument] = Field(default_factory=list)
    conditions: str | None = None
    results: list[RawNamed] = Field(default_factory=list)
    legal: list[RawNamed] = Field(default_factory=list)
    uuid: str | None = None
    quality: str = ""
    sources: list[RawOrigin] = Field(default_factory=list)
    fee_conflict: bool = False
    local_specific: bool = False
    retrieved: date | None = None  # the day of the text, where an importer read it

    _none_to_list = field_validator(
        "levels", "audience", "methods", "documents", "results", "legal", "sources", mode="before"
    )(_listed)


class ExtraFee(Raw):
    """A fee of the transcribed facts."""

    amount: float | None = None
    note: str | None = None


class ExtraMethod(Raw):
    """A way of submission of the transcribed facts."""

    channel: str
    time_value: float | None = None
    time_unit: str | None = None
    time_note: str | None = None
    fees: list[ExtraFee] = Field(default_factory=list)

    _none_to_list = field_validator("fees", mode="before")(_listed)


class ExtraDocument(Raw):
    """A paper of the transcribed facts."""

    case: str | None = None
    name: str
    form: str | None = None
    originals: int | None = None
    copies: int | None = None


class ExtraProcedure(Raw):
    """A record of the transcribed facts."""

    code: str
    name: str
    decision_no: str | None = None
    levels: list[str] = Field(default_factory=list)
    audience: list[str] = Field(default_factory=list)
    agency: str | None = None
    methods: list[ExtraMethod] = Field(default_factory=list)
    documents: list[ExtraDocument] = Field(default_factory=list)
    conditions: str | None = None
    results: list[str] = Field(default_factory=list)
    legal: list[str] = Field(default_factory=list)
    updated: str | None = None
    uuid: str | None = None

    _none_to_list = field_validator(
        "levels", "audience", "methods", "documents", "results", "legal", mode="before"
    )(_listed)


class ListRow(Raw):
    """A row of the province's list. `level` holds X for the commune and T for the province."""

    code: str
    level: str
    field: str
    ministry: str
    name: str
    id: str


class Sources(Raw):
    """All that the build reads, by code; internal procedures are left out and counted."""

    merged: dict[str, RawProcedure]
    extra: dict[str, ExtraProcedure]
    listed: dict[str, ListRow]
    internal: int


def read_sources(folder: Path) -> Sources:
    """Read the sources of `folder`.

    Raises SourceMissing or BadSource.
    """
    merged = [_validated(RawProcedure, row, at) for at, row in _json_lines(_existing(folder, *MERGED))]
    extra = [_validated(ExtraProcedure, row, at) for at, row in _json_lines(_existing(folder, EXTRA))]
    listed = [_validated(ListRow, row, at) for at, row in _tsv(_existing(folder, PROVINCE_LIST))]
    codes = {row.code for rows in (merged, extra, listed) for row in rows}
    return Sources(
        merged={row.code: row for row in merged if not _internal(row.code)},
        extra={row.code: row for row in extra if not _internal(row.code)},
        listed={row.code: row for row in listed if not _internal(row.code)},
        internal=sum(_internal(code) for code in codes),
    )


def _internal(code: str) -> bool:
    return code.startswith(INTERNAL_PREFIXES)


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise SourceMissing(f"{folder} holds no {' or '.join(names)}: give the folder of the source with --from")


def _json_lines(path: Path) -> Iterator[tuple[str, object]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield f"{path.name}:{number}", json.loads(line)
            except json.JSONDecodeError as error:
                raise BadSource(f"{path.name}:{number}: {error.msg}") from error


def _tsv(path: Path) -> Iterator[tuple[str, object]]:
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(reader, start=2):
            yield f"{path.name}:{number}", row


def _validated(kind: type[RowT], row: object, at: str) -> RowT:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSource(f"{at}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
