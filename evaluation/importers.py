"""How far the importers agree: the same procedure read from several formats, and from the merged file.

`python -m evaluation.importers` prints the table, `--write` puts it into docs/importers.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from procedures_kb.build.reading import Sources, read_sources
from procedures_kb.build.records import record_of
from procedures_kb.importers.contract import Format, Imported, Refused
from procedures_kb.importers.detect import read_paths
from procedures_kb.model import DocumentKind, Procedure
from procedures_kb.yaml_files import read_model

MERGED, EXTRA, LISTED = "merged", "transcribed", "province_list"
REASONS = Path(__file__).parent / "data" / "importer_differences.yaml"
DOCS = Path("docs/importers.md")
BEGIN, END = "<!-- agreement: begin -->", "<!-- agreement: end -->"
_ORDER = (*(kind.value for kind in Format), MERGED, EXTRA, LISTED)
_ROW_ASPECTS = ("name", "field", "ministry")
_LISTED_ASPECTS = ("name", "levels", "field")

Fact = frozenset[str]


class NoSamples(FileNotFoundError):
    """The genuine samples are not there; the message says where they are looked for."""


class BadReasons(ValueError):
    """The file of explained differences is broken."""


class Reason(BaseModel):
    """Why two sources really differ: in these aspects of this code ("*": in all)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    sources: tuple[str, str]
    aspects: tuple[str, ...]
    vi: str
    en: str


class Reasons(BaseModel):
    """All explained differences."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    differences: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What one source tells of one code."""

    code: str
    source: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect in which two sources differ, with what only the first and only the second says."""

    code: str
    sources: tuple[str, str]
    aspect: str
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two sources over all the codes that both have: per aspect how often they agree."""

    sources: tuple[str, str]
    codes: int
    agreed: Mapping[str, int]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole measurement: the agreements, and how many procedures each format gave and refused."""

    agreements: tuple[Agreement, ...]
    read: Mapping[str, int]
    refused: Mapping[str, int]


ASPECTS: Mapping[str, Callable[[Procedure], Fact]] = {
    "name": lambda p: _one(p.name.lower()),
    "levels": lambda p: frozenset(level.value for level in p.levels),
    "field": lambda p: _one(p.field.lower()),
    "ministry": lambda p: _one(p.ministry),
    "papers": lambda p: _one(str(len(_papers(p)))),
    "titles": lambda p: frozenset(_bare(name) for name in _papers(p)),
    "times": lambda p: frozenset(
        f"{c.how.value} {t.value or 0:g} {t.unit} {'now' if t.immediate else ''}".strip()
        for c in p.channels
        for t in c.times
    ),
    "fee status": lambda p: frozenset(f"{c.how.value} {c.fee_status.value}" for c in p.channels),
    "amounts": lambda p: frozenset(f"{f.amount:,}" for c in p.channels for f in c.fees if f.amount),
    "legal": lambda p: frozenset(text.number for text in p.legal_basis),
    "online": lambda p: _one(p.online_level.value),
}


def _one(text: str) -> Fact:
    return frozenset({text})


def _papers(procedure: Procedure) -> list[str]:
    return [
        paper.name
        for case in procedure.documents
        for paper in case.items
        if paper.kind is not DocumentKind.NOTE
    ]


def measure(samples: Path, catalogue: Path, today: date) -> Outcome:
    """Read every sample and compare it with each other source of the same code.

    Raises NoSamples; SourceMissing or BadSource for the catalogue's folder.
    """
    if not samples.is_dir():
        raise NoSamples(f"{samples} is not there: name the folder of the shared data in TROLY_SHARED")
    results = list(read_paths([samples], today))
    sources = read_sources(catalogue)
    details = [result for result in results if isinstance(result, Imported) and result.detail]
    rows = [result for result in results if isinstance(result, Imported) and result.row]
    told = [_of_import(one) for one in details]
    told += [one for code in {t.code for t in told} for one in _of_sources(code, sources)]
    agreements = _pairs(told, tuple(ASPECTS))
    for kind in (Format.API_DETAIL, Format.LGSP):
        agreements.append(_with_list([one for one in details if one.format is kind], sources))
    agreements.append(_list_agreement(rows, sources))
    return Outcome(
        agreements=tuple(one for one in agreements if one.codes),
        read=_counts(one.format.value for one in (*details, *rows)),
        refused=_counts(_kind(result) for result in results if isinstance(result, Refused)),
    )


def _counts(keys: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _kind(refusal: Refused) -> str:
    return refusal.reason.split(" (")[0]


def _of_import(one: Imported) -> Told:
    return _told(one.format.value, record_of(one.code, one.detail, None, None))


def _of_sources(code: str, sources: Sources) -> list[Told]:
    found: list[Told] = []
    merged, extra = sources.merged.get(code), sources.extra.get(code)
    if merged is not None and merged.quality != "list_only":
        found.append(_told(MERGED, record_of(code, merged, None, None)))
    if extra is not None:
        found.append(_told(EXTRA, record_of(code, None, extra, None)))
    return found


def _told(source: str, record: Procedure) -> Told:
    return Told(record.code, source, {aspect: of(record) for aspect, of in ASPECTS.items()})


def _pairs(told: Sequence[Told], aspects: tuple[str, ...]) -> list[Agreement]:
    both: dict[tuple[str, str], list[tuple[Told, Told]]] = {}
    for first, second in combinations(sorted(told, key=lambda t: _ORDER.index(t.source)), 2):
        if first.code == second.code and first.source != second.source:
            both.setdefault((first.source, second.source), []).append((first, second))
    return [_agreement(sources, pairs, aspects) for sources, pairs in both.items()]


def _agreement(
    sources: tuple[str, str], pairs: list[tuple[Told, Told]], aspects: tuple[str, ...]
) -> Agreement:
    differences = [
        Difference(first.code, sources, aspect, _only(first, second, aspect), _only(second, first, aspect))
        for first, second in pairs
        for aspect in aspects
        if first.facts[aspect] != second.facts[aspect]
    ]
    apart = _counts(difference.aspect for difference in differences)
    agreed = {aspect: len(pairs) - apart.get(aspect, 0) for aspect in aspects}
    return Agreement(sources, len(pairs), agreed, tuple(sorted(differences, key=lambda d: d.code)))


def _only(one: Told, other: Told, aspect: str) -> tuple[str, ...]:
    return tuple(sorted(one.facts[aspect] - other.facts[aspect]))


def _with_list(details: Sequence[Imported], sources: Sources) -> Agreement:
    """Compare details that few other sources have with the province's list: what a row of it tells."""
    pairs: list[tuple[Told, Told]] = []
    for one in details:
        row = sources.listed.get(one.code)
        if row is not None:
            listed = _row_told(LISTED, record_of(one.code, None, None, row))
            pairs.append((_row_told(one.format.value, record_of(one.code, one.detail, None, None)), listed))
    return _agreement((details[0].format.value if details else LISTED, LISTED), pairs, _LISTED_ASPECTS)


