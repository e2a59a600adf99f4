"""The words of the changes, read from `data/rules/changes.yaml`, and facts put into them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from procedures_kb.diff.changes import ChangeKind, Say
from procedures_kb.model import Channel, DocumentKind, Fee, FeeStatus, How, Level, OnlineLevel, ProcessingTime
from procedures_kb.yaml_files import read_model
from vietnamese import fold, normalise, syllables

CHANGES = Path(__file__).parent.parent / "data" / "rules" / "changes.yaml"
_PLACEHOLDERS = frozenset({"before", "after", "where", "case", "paper"})


class BrokenWords(ValueError):
    """`changes.yaml` cannot be used; the message names the place and the reason."""


class Phrases(BaseModel):
    """Parts of a fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unknown: str
    at_once: str
    per: str
    until: str
    since: str
    originals: str
    copies: str
    no_count: str
    instead: str
    no_instead: str
    always: str
    in_case: str
    of_case: str
    validity: str


class Words(BaseModel):
    """Every word that a change is said with; complete, or it is not read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[ChangeKind, str]
    templates: dict[Say, str]
    channels: dict[How, str]
    levels: dict[Level, str]
    units: dict[str, str]
    currencies: dict[str, str]
    fee_statuses: dict[FeeStatus, str]
    online_levels: dict[OnlineLevel, str]
    kinds_of_paper: dict[DocumentKind, str]
    phrases: Phrases

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _same("kinds", self.kinds, ChangeKind)
        _same("templates", self.templates, Say)
        _same("channels", self.channels, How)
        _same("levels", self.levels, Level)
        _same("fee_statuses", self.fee_statuses, FeeStatus)
        _same("online_levels", self.online_levels, OnlineLevel)
        for name, template in self.templates.items():
            unknown = {field for _, field, _, _ in Formatter().parse(template) if field} - _PLACEHOLDERS
            if unknown:
                raise ValueError(f"templates.{name}: no such placeholder: {', '.join(sorted(unknown))}")
        return self

    def rank(self, kind: ChangeKind) -> int:
        """Return the place of `kind`: 0 is the most important."""
        return list(self.kinds).index(kind)

    def where(self, hows: tuple[How, ...]) -> str:
        """Return the channels, with a space before, to follow "Lệ phí"; nothing for none."""
        return f" {', '.join(self.channels[how] for how in hows)}" if hows else ""

    def time(self, time: ProcessingTime) -> str:
        """Return a time limit without its case."""
        if time.value is None or time.unit is None:
            return self.phrases.at_once if time.immediate else self.phrases.unknown
        text = f"{time.value:g} {self.units[time.unit]}".replace(".", ",")
        return f"{self.phrases.at_once}, {text}" if time.immediate else text

    def fee(self, fee: Fee) -> str:
        """Return a fee without its case. Nothing to pay with a note is an exemption: the note says it."""
        amount = None if fee.amount is None or (fee.amount == 0 and fee.note) else self._amount(fee)
        text = " – ".join(part for part in (amount, fee.note) if part) or self.phrases.unknown
        validity = self._validity(fee)
        return self.phrases.validity.format(text=text, validity=validity) if validity else text

    def fees(self, channel: Channel) -> str:
        """Return what may be said of a channel's whole fee: never "free" of one that is not surely free."""
        status = self.fee_statuses[channel.fee_status]
        told = [fee for fee in channel.fees if fee.amount or fee.note]
        if not told:
            return status
        lines = "; ".join(self.of_case(fee.case, self.fee(fee)) for fee in told)
        return lines if channel.fee_status is FeeStatus.PAID else f"{status} ({lines})"

    def of_case(self, case: str | None, text: str) -> str:
        """Return `text` with the case that it holds for."""
        return self.phrases.of_case.format(case=case, text=text) if case else text

    def _amount(self, fee: Fee) -> str:
        digits = f"{fee.amount:,}".replace(",", ".")
        amount = f"{digits} {self.currencies.get(fee.currency, fee.currency)}"
        return self.phrases.per.format(amount=amount, unit=fee.unit) if fee.unit else amount

    def _validity(self, fee: Fee) -> str:
        first, last = fee.valid_from, fee.valid_to
        since = self.phrases.since.format(first=_day(first)) if first else ""
        until = self.phrases.until.format(last=_day(last)) if last else ""
        return " ".join(part for part in (since, until) if part)


def key_of(text: str) -> str:
    """Return `text` as it is compared: no accents, no case, no punctuation."""
    return " ".join(syllables(fold(normalise(text))))


def load_words(file: Path = CHANGES) -> Words:
    """Return the words; raises BrokenWords, naming what is wrong."""
    return read_model(file, Words, BrokenWords)


@cache
def our_words() -> Words:
    """Return the words of the repository, read once."""
    return load_words()


def _day(value: date) -> str:
    return f"{value.day}/{value.month}/{value.year}"


def _same(name: str, given: Iterable[StrEnum], wanted: Iterable[StrEnum]) -> None:
    wrong = set(given) ^ set(wanted)
    if wrong:
        raise ValueError(f"{name}: missing or unknown: {', '.join(sorted(wrong))}")
