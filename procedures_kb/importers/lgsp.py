"""The integration service (LGSP): a province's versions, `{result: […], error_code: "0"}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from procedures_kb.build.reading import RawDocument, RawMethod, RawNamed, RawProcedure
from procedures_kb.importers.common import (
    block,
    fee_text,
    one_line,
    quantity,
    record,
    refused,
    shape_reason,
    split_levels,
)
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.guards import BadFile
from procedures_kb.importers.json_records import Found, records_in
from procedures_kb.importers.labels import province_of_code

_CODE = re.compile(r"^([1-9]\.\d{6})(?:(?:\.\d{2,3}){3}\.([A-Z]\d{2}))?$")
_CHANNELS = {"1": "truc_tiep", "2": "truc_tuyen", "3": "buu_chinh"}
_AMOUNT = re.compile(r"^\d{1,3}(?:[.,]\d{3})+$|^\d+$")


def _text(value: object) -> object:
    """The service writes numbers now as text, now as numbers."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _empty_list(value: object) -> object:
    return [] if value is None or value == "" else value


Told = Annotated[str | None, BeforeValidator(_text)]


class Shape(BaseModel):
    """Base of the service's shapes: names in capitals, unknown keys passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=str.upper, allow_inf_nan=False)


class Fee(Shape):
    """SOTIEN "50.000", DONVI "Đồng", MOTA the note."""

    sotien: Told = None
    donvi: Told = None
    mota: Told = None


class Time(Shape):
    """THOIGIANGIAIQUYET "15", DONVITINH "Giờ", with the fees that go with it."""

    thoigiangiaiquyet: Told = None
    donvitinh: Told = None
    mota: Told = None
    philephi: Annotated[list[Fee], BeforeValidator(_empty_list)] = Field(default_factory=list)


class Way(Shape):
    """KENH: 1 at the counter, 2 online, 3 by post."""

    kenh: Annotated[str, BeforeValidator(_text)]
    thoigian: Annotated[list[Time], BeforeValidator(_empty_list)] = Field(default_factory=list)


class Paper(Shape):
    """A row of the dossier."""

    tengiayto: Told = None
    sobanchinh: Told = None
    sobansao: Told = None
    tenmaudon: Told = None


class PaperCase(Shape):
    """The dossier of one case."""

    truonghop: Told = None
    giayto: Annotated[list[Paper], BeforeValidator(_empty_list)] = Field(default_factory=list)


class StepText(Shape):
    """One step."""

    tentrinhtu: Told = None


class StepCase(Shape):
    """The steps of one case."""

    truonghop: Told = None
    trinhtu: Annotated[list[StepText], BeforeValidator(_empty_list)] = Field(default_factory=list)


class Unit(Shape):
    """An executing agency."""

    tendonvi: Told = None


class LevelRow(Shape):
    """A level."""

    tencap: Told = None


class FieldRow(Shape):
    """A field."""

    tenlinhvuc: Told = None


class ResultRow(Shape):
    """A result."""

    tenketqua: Told = None
    maketqua: Told = None


class LegalRow(Shape):
    """A legal text."""

    sovanban: Told = None
    tenvanban: Told = None


class LgspDetail(Shape):
    """One procedure of the service."""

    matthc: Told = None
    tentthc: Told = None
    capthuchien: Annotated[list[LevelRow], BeforeValidator(_empty_list)] = Field(default_factory=list)
    linhvucthuchien: Annotated[list[FieldRow], BeforeValidator(_empty_list)] = Field(default_factory=list)
    coquanthuchien: Annotated[list[Unit], BeforeValidator(_empty_list)] = Field(default_factory=list)
    coquancothamquyen: Annotated[list[Unit], BeforeValidator(_empty_list)] = Field(default_factory=list)
    trinhtuthuchien: Annotated[list[StepCase], BeforeValidator(_empty_list)] = Field(default_factory=list)
    cachthucthuchien: Annotated[list[Way], BeforeValidator(_empty_list)] = Field(default_factory=list)
    thanhphanhoso: Annotated[list[PaperCase], BeforeValidator(_empty_list)] = Field(default_factory=list)
    ketquathuchien: Annotated[list[ResultRow], BeforeValidator(_empty_list)] = Field(default_factory=list)
    cancuphaply: Annotated[list[LegalRow], BeforeValidator(_empty_list)] = Field(default_factory=list)
    yeucau: Told = None
    diachitiepnhan: Told = None


class LgspImporter:
    """Reads the answers of the integration service."""

    format = Format.LGSP

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield every procedure of `file`; the format carries no date of its own, so `today` dates them."""
        try:
            found = [one for item in records_in(file) for one in _results(item)]
        except BadFile as error:
            yield refused(file, error)
            return
        if not found:
            yield Refused(str(file), "the integration service answered without a procedure")
        for item in found:
            yield _read(file, item, today, alone=len(found) == 1)