def _list_agreement(rows: Sequence[Imported], sources: Sources) -> Agreement:
    """Compare the Excel lists with the merged file: what a list's row tells."""
    pairs: list[tuple[Told, Told]] = []
    for one in rows:
        merged = sources.merged.get(one.code)
        if merged is None or one.row is None:
            continue
        listed = record_of(one.code, None, None, one.row)
        name_only = merged.model_copy(update={"quality": "list_only"})  # nothing else is compared: quick
        known = record_of(one.code, name_only, None, None)
        pairs.append((_row_told(Format.EXCEL_LIST.value, listed), _row_told(MERGED, known)))
    return _agreement((Format.EXCEL_LIST.value, MERGED), pairs, _ROW_ASPECTS)


def _row_told(source: str, record: Procedure) -> Told:
    facts = {
        "name": _one(_bare(record.name)),
        "levels": frozenset(level.value for level in record.levels),
        "field": _one(record.field.lower()),
        "ministry": _one(record.ministry),
    }
    return Told(record.code, source, facts)


def _bare(name: str) -> str:
    """Return `name` in lower case without the punctuation in which copies of one title differ."""
    return " ".join("".join(char if char.isalnum() else " " for char in name.lower()).split())


def reasons() -> tuple[Reason, ...]:
    """Return the explained differences. Raises BadReasons."""
    return read_model(REASONS, Reasons, BadReasons).differences


def reason_of(difference: Difference, known: Sequence[Reason]) -> Reason | None:
    """Return why the sources differ there, None where nobody has looked yet."""
    for reason in known:
        if reason.code not in {difference.code, "*"} or reason.sources != difference.sources:
            continue
        if difference.aspect in reason.aspects:
            return reason
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write into the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"put the table into {DOCS}")
    wanted = parser.parse_args(arguments)
    shared = Path(os.environ.get("TROLY_SHARED", "../shared")) / "data"
    try:
        outcome = measure(shared / "portal_formats", shared / "catalogue", date.today())
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    from evaluation.importers_page import put, tables

    page = tables(outcome, reasons())
    if wanted.write:
        DOCS.write_text(put(DOCS.read_text("utf-8"), page), "utf-8")
    else:
        sys.stdout.write(page + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
