"""Checks the catalogue: each record against the schema and against the rules that hold across its fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from procedures_kb import centres
from procedures_kb.build.phrases import hangs
from procedures_kb.catalogue import CATALOGUE
from procedures_kb.model import (
    MAX_PHRASE_WORDS,
    MAX_TITLE,
    MAX_WHEN_WORDS,
    Detail,
    DocumentKind,
    FeeStatus,
    Flag,
    Procedure,
)
from procedures_kb.traps import Surroundings, TrapCount, find_traps

MAX_FILE_BYTES = 2_000_000
_OPEN, _CLOSE = "([{", ")]}"
_DANGLING = re.compile(
    r"(?:^|\s)(?:và|hoặc|theo quy định tại|ban hành kèm theo|theo mẫu số|các|những|"
    r"tại (?:điểm|khoản|Điều)|quy định tại)$",
    re.IGNORECASE,
)
_SPOKEN_FREELY = {"steps.actor", "fees.unit", "documents.note"}  # no clauses, so nothing to break off
_BULLET = re.compile(r"^(?:[-+*•]|\([a-z0-9]\)|\d{1,2}\)|[a-zđ]\))\s")


@dataclass(frozen=True)
class Problem:
    """Why a record is not served: its file and line, its code where that is known, and the reason."""

    where: str
    code: str
    reason: str


@dataclass(frozen=True)
class CheckReport:
    """What the check saw. Each counter maps a name to its number of procedures, commonest first."""

    procedures: int
    detailed: int
    problems: tuple[Problem, ...]
    files: dict[str, int]
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    traps: tuple[TrapCount, ...] = ()
    records: tuple[Procedure, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong and there is something to serve."""
        return not self.problems and self.procedures > 0


def check(folder: Path = CATALOGUE) -> CheckReport:
    """Read every `*.jsonl` of `folder` and report all problems, not only the first.

    Raises BrokenTraps or BrokenCentres where the rules of the detectors cannot be read.
    """
    procedures: list[Procedure] = []
    problems: list[Problem] = []
    files: dict[str, int] = {}
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        files[path.name] = path.stat().st_size
        if files[path.name] >= MAX_FILE_BYTES:
            problems.append(
                Problem(path.name, "", f"{files[path.name]} bytes, the limit is {MAX_FILE_BYTES}")
            )
        for where, line in _lines(path):
            procedure = _read(where, line, problems)
            if procedure is None:
                continue
            if procedure.code in seen:
                problems.append(Problem(where, procedure.code, f"stands at {seen[procedure.code]} too"))
            seen.setdefault(procedure.code, where)
            problems += [Problem(where, procedure.code, reason) for reason in reasons(procedure)]
            procedures.append(procedure)
    counted, open_traps = find_traps(Surroundings(tuple(procedures), centres.load()))
    between = [Problem(seen[f.code], f.code, f.reason) for f in open_traps]
    between += [Problem(seen[code], code, reason) for code, reason in _short_names(procedures)]
    return CheckReport(
        procedures=len(procedures),
        detailed=sum(p.detail is Detail.FULL for p in procedures),
        problems=(*between, *problems),
        files=files,
        counts=_counts(procedures),
        traps=counted,
        records=tuple(procedures),
    )


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            yield f"{path.name}:{number}", line


def _read(where: str, line: str, problems: list[Problem]) -> Procedure | None:
    try:
        return Procedure.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        code = re.search(r'"code":\s*"([^"]*)"', line)
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        problems.append(Problem(where, code[1] if code else "", reason))
        return None


def _counts(procedures: list[Procedure]) -> dict[str, Counter[str]]:
    return {
        "level": Counter(level.value for p in procedures for level in p.levels),
        "ministry": Counter(p.ministry for p in procedures),
        "field": Counter(p.field for p in procedures),
        "detail": Counter(p.detail.value for p in procedures),
        "flag": Counter(flag.value for p in procedures for flag in p.flags),
        "applies": Counter(p.applies.value for p in procedures),
        "online": Counter(p.online_level.value for p in procedures),
    }


