"""The detectors of the traps: each yields what of its trap stands in a record, in words for the operator.

They read the record's own words, not its flags, wherever the record still shows the trap.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from procedures_kb.build.agency import is_elsewhere, says_none
from procedures_kb.build.names import family_of
from procedures_kb.build.reviewed import reviewed_families
from procedures_kb.build.rules import RULES, agency_rules, paper_rules, pattern
from procedures_kb.centres import Centres
from procedures_kb.model import (
    MAX_SHORT_NAME,
    PORTAL_PAGE,
    Channel,
    Detail,
    DocumentKind,
    Fee,
    FeeStatus,
    Flag,
    Paper,
    Procedure,
    ProcessingTime,
    Record,
    Text,
)
from procedures_kb.yaml_files import read_model
from vietnamese import fold, normalise, syllables

MAX_TIME = 1000  # no limit of the law is longer, whatever its unit; a fee read as a time is
_TEXTS = 1 << 16  # more than the different texts of the catalogue (29,348)
_CLAUSE = re.compile(r"[,;.:()/]|\s-\s")
_ABBREVIATED = re.compile(r"\b(TP)\.(?=\S)")
# The fields whose texts are read: not those that are keys, codes and addresses.
_READ = (
    *("name", "short_name", "field", "agency", "audience", "channels"),
    *("documents", "conditions", "steps", "results"),
)
Seen = Iterator[str]


class BrokenTraps(ValueError):
    """`data/rules/traps.yaml` cannot be used; the message says why."""


class TrapRules(Record):
    """Words that the detectors need; the file explains each list."""

    national: tuple[Text, ...]


@cache
def trap_rules(file: Path = RULES / "traps.yaml") -> TrapRules:
    """Return the rules. Raises BrokenTraps."""
    return read_model(file, TrapRules, BrokenTraps)


@dataclass(frozen=True)
class Surroundings:
    """What a detector may need beside the record: the other records, and the provinces."""

    procedures: tuple[Procedure, ...]
    centres: Centres

    @cached_property
    def twins(self) -> frozenset[str]:
        """The codes of served records of which another one differs by the level only."""
        groups: dict[tuple[str, str], set[str]] = defaultdict(set)
        apart = reviewed_families().apart
        for procedure in self.procedures:
            if procedure.has(Flag.LOCAL_VERSION):
                continue
            groups["family", procedure.family].add(procedure.code)
            if procedure.code not in apart:
                groups["name", family_of(procedure.name)].add(procedure.code)
        return frozenset(code for codes in groups.values() if len(codes) > 1 for code in codes)

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The different texts of each record, by its code."""
        return {p.code: tuple(dict.fromkeys(texts(p))) for p in self.procedures}

    @cached_property
    def shared_pages(self) -> frozenset[str]:
        """The pages of the portal that several detailed records say they come from."""
        full = {(p.source.url, p.code) for p in self.procedures if p.detail is Detail.FULL}
        pages = Counter(url for url, _ in full if url.startswith(PORTAL_PAGE))
        return frozenset(url for url, number in pages.items() if number > 1)


# ---- 1: "free" beside an amount ----------------------------------------------------------------------------


def fee_conflict(procedure: Procedure, _: Surroundings) -> Seen:
    """Yield each channel that is "free" beside an amount, or that the source contradicts (trap 1)."""
    for channel in procedure.channels:
        if channel.fee_status is FeeStatus.CONFLICTING:
            yield f"{channel.how}: the source contradicts itself"
        free = channel.fee_status is FeeStatus.FREE or any(fee.amount == 0 for fee in channel.fees)
        told = [fee for fee in channel.fees if _states_amount(fee)]
        if free and told:
            yield f"{channel.how}: free, beside {told[0].amount or told[0].note!r}"


def _states_amount(fee: Fee) -> bool:
    return bool(fee.amount) or any(pattern("fees.amount").search(t) for t in (fee.note, fee.case) if t)


# ---- 2: another procedure's page ---------------------------------------------------------------------------


def wrong_page(procedure: Procedure, around: Surroundings) -> Seen:
    """Yield whether a detailed record holds the facts of another one's page (trap 2)."""
    if procedure.detail is not Detail.FULL:
        return
    if procedure.has(Flag.WRONG_PAGE):
        yield "carries the facts of the wrong page"
    if procedure.source.url in around.shared_pages:
        yield f"another detailed record comes from the same page: {procedure.source.url}"


# ---- 3: a time that is none --------------------------------------------------------------------------------


def time_unclear(procedure: Procedure, _: Surroundings) -> Seen:
    """Yield each time without a unit or a value, or that is a fee (trap 3)."""
    for channel in procedure.channels:
        for time in channel.times:
            if (wrong := _no_time(time, channel)) is not None:
                yield f"{channel.how}: {wrong}"


def _no_time(time: ProcessingTime, channel: Channel) -> str | None:
    if time.value is None:
        return None if time.immediate else "a time without a value"
    if time.unit is None:
        return f"{time.value:g} without a unit"
    if time.value > MAX_TIME or time.value in {fee.amount for fee in channel.fees if fee.amount}:
        return f"{time.value:g} {time.unit} can be no time"
    return None


