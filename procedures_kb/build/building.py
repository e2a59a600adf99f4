"""The whole build: sources in, catalogue out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from procedures_kb.build.agency import ministry_of
from procedures_kb.build.names import family_of, settled_families, short_names, twins
from procedures_kb.build.reading import Sources, read_sources
from procedures_kb.build.records import record_of
from procedures_kb.build.rules import agency_rules
from procedures_kb.build.writing import write
from procedures_kb.model import Detail, Flag, Procedure

_FLAG_ORDER = tuple(Flag)


class NothingBuilt(ValueError):
    """The sources hold no procedure for citizens; the catalogue is left as it was."""


@dataclass(frozen=True)
class BuildReport:
    """What a build wrote: counts, and the size of each file in bytes."""

    procedures: int
    detailed: int
    internal_dropped: int
    flags: dict[str, int]
    files: dict[str, int]


def build(source: Path, out: Path) -> BuildReport:
    """Derive the catalogue from the folder `source` and put it into the folder `out`, atomically.

    The same sources give the same bytes. Raises SourceMissing, BadSource, NothingBuilt or pydantic's
    ValidationError; the old files stay in every such case.
    """
    sources = read_sources(source)
    procedures = derive(sources)
    if not procedures:
        raise NothingBuilt(f"{source} holds no procedure for citizens: the old catalogue is kept")
    files = write(procedures, out)
    return BuildReport(
        procedures=len(procedures),
        detailed=sum(p.detail is Detail.FULL for p in procedures),
        internal_dropped=sources.internal,
        flags=dict(Counter(flag.value for p in procedures for flag in p.flags).most_common()),
        files=files,
    )


def derive(sources: Sources) -> tuple[Procedure, ...]:
    """Return the records of all codes, sorted by code, with short names and level twins settled."""
    codes = sorted({*sources.merged, *sources.extra, *sources.listed})
    ministries = _by_field(sources)
    records = [
        record_of(code, sources.merged.get(code), sources.extra.get(code), sources.listed.get(code))
        for code in codes
    ]
    return settle(_with_ministry(record, ministries) for record in records)


def settle(found: Iterable[Procedure]) -> tuple[Procedure, ...]:
    """Return the records with what depends on all of them: family, short name and the flag of level twins."""
    records = [r.model_copy(update={"family": family_of(r.name)}) for r in found]
    families = settled_families({r.code: r.family for r in records})
    records = [r.model_copy(update={"family": families[r.code]}) for r in records]
    unserved = frozenset(r.code for r in records if r.has(Flag.LOCAL_VERSION))
    short = short_names({r.code: (r.name, r.levels) for r in records}, unserved)
    twin_codes = twins((r.code, r.family) for r in records if not r.has(Flag.LOCAL_VERSION))
    return tuple(_settled(record, short[record.code], record.code in twin_codes) for record in records)


def _settled(record: Procedure, short_name: str, twin: bool) -> Procedure:
    flags = {*record.flags} - {Flag.LEVEL_TWIN} | ({Flag.LEVEL_TWIN} if twin else set())
    ordered = tuple(flag for flag in _FLAG_ORDER if flag in flags)
    if record.short_name == short_name and record.flags == ordered:
        return record
    data = record.model_dump()
    return Procedure.model_validate({**data, "short_name": short_name, "flags": ordered})


def _by_field(sources: Sources) -> dict[str, str]:
    """Return each field's ministry, for the records that name none."""
    votes: dict[str, Counter[str]] = {}
    for raw in sources.merged.values():
        if raw.ministry:
            votes.setdefault(raw.field.lower(), Counter())[raw.ministry] += 1
    for row in sources.listed.values():
        votes.setdefault(row.field.lower(), Counter())[row.ministry] += 1
    return {field: count.most_common(1)[0][0] for field, count in votes.items()}


def _with_ministry(record: Procedure, ministries: dict[str, str]) -> Procedure:
    if record.ministry != agency_rules().local_ministry:
        return record
    return record.model_copy(update={"ministry": ministry_of(ministries.get(record.field.lower()))})