def _short_names(procedures: list[Procedure]) -> Iterator[tuple[str, str]]:
    """Yield each served record whose short name another one has: its button could not be told apart."""
    owners: dict[str, Procedure] = {}
    for procedure in procedures:
        if procedure.has(Flag.LOCAL_VERSION):
            continue
        other = owners.setdefault(procedure.short_name.casefold(), procedure)
        if other.code != procedure.code:
            inside = "inside the family, " if other.family == procedure.family else ""
            yield procedure.code, f"short_name: {inside}{other.code} has it too: {procedure.short_name!r}"


def reasons(procedure: Procedure) -> Iterator[str]:
    """Yield what is wrong with a record beyond its schema."""
    yield from _fees(procedure)
    yield from _facts(procedure)
    for where, phrase in phrases(procedure):
        most = MAX_WHEN_WORDS if where == "documents.when" else MAX_PHRASE_WORDS
        if len(phrase.split()) > most:
            yield f"{where}: more than {most} words: {phrase!r}"
    for where, text in (*phrases(procedure), *titles(procedure)):
        yield from _reads_well(where, text)
    for where, phrase in phrases(procedure):
        if where not in _SPOKEN_FREELY and hangs(phrase):
            yield f"{where}: breaks off: {phrase!r}"


def _fees(procedure: Procedure) -> Iterator[str]:
    for channel in procedure.channels:
        if channel.fee_status is FeeStatus.FREE and procedure.has(Flag.FEE_CONFLICT):
            yield f"{channel.how}: free although the source contradicts itself"
        if channel.fee_status is FeeStatus.FREE and any(fee.amount for fee in channel.fees):
            yield f"{channel.how}: free although an amount is stated"


def _facts(procedure: Procedure) -> Iterator[str]:
    has_facts = bool(procedure.channels or procedure.documents or procedure.steps or procedure.legal_basis)
    if procedure.detail is Detail.NAME_ONLY and has_facts:
        yield "name only, yet it carries facts"
    if procedure.detail is Detail.FULL and not has_facts:
        yield "detailed, yet it carries no fact"
    if procedure.has(Flag.WRONG_PAGE) and procedure.detail is Detail.FULL:
        yield "the source held another procedure: its facts must not be served"


def _reads_well(where: str, text: str) -> Iterator[str]:
    if len(text) > MAX_TITLE:
        yield f"{where}: a running sentence of {len(text)} characters"
    if not balanced(text):
        yield f"{where}: unbalanced brackets: {text!r}"
    if _DANGLING.search(text):
        yield f"{where}: ends in the air: {text!r}"
    if _BULLET.match(text):
        yield f"{where}: begins with a bullet: {text!r}"


def balanced(text: str) -> bool:
    """Return whether every bracket of `text` has its partner."""
    stack: list[str] = []
    for char in text:
        if char in _OPEN:
            stack.append(_CLOSE[_OPEN.index(char)])
        elif char in _CLOSE and (not stack or stack.pop() != char):
            return False
    return not stack


def phrases(procedure: Procedure) -> Iterator[tuple[str, str]]:
    """Yield the short phrases of ours, each with the field it stands in."""
    for channel in procedure.channels:
        yield from (("times.case", t.case) for t in channel.times if t.case)
        for fee in channel.fees:
            yield from (
                (f"fees.{n}", v) for n, v in (("case", fee.case), ("note", fee.note), ("unit", fee.unit)) if v
            )
    for case in procedure.documents:
        if case.case:
            yield "documents.case", case.case
        for paper in case.items:
            if paper.when:
                yield "documents.when", paper.when
            if paper.kind is DocumentKind.NOTE:
                yield "documents.note", paper.name
    for condition in procedure.conditions:
        yield "conditions.about", condition.about
        if condition.limit:
            yield "conditions.limit", condition.limit
    for step in procedure.steps:
        yield "steps.actor", step.actor
        yield "steps.act", step.act


def titles(procedure: Procedure) -> Iterator[tuple[str, str]]:
    """Yield the titles of papers, results and the short name, each with the field it stands in."""
    yield "short_name", procedure.short_name
    for case in procedure.documents:
        for paper in case.items:
            yield from (("documents.name", t) for t in (paper.name, *paper.alternatives))
    yield from (("results", r.name) for r in procedure.results)
    yield from (("legal.title", x.title) for x in procedure.legal_basis if x.title)
