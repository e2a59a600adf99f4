"""The portal's detail API: one record bare or in its envelope, an array of them, or JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from procedures_kb.build.reading import RawDocument, RawMethod, RawNamed, RawProcedure
from procedures_kb.importers.common import (
    INTERNAL,
    block,
    code_of,
    day_of_ms,
    fee_text,
    one_line,
    quantity,
    record,
    refused,
    shape_reason,
)
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.guards import BadFile
from procedures_kb.importers.json_records import Found, records_in
from procedures_kb.importers.labels import labels

_CHANNELS = {"ONLINE": "truc_tuyen", "DIRECT": "truc_tiep", "POSTAL": "buu_chinh"}
_LOCAL = "LOCAL_REGULATION"


def _empty_list(value: object) -> object:
    return [] if value is None else value


class Shape(BaseModel):
    """Base of the API's shapes: camelCase, unknown keys passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, allow_inf_nan=False)


class Named(Shape):
    """Anything with a name and a code."""

    name: str | None = None
    code: str | None = None


class Attachment(Shape):
    """A form to fill in."""

    file_name: str | None = None


class Component(Shape):
    """A row of the dossier."""

    name: str | None = None
    original_qty: int | None = None
    copy_qty: int | None = None
    attachments: Annotated[list[Attachment], BeforeValidator(_empty_list)] = Field(default_factory=list)


class Case(Shape):
    """The dossier of one case."""

    name: str | None = None
    profile_components: Annotated[list[Component], BeforeValidator(_empty_list)] = Field(default_factory=list)


class ApiFee(Shape):
    """A fee: zero is printed as free by the portal, whatever the description says."""

    value: float | None = Field(default=None, ge=0)
    currency_name: str | None = None
    description: str | None = None


class Method(Shape):
    """A way of submission."""

    submission_method: str
    processing_time: float | None = Field(default=None, ge=0)
    processing_time_unit: str | None = None
    description: str | None = None
    fees: Annotated[list[ApiFee], BeforeValidator(_empty_list)] = Field(default_factory=list)


class ApiStep(Shape):
    """A step or a case of steps."""

    name: str | None = None
    description: str | None = None


NamedList = Annotated[list[Named], BeforeValidator(_empty_list)]


class ApiDetail(Shape):
    """The record of `get-formality-by-citizen`."""

    id: str | None = None
    code: str | None = None
    code_notation: str | None = None
    name: str | None = None
    decision_no: str | None = None
    type: str | None = None
    is_internal: bool | None = None
    is_ward: bool | None = None
    is_province: bool | None = None
    is_ministry: bool | None = None
    is_other_agency: bool | None = None
    execution_steps: Annotated[list[ApiStep], BeforeValidator(_empty_list)] = Field(default_factory=list)
    execution_methods: Annotated[list[Method], BeforeValidator(_empty_list)] = Field(default_factory=list)
    execution_cases: Annotated[list[Case], BeforeValidator(_empty_list)] = Field(default_factory=list)
    requirements_and_conditions: str | None = None
    legal_basises_details: NamedList = Field(default_factory=list)
    results_details: NamedList = Field(default_factory=list)
    categories_details: NamedList = Field(default_factory=list)
    departments_executing: NamedList = Field(default_factory=list)
    unit_groups_executing: NamedList = Field(default_factory=list)
    departments_authority: NamedList = Field(default_factory=list)
    subject_types_details: NamedList = Field(default_factory=list)
    department_promulgate_name: str | None = None
    executing_agencies: str | None = None
    dossier_receiving_addresses: str | None = None
    updated_at: float | None = None


class ApiDetailImporter:
    """Reads the answers of the portal's detail API."""

    format = Format.API_DETAIL

    def read(self, file: Path, today: date) -> Iterator[Imported | Refused]:
        """Yield every procedure of `file`, dated by its own updatedAt, else by `today`."""
        try:
            found = records_in(file)
        except BadFile as error:
            yield refused(file, error)
            return
        if not found:
            yield Refused(str(file), "holds no record")
        for item in found:
            for record_found in _unwrapped(item):
                yield _read(file, record_found, today, alone=len(found) == 1)


def _unwrapped(item: Found) -> tuple[Found, ...]:
    """Take the record out of the envelope `{code: "OK", data: {…}}`; anything but OK is a problem."""
    value = item.value
    if item.problem or not isinstance(value, dict) or "data" not in value or "executionMethods" in value:
        return (item,)
    if value.get("code") != "OK" or value.get("data") is None:
        told = one_line(str(value.get("message") or value.get("code") or ""))[:120]
        return (
            Found(item.at, problem=f"the portal answered without a record ({told or 'no reason given'})"),
        )
    data = value["data"]
    if isinstance(data, list):
        return tuple(Found(f"{item.at}#{number}", one) for number, one in enumerate(data, start=1))
    return (Found(item.at, data),)


