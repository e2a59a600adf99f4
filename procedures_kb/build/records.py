"""One record from its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from procedures_kb.build import agency as agencies
from procedures_kb.build.channels import (
    ReadChannels,
    entries,
    online_level,
    read_channels,
    read_extra_channels,
)
from procedures_kb.build.conditions import read_conditions
from procedures_kb.build.legal import legal_texts
from procedures_kb.build.names import family_of, name_of
from procedures_kb.build.papers import ReadDocuments, read_documents, title_of
from procedures_kb.build.reading import ExtraProcedure, ListRow, RawDocument, RawNamed, RawProcedure
from procedures_kb.build.rules import agency_rules, step_rules
from procedures_kb.build.steps import deciding_agency, read_steps
from procedures_kb.build.text import clean
from procedures_kb.model import (
    MAX_SHORT_NAME,
    PORTAL_PAGE,
    Applies,
    Detail,
    Flag,
    Procedure,
    Result,
    Source,
)

PORTAL_HOME = "https://dichvucong.gov.vn"
MERGED_DAY = date(2026, 7, 1)
LIST_DAY = date(2026, 10, 1)
_UNKNOWN_DAY = date(2026, 6, 1)
_WRONG_PAGE = re.compile(r"page JSON holds code (\d\.\d{6})")
_KINDS = {
    "portal_pdf": "portal_pdf",
    "csdl_doc_extract": "portal_pdf",
    "list_only": "list",
    "api_detail": "portal_api",
    "lgsp": "integration",
    "integration": "integration",
    "pdf_detail": "portal_pdf",
    "page_text": "portal_page",
}
_PLACEHOLDER = "..."  # replaced once all names are known


def record_of(
    code: str,
    merged: RawProcedure | None,
    extra: ExtraProcedure | None,
    row: ListRow | None,
    day: date | None = None,
) -> Procedure:
    """Return the record of `code` from the sources that have it; the fuller one wins, the list names it.

    `day` is when they were taken, where that is not the day of the shipped sources.
    """
    if merged is not None and merged.quality != "list_only":
        return _from_merged(merged, row, day or MERGED_DAY)
    if extra is not None:
        return _from_extra(extra, row)
    if merged is not None:
        return _name_only_merged(merged, row)
    if row is None:
        raise ValueError(f"{code} stands in no source")
    return _from_list(row, day or LIST_DAY)


def _from_merged(raw: RawProcedure, row: ListRow | None, day: date) -> Procedure:
    channels = read_channels(raw.methods, raw.steps, raw.fee_conflict)
    documents = read_documents(raw.documents)
    results = results_of([r.name for r in raw.results])
    agency = agencies.agency_of(raw.executing_agency, raw.authority) or deciding_agency(raw.steps)
    told = "\n".join([raw.steps or "", *(m.description or "" for m in raw.methods)])
    name = name_of(row.name if row else None, raw.name)
    flags = _flags(raw, name, agency, channels, documents)
    notes = [d.name for d in raw.documents if not d.originals and not d.copies]
    return Procedure(
        **_head(raw.code, name, row, raw.field, raw.ministry),
        decision=clean(raw.decision_no or "") or None,
        levels=agencies.levels_of(raw.levels) or (agencies.list_levels(row.level) if row else ()),
        audience=agencies.audience_of(raw.audience),
        online_level=online_level(channels.hows, name),
        entries=entries(channels.hows, told),
        channels=channels.channels,
        documents=documents.cases,
        conditions=read_conditions(raw.conditions, [raw.steps or "", *notes]),
        steps=read_steps(
            raw.steps, results, tuple(how.value for how in channels.hows), free=channels.all_free
        ),
        results=results,
        legal_basis=legal_texts(raw.legal),
        agency=agency,
        source=_source(_KINDS.get(raw.quality, "portal_page"), raw.uuid or (row.id if row else None), day),
        flags=flags,
        detail=Detail.FULL,
    )


def _head(
    code: str, name: str, row: ListRow | None, field: str | None, ministry: str | None
) -> dict[str, object]:
    return {
        "code": code,
        "name": name,
        "short_name": _PLACEHOLDER,
        "family": family_of(name),
        "field": clean(field or (row.field if row else "")) or "Khác",
        "ministry": agencies.ministry_of(ministry, row.ministry if row else None),
        "applies": Applies.YES if row else Applies.UNKNOWN,
    }


def _flags(
    raw: RawProcedure, name: str, agency: str | None, channels: ReadChannels, documents: ReadDocuments
) -> tuple[Flag, ...]:
    elsewhere = agencies.is_elsewhere(agency) or agencies.says_none(raw.executing_agency)
    found = {
        Flag.FEE_CONFLICT: channels.fee_conflict,
        Flag.WRONG_PAGE: wrong_page(raw),
        Flag.TIME_UNCLEAR: channels.time_unclear,
        Flag.LOCAL_VERSION: is_local(raw),
        Flag.DISTRICT_LEVEL: agencies.names_district(
            raw.steps,
            agency,
            name,
            raw.receiving_address,
            raw.conditions,
            *(m.description for m in raw.methods),
            *_paper_texts(documents),
        ),
        Flag.LONG_NAME: len(name) > MAX_SHORT_NAME,
        Flag.AGENCY_ELSEWHERE: elsewhere,
        Flag.SOURCE_REPAIRED: documents.repaired or clean(raw.name) != raw.name.strip(),
    }
    return tuple(flag for flag, holds in found.items() if holds)


def _paper_texts(documents: ReadDocuments) -> Iterator[str]:
    """Yield what an answer says of the papers: their titles, forms and cases."""
    for case in documents.cases:
        yield case.case or ""
        for paper in case.items:
            yield from (paper.name, *paper.alternatives, paper.when or "", paper.form or "")


def wrong_page(raw: RawProcedure) -> bool:
    """Return whether the crawler kept another procedure's page under this code (trap 2)."""
    return any((m := _WRONG_PAGE.search(origin.path)) and m[1] != raw.code for origin in raw.sources)