# ---- 4: notes among the papers -----------------------------------------------------------------------------


def note_paper(procedure: Procedure, _: Surroundings) -> Seen:
    """Yield each paper to submit that is a note, or only to be shown (trap 4)."""
    for paper in _papers(procedure):
        if paper.kind is DocumentKind.SUBMIT and _reads_as_note(paper.name):
            yield f"to submit, yet a note or only to be shown: {paper.name!r}"


def _reads_as_note(name: str) -> bool:
    rules = paper_rules()
    note = rules.note_row.match(name) and not rules.paper_head.match(name)
    return bool(note or rules.note_group.match(name) or rules.show_row.match(name))


def told_apart(procedure: Procedure) -> bool:
    """Return whether notes or papers to show were told from the papers to submit (trap 4)."""
    return any(paper.kind is not DocumentKind.SUBMIT for paper in _papers(procedure))


def _papers(procedure: Procedure) -> Iterator[Paper]:
    return (paper for case in procedure.documents for paper in case.items)


# ---- 5 and 9: another province -----------------------------------------------------------------------------


def local_version(procedure: Procedure, _: Surroundings) -> Seen:
    """Yield what makes a record one other province's own version (trap 5)."""
    if procedure.decision and agency_rules().local_decision.search(procedure.decision):
        yield f"decided in one province: {procedure.decision!r}"
    names = [paper.name for paper in _papers(procedure)]
    steps = [text for step in procedure.steps for text in (step.actor, step.act)]
    for text in (procedure.name, *names, *steps, *(result.name for result in procedure.results)):
        if is_elsewhere(text) and not _national(text):
            yield f"names another province: {text!r}"


def agency_elsewhere(procedure: Procedure, around: Surroundings) -> Seen:
    """Yield each agency that belongs to another province, or that is none (trap 9)."""
    if procedure.agency is None:
        return
    if says_none(procedure.agency):
        yield f"no agency: {procedure.agency!r}"
    for clause in _CLAUSE.split(_ABBREVIATED.sub(r"\1 ", procedure.agency)):
        province = around.centres.province_named(clause)
        named = province is not None and not around.centres.covers(province)
        if (named or is_elsewhere(clause)) and not _national(clause):
            yield f"an agency of another province: {clause.strip()!r}"


def _national(text: str) -> bool:
    words = " ".join(syllables(fold(text)))
    return any(body in words for body in trap_rules().national)


# ---- 6, 7, 8 -----------------------------------------------------------------------------------------------


def district_level(procedure: Procedure, around: Surroundings) -> Seen:
    """Yield each text that names the abolished district level (trap 6)."""
    told = around.texts[procedure.code]
    yield from (f"names the district level: {text!r}" for text in told if _names_district(text))


@lru_cache(maxsize=_TEXTS)
def _names_district(text: str) -> bool:
    return agency_rules().district.search(text) is not None


def level_twin(procedure: Procedure, around: Surroundings) -> Seen:
    """Yield whether another title differs by the level only (trap 7)."""
    if procedure.code in around.twins:
        yield f"another title differs by the level only: {procedure.name[:MAX_SHORT_NAME]!r}"


def long_name(procedure: Procedure, _: Surroundings) -> Seen:
    """Yield whether the name is too long for a button (trap 8)."""
    if len(procedure.name) > MAX_SHORT_NAME:
        yield f"a title of {len(procedure.name)} characters"


# ---- 10: odd characters ------------------------------------------------------------------------------------


def odd_characters(procedure: Procedure, around: Surroundings) -> Seen:
    """Yield each text with a character or a spelling that was not repaired (trap 10)."""
    told = around.texts[procedure.code]
    yield from (f"{wrong}: {text!r}" for text in told if (wrong := _misspelled(text)))


@lru_cache(maxsize=_TEXTS)
def _misspelled(text: str) -> str | None:
    odd = next((char for char in text if _is_odd(char)), None)
    if odd is not None:
        return f"odd character {odd!r} (U+{ord(odd):04X})"
    return None if _spelling(normalise(text)) == _spelling(text) else "not in our spelling"


@cache
def _is_odd(char: str) -> bool:
    """Return whether `char` is invisible, a loose mark, private, or a Latin letter that we do not write."""
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "Zl", "Zp"} or (kind == "Zs" and char != " "):
        return True
    base = fold(char)
    return kind[0] == "L" and not (base.isascii() and base) and unicodedata.name(char, "").startswith("LATIN")


def _spelling(text: str) -> str:
    """Leave out what a writer may choose: dashes and quotes, which `normalise` makes plain."""
    return re.sub(r"[-–—\"“”'‘’]", "", text)


def texts(procedure: Procedure) -> Iterator[str]:
    """Yield every text of a record that a citizen may read, but for the titles of laws."""
    for name in _READ:
        yield from _strings(getattr(procedure, name))


def _strings(value: object) -> Iterator[str]:
    """Yield every text inside `value`. The records are walked as they are: dumping them takes seconds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _strings(part)
    elif isinstance(value, Record):
        for part in value.__dict__.values():
            yield from _strings(part)
