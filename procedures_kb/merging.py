"""Merges what the importers found into a catalogue: pure, and nothing of the old one is lost on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import ValidationError

from procedures_kb.build.building import settle
from procedures_kb.build.names import name_of
from procedures_kb.build.records import record_of
from procedures_kb.build.text import clean
from procedures_kb.catalogue import Catalogue
from procedures_kb.check import reasons
from procedures_kb.importers.contract import Format, Imported, Refused, Wording
from procedures_kb.model import Applies, Detail, Flag, Procedure

# Of two files about one procedure the newer wins; of two without a date the fuller format does.
_PREFERENCE = (Format.API_DETAIL, Format.PDF_DETAIL, Format.LGSP, Format.PAGE_TEXT, Format.EXCEL_LIST)
_NOT_FACTS = frozenset({"short_name", "family", "source", "flags", "wording"})


class Fate(StrEnum):
    """What an import makes of one procedure."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one procedure of one file; `reason` where it was refused or another file won."""

    fate: Fate
    file: str
    code: str | None = None
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """The catalogue after an import, and what led to it.

    `imported` are all codes that the operator's own sources have given, in this import or before.
    """

    procedures: tuple[Procedure, ...]
    wordings: Mapping[str, Wording]  # the new ones, by id
    outcomes: tuple[Outcome, ...]
    imported: frozenset[str]
    differs: bool  # whether there is anything to publish

    def count(self, fate: Fate) -> int:
        """Return how many procedures had that fate."""
        return sum(outcome.fate is fate for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Base:
    """What an import builds on: the shipped facts, and what serves now with its imported codes.

    `abolished` are shipped codes that an earlier synchronisation took out: they stay out.
    """

    shipped: Catalogue
    current: Catalogue
    imported: frozenset[str] = frozenset()
    abolished: frozenset[str] = frozenset()

    def records(self) -> dict[str, Procedure]:
        """Return the shipped records, those overlaid that were imported before."""
        kept = {p.code: p for p in self.current if p.code in self.imported}
        shipped = {p.code: p for p in self.shipped if p.code not in self.abolished}
        return {**shipped, **kept}


@dataclass(frozen=True, slots=True)
class Where:
    """The province of this installation, whether the files are said to be its own, and the day."""

    home: str
    own: bool
    today: date


def merge(base: Base, found: Iterable[Imported | Refused], where: Where, gone: Iterable[str] = ()) -> Merged:
    """Return `base` with what was `found`; a procedure that cannot be taken leaves the record as it was.

    `gone` are codes that the portal's complete list no longer has: they leave the catalogue. The old
    records are never changed in place; with nothing found the result equals what serves.
    """
    records = base.records()
    outcomes: list[Outcome] = []
    wordings: dict[str, Wording] = {}
    imported = set(base.imported)
    for one in _one_a_code(found, outcomes):
        try:
            record, wording = _taken(one, records.get(one.code), where)
        except (NotTaken, ValidationError) as error:
            outcomes.append(Outcome(Fate.REFUSED, one.file, one.code, reason=_said(error)))
            continue
        outcomes.append(_outcome(one, records.get(one.code), record))
        records[one.code] = record
        imported.add(one.code)
        if wording is not None and record.wording is not None:
            wordings[record.wording] = wording
    for code in gone:
        records.pop(code, None)
    procedures = settle(records[code] for code in sorted(records))
    outcomes.sort(key=lambda outcome: (outcome.file, outcome.code or ""))
    differs = {p.code: p for p in procedures} != dict(base.current.by_code)
    return Merged(procedures, wordings, tuple(outcomes), frozenset(imported) & records.keys(), differs)


class NotTaken(ValueError):
    """Why one procedure of an import is refused."""


def wording_id(wording: Wording) -> str:
    """Return 32 hexadecimal digits that stand for this very wording."""
    return hashlib.sha256(wording.model_dump_json().encode()).hexdigest()[:32]


def _one_a_code(found: Iterable[Imported | Refused], outcomes: list[Outcome]) -> list[Imported]:
    """Return the best detail, else the best row, of each code; a row beside a detail gives it its name."""
    details: dict[str, Imported] = {}
    rows: dict[str, Imported] = {}
    for one in found:
        if isinstance(one, Refused):
            outcomes.append(Outcome(Fate.REFUSED, one.file, one.code, reason=one.reason))
            continue
        kept = details if one.detail is not None else rows
        other = kept.get(one.code)
        if other is not None:
            best, second = sorted((other, one), key=_rank)
            outcomes.append(
                Outcome(Fate.UNCHANGED, second.file, second.code, reason=f"{best.file} is newer or fuller")
            )
            one = best  # noqa: PLW2901
        kept[one.code] = one
    return [_with_row(one, rows.get(code)) for code, one in details.items()] + [
        row for code, row in rows.items() if code not in details
    ]


def _rank(one: Imported) -> tuple[int, int]:
    return (-(one.updated or date.min).toordinal(), _PREFERENCE.index(one.format))


def _with_row(one: Imported, row: Imported | None) -> Imported:
    if row is None or row.row is None:
        return one
    return Imported(one.file, one.format, one.detail, row.row, one.wording, one.updated, one.province)


def _taken(one: Imported, old: Procedure | None, where: Where) -> tuple[Procedure, Wording | None]:
    """Return the record that `one` makes of `old`, with its wording. Raises NotTaken or ValidationError."""
    if one.province is not None and one.province != where.home:
        raise NotTaken(f"this is the version of {one.province}, and this installation serves {where.home}")
    if one.detail is None:
        return _renamed(one, old, where), None
    # A record that carries the portal's date of its last change was current when it was fetched, now.
    day = one.wording.taken if one.wording and one.updated is None else where.today
    _refuse_older(one, day, old)
    own = where.own or one.province is not None
    raw = one.detail.model_copy(update={"local_specific": False}) if own else one.detail
    record = record_of(one.code, raw, None, one.row, day)
    if record.has(Flag.WRONG_PAGE):
        raise NotTaken("the file holds another procedure than its name says")
    if record.has(Flag.LOCAL_VERSION) and not own:
        raise NotTaken(
            "one province's own version: if it is yours, say so with --province; others are not served here"
        )
    if own:
        record = _without(record, Flag.LOCAL_VERSION)
    return _completed(record, old, one, where)


def _refuse_older(one: Imported, day: date, old: Procedure | None) -> None:
    """Raise NotTaken where `one`, taken on `day`, is older than the details that serve."""
    if old is None or old.detail is Detail.NAME_ONLY:
        return
    if one.updated and old.source.updated and one.updated < old.source.updated:
        raise NotTaken(f"older (of {one.updated}) than the record that serves (of {old.source.updated})")
    if one.updated is None and day < old.source.retrieved:
        raise NotTaken(f"older (of {day}) than the record that serves (of {old.source.retrieved})")


def _completed(
    record: Procedure, old: Procedure | None, one: Imported, where: Where
) -> tuple[Procedure, Wording | None]:
    updates: dict[str, object] = {
        "wording": wording_id(one.wording) if one.wording else None,
        "source": record.source.model_copy(update={"updated": one.updated}),
    }
    if old is not None and one.detail is not None and one.detail.ministry is None:
        updates["ministry"] = old.ministry  # the format names none: what was known is not lost
    if where.own or (old is not None and old.applies is Applies.YES):
        updates["applies"] = Applies.YES
    record = record.model_copy(update=updates)
    if wrong := next(iter(reasons(record)), None):
        raise NotTaken(wrong)
    return record, one.wording


def _renamed(one: Imported, old: Procedure | None, where: Where) -> Procedure:
    """Return the record with what a list tells: name, field, and that the province has it."""
    row = one.row
    if row is None:
        raise NotTaken("neither details nor a row of a list")
    if old is None:
        new = record_of(one.code, None, None, row, where.today)
        return new.model_copy(update={"applies": Applies.YES if where.own else Applies.UNKNOWN})
    return old.model_copy(
        update={
            "name": name_of(row.name, old.name),
            "field": clean(row.field) or old.field,
            "applies": Applies.YES if where.own else old.applies,
        }
    )


def _without(record: Procedure, flag: Flag) -> Procedure:
    return record.model_copy(update={"flags": tuple(f for f in record.flags if f is not flag)})


def _outcome(one: Imported, old: Procedure | None, new: Procedure) -> Outcome:
    if old is None:
        return Outcome(Fate.NEW, one.file, one.code, new.name)
    if old.detail is Detail.NAME_ONLY and new.detail is Detail.FULL:
        return Outcome(Fate.CHANGED, one.file, one.code, new.name, "details where only the name was known")
    fields = Procedure.model_fields.keys() - _NOT_FACTS
    differing = sorted(field for field in fields if getattr(old, field) != getattr(new, field))
    fate = Fate.CHANGED if differing else Fate.UNCHANGED
    return Outcome(fate, one.file, one.code, new.name, ", ".join(differing))


def _said(error: NotTaken | ValidationError) -> str:
    if isinstance(error, NotTaken):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