def is_local(raw: RawProcedure) -> bool:
    """Return whether the record is one province's own version (trap 5): marked so, or issued there."""
    issued_there = raw.ministry is None and agency_rules().local_decision.search(raw.decision_no or "")
    return raw.local_specific or bool(issued_there)


def results_of(names: list[str | None]) -> tuple[Result, ...]:
    """Return what the citizen gets, each once, by its title."""
    titles = [title for name in names if (title := title_of(name or "", wrapped=False))]
    titles.sort(key=lambda title: bool(step_rules().refusal.search(title)))
    return tuple(Result(name=title) for title in dict.fromkeys(titles))


def _source(kind: str, uuid: str | None, day: date) -> Source:
    return Source(kind=kind, url=PORTAL_PAGE + uuid if uuid else PORTAL_HOME, retrieved=day)


def _from_extra(raw: ExtraProcedure, row: ListRow | None) -> Procedure:
    channels = read_extra_channels(raw.methods)
    rows = [
        RawDocument(name=d.name, group=d.case, originals=d.originals, copies=d.copies, brief=True)
        for d in raw.documents
    ]
    documents = read_documents(rows, {d.name: d.form for d in raw.documents if d.form})
    name = name_of(row.name if row else None, raw.name)
    results = results_of(list(raw.results))
    agency = agencies.agency_of(raw.agency)
    flags = {
        Flag.FEE_CONFLICT: channels.fee_conflict,
        Flag.TIME_UNCLEAR: channels.time_unclear,
        Flag.DISTRICT_LEVEL: agencies.names_district(agency, name, *_paper_texts(documents)),
        Flag.LONG_NAME: len(name) > MAX_SHORT_NAME,
        Flag.AGENCY_ELSEWHERE: agencies.is_elsewhere(agency),
        Flag.SOURCE_REPAIRED: documents.repaired,
    }
    return Procedure(
        **_head(raw.code, name, row, None, None),
        decision=clean(raw.decision_no or "") or None,
        levels=agencies.levels_of(raw.levels) or (agencies.list_levels(row.level) if row else ()),
        audience=agencies.audience_of(raw.audience),
        online_level=online_level(channels.hows, name),
        entries=entries(channels.hows, ""),
        channels=channels.channels,
        documents=documents.cases,
        conditions=read_conditions(raw.conditions, [m.time_note or "" for m in raw.methods]),
        results=results,
        legal_basis=legal_texts([RawNamed(code=number) for number in raw.legal]),
        agency=agency,
        source=_source("transcribed", raw.uuid or (row.id if row else None), _day(raw.updated)),
        flags=tuple(flag for flag, holds in flags.items() if holds),
        detail=Detail.FULL,
    )


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return _UNKNOWN_DAY


def _name_only_merged(raw: RawProcedure, row: ListRow | None) -> Procedure:
    name = name_of(row.name if row else None, raw.name)
    flags = {
        Flag.WRONG_PAGE: wrong_page(raw),
        Flag.LOCAL_VERSION: raw.local_specific,
        Flag.DISTRICT_LEVEL: agencies.names_district(name),
        Flag.LONG_NAME: len(name) > MAX_SHORT_NAME,
    }
    return Procedure(
        **_head(raw.code, name, row, raw.field, raw.ministry),
        levels=agencies.levels_of(raw.levels),
        source=_source("list", raw.uuid or (row.id if row else None), LIST_DAY if row else MERGED_DAY),
        flags=tuple(flag for flag, holds in flags.items() if holds),
        detail=Detail.NAME_ONLY,
    )


def _from_list(row: ListRow, day: date) -> Procedure:
    name = name_of(row.name)
    flags = {
        Flag.DISTRICT_LEVEL: agencies.names_district(name),
        Flag.LONG_NAME: len(name) > MAX_SHORT_NAME,
        Flag.SOURCE_REPAIRED: clean(row.name) != row.name.strip(),
    }
    return Procedure(
        **_head(row.code, name, row, None, None),
        levels=agencies.list_levels(row.level),
        source=_source("list", row.id or None, day),
        flags=tuple(flag for flag, holds in flags.items() if holds),
        detail=Detail.NAME_ONLY,
    )