def _read(file: Path, found: Found, today: date, *, alone: bool) -> Imported | Refused:
    if found.problem:
        return Refused(found.at, found.problem)
    try:
        shape = ApiDetail.model_validate(found.value)
    except ValidationError as error:
        return Refused(found.at, shape_reason(error), _code_in(found.value))
    code = code_of(shape.code)
    if code and (shape.is_internal or (shape.type or "").endswith("_INTERNAL")):
        return Refused(found.at, INTERNAL, code)
    updated = day_of_ms(shape.updated_at, today)
    return record(
        file,
        found.at,
        Format.API_DETAIL,
        raw_of(shape),
        taken=updated or today,
        updated=updated,
        province=_province(shape),
        in_name=alone,
    )


def _code_in(value: object) -> str | None:
    code = value.get("code") if isinstance(value, dict) else None
    return code_of(code) if isinstance(code, str) else None


def raw_of(shape: ApiDetail) -> RawProcedure:
    """Return the fields of `shape` as the build reads them."""
    return RawProcedure(
        code=one_line(shape.code) or one_line(shape.code_notation),
        name=one_line(shape.name),
        ministry=one_line(shape.department_promulgate_name) or None,
        decision_no=one_line(shape.decision_no) or None,
        levels=_levels(shape),
        field=", ".join(_names(shape.categories_details)[:1]),
        audience=_names(shape.subject_types_details),
        authority=", ".join(_names(shape.departments_authority)) or None,
        executing_agency=_agency(shape),
        receiving_address=one_line(shape.dossier_receiving_addresses) or None,
        steps=block("\n".join(f"{s.name or ''}\n{s.description or ''}" for s in shape.execution_steps)),
        methods=[row for method in shape.execution_methods for row in _methods(method)],
        documents=[_paper(case, row) for case in shape.execution_cases for row in case.profile_components],
        conditions=block(shape.requirements_and_conditions),
        results=_unique(shape.results_details),
        legal=_unique(shape.legal_basises_details),
        uuid=one_line(shape.id) or None,
        quality="portal_api",
        local_specific=shape.type == _LOCAL,
    )


def _levels(shape: ApiDetail) -> list[str]:
    names = labels().levels
    told = {
        names.ministry: shape.is_ministry,
        names.province: shape.is_province,
        names.ward: shape.is_ward,
        names.other: shape.is_other_agency,
    }
    return [name for name, holds in told.items() if holds]


def _names(rows: list[Named]) -> list[str]:
    return list(dict.fromkeys(name for row in rows if (name := one_line(row.name))))


def _agency(shape: ApiDetail) -> str | None:
    listed = _names([*shape.departments_executing, *shape.unit_groups_executing])
    return one_line(shape.executing_agencies) or ", ".join(listed) or None


def _methods(method: Method) -> list[RawMethod]:
    """One row a fee, as the page shows them; a method without fees is one row."""
    fees = method.fees or [ApiFee()]
    row = RawMethod(
        channel=_CHANNELS.get(method.submission_method, method.submission_method.lower()),
        time_value=method.processing_time,
        time_unit=labels().units.get(method.processing_time_unit or ""),
        description=block(method.description),
    )
    return [
        row.model_copy(update={"fee_text": fee_text(fee.value, fee.description, fee.currency_name)})
        for fee in fees
    ]


def _paper(case: Case, row: Component) -> RawDocument:
    forms = [one_line(attachment.file_name) for attachment in row.attachments]
    return RawDocument(
        name=one_line(row.name),
        group=one_line(case.name) or None,
        form_file="\n".join(form for form in forms if form) or None,
        originals=quantity(row.original_qty),
        copies=quantity(row.copy_qty),
    )


def _unique(rows: list[Named]) -> list[RawNamed]:
    told = dict.fromkeys((one_line(row.name) or None, one_line(row.code) or None) for row in rows)
    return [RawNamed(name=name, code=code) for name, code in told]


def _province(shape: ApiDetail) -> str | None:
    """A locality's own regulation names the locality that issued it."""
    if shape.type != _LOCAL:
        return None
    match = labels().province_of.search(one_line(shape.department_promulgate_name))
    return match["name"].strip() if match else None