def _results(item: Found) -> tuple[Found, ...]:
    value = item.value
    if item.problem or not isinstance(value, dict) or "result" not in value:
        return (item,)
    error, rows = value.get("error_code"), value["result"]
    if str(error) not in {"None", "0"}:
        told = f"the integration service answered with the error {one_line(str(error))[:40]}"
        return (Found(item.at, problem=told),)
    if not isinstance(rows, list):
        return (Found(item.at, problem="not as the format has it: result: should be a list"),)
    if len(rows) == 1:
        return (Found(item.at, rows[0]),)
    return tuple(Found(f"{item.at}#{number}", row) for number, row in enumerate(rows, start=1))


def _read(file: Path, found: Found, today: date, *, alone: bool) -> Imported | Refused:
    if found.problem:
        return Refused(found.at, found.problem)
    try:
        shape = LgspDetail.model_validate(found.value)
    except ValidationError as error:
        return Refused(found.at, shape_reason(error))
    match = _CODE.match(one_line(shape.matthc))
    suffix = match[2] if match else None
    province = province_of_code(suffix) if suffix and suffix.startswith("H") else None
    raw = raw_of(shape, match[1] if match else one_line(shape.matthc), local=province is not None)
    return record(file, found.at, Format.LGSP, raw, taken=today, province=province, in_name=alone)


def raw_of(shape: LgspDetail, code: str, *, local: bool) -> RawProcedure:
    """Return the fields of `shape` as the build reads them; `local` marks one province's version."""
    units = [one_line(unit.tendonvi) for unit in shape.coquanthuchien]
    return RawProcedure(
        code=code,
        name=one_line(shape.tentthc),
        levels=split_levels(", ".join(row.tencap or "" for row in shape.capthuchien)),
        field=next((one_line(row.tenlinhvuc) for row in shape.linhvucthuchien), ""),
        authority=", ".join(one_line(unit.tendonvi) for unit in shape.coquancothamquyen) or None,
        executing_agency="; ".join(unit for unit in units if unit) or None,
        receiving_address=one_line(shape.diachitiepnhan) or None,
        steps=block("\n".join(_steps(shape))),
        methods=[row for way in shape.cachthucthuchien for row in _methods(way)],
        documents=[_paper(case, row) for case in shape.thanhphanhoso for row in case.giayto],
        conditions=block(shape.yeucau),
        results=[
            RawNamed(name=one_line(row.tenketqua) or None, code=one_line(row.maketqua) or None)
            for row in shape.ketquathuchien
        ],
        legal=[
            RawNamed(name=one_line(row.tenvanban) or None, code=one_line(row.sovanban) or None)
            for row in shape.cancuphaply
        ],
        quality="integration",
        local_specific=local,
    )


def _steps(shape: LgspDetail) -> Iterator[str]:
    for case in shape.trinhtuthuchien:
        yield case.truonghop or ""
        yield from (step.tentrinhtu or "" for step in case.trinhtu)


def _methods(way: Way) -> list[RawMethod]:
    rows: list[RawMethod] = []
    for time in way.thoigian or [Time()]:
        told = one_line(time.thoigiangiaiquyet)
        value = _number(told)
        said = [time.mota or "", "" if value is not None or not told else f"{told} {time.donvitinh or ''}"]
        row = RawMethod(
            channel=_CHANNELS.get(way.kenh, f"kenh {way.kenh}"),
            time_value=value,
            time_unit=one_line(time.donvitinh) or None,
            description=block("\n".join(said)),
        )
        rows += [row.model_copy(update={"fee_text": _fee(fee)}) for fee in time.philephi or [Fee()]]
    return rows


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value < 1e6 else None


def _fee(fee: Fee) -> str | None:
    told = one_line(fee.sotien)
    if _AMOUNT.match(told):
        return fee_text(float(re.sub(r"[.,]", "", told)), fee.mota, fee.donvi)
    return fee_text(None, "\n".join(part for part in (told, fee.mota or "") if part))


def _paper(case: PaperCase, row: Paper) -> RawDocument:
    return RawDocument(
        name=one_line(row.tengiayto),
        group=one_line(case.truonghop) or None,
        form_file=one_line(row.tenmaudon) or None,
        originals=_count(row.sobanchinh),
        copies=_count(row.sobansao),
    )


def _count(text: str | None) -> int | None:
    told = one_line(text)
    return quantity(int(told)) if told.isdecimal() and len(told) < 6 else None
