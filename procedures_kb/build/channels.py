"""Channels with their times and fees, and the entries that follow from them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from procedures_kb.build.fees import ReadFees, fees_in, read_fees
from procedures_kb.build.phrases import phrase
from procedures_kb.build.reading import ExtraMethod, RawMethod
from procedures_kb.build.rules import fee_rules, pattern
from procedures_kb.build.step_times import times_of_steps
from procedures_kb.build.text import capitalise, tidy
from procedures_kb.build.times import ReadTimes, joined, read_times, unit_of
from procedures_kb.model import (
    Channel,
    Entry,
    Fee,
    FeeStatus,
    How,
    OnlineLevel,
    ProcessingTime,
)
from vietnamese import fold

_RUN_IN = 100  # the least number that a time's digit and a fee's make together
_PRINTED = re.compile(r"(\d{1,3}(?:[.,]\d{3})+) (?:Việt Nam Đồng|VNĐ)")
_HOW = {"truc_tuyen": How.ONLINE, "truc_tiep": How.COUNTER, "buu_chinh": How.POST}
_ORDER = (How.ONLINE, How.COUNTER, How.POST)
_WHOLE_WAY = "toan trinh"
_SEVERITY = (FeeStatus.CONFLICTING, FeeStatus.VARIES, FeeStatus.PAID, FeeStatus.UNKNOWN, FeeStatus.FREE)


@dataclass(frozen=True)
class ReadChannels:
    """The channels of a record and the troubles found while reading them."""

    channels: tuple[Channel, ...]
    fee_conflict: bool
    time_unclear: bool

    @property
    def hows(self) -> tuple[How, ...]:
        """The ways of submission, online first."""
        return tuple(channel.how for channel in self.channels)

    @property
    def all_free(self) -> bool:
        """Whether every channel is known to cost nothing."""
        return bool(self.channels) and all(c.fee_status is FeeStatus.FREE for c in self.channels)


def read_channels(methods: list[RawMethod], steps: str | None, flagged: bool) -> ReadChannels:
    """Read the method rows of a merged record; rows of one channel are put together.

    `flagged` is the source's own mark that the printed fee and its note disagree.
    """
    methods = _unglued(methods)
    times: dict[How, list[ReadTimes]] = {}
    fees: dict[How, list[ReadFees]] = {}
    for row in methods:
        how = _HOW.get(row.channel)
        if how is None:
            continue
        times.setdefault(how, []).append(read_times(row.time_value, row.time_unit, row.description))
        fees.setdefault(how, []).append(read_fees(row.fee_text, row.description, flagged))
    unclear = any(read.unclear for reads in times.values() for read in reads)
    no_time = not any(read.times for reads in times.values() for read in reads)
    values = (row.time_value for row in methods if unit_of(row.time_unit) is None and not _fee_in_time(row))
    fallback = times_of_steps(steps, values) if unclear or no_time else ()
    channels = tuple(_channel(how, times[how], fees[how], fallback) for how in _ORDER if how in times)
    conflict = any(read.conflict for reads in fees.values() for read in reads)
    unclear = unclear or any(_like_a_fee(channel) for channel in channels)
    return ReadChannels(_conditional(_same_free(channels, conflict), steps), conflict, unclear)


def _fee_in_time(row: RawMethod) -> bool:
    """Return whether a fee ran into the time's number: the fee's text begins with its currency."""
    told = (row.fee_text or row.description or "").strip()
    return (row.time_value or 0) >= _RUN_IN and bool(pattern("fees.currency_first").match(told))


def _like_a_fee(channel: Channel) -> bool:
    """Return whether a time has the number of a fee beside it: one may have run into the other (trap 3)."""
    return bool({time.value for time in channel.times if time.value} & {fee.amount for fee in channel.fees})


def _conditional(channels: tuple[Channel, ...], steps: str | None) -> tuple[Channel, ...]:
    """Take back a bare "free" where the steps tell of a fee in some cases, or of money owed besides."""
    told = (steps or "").replace("\n", " ")
    rules = fee_rules()
    note = rules.note_if_due if pattern("fees.step_due").search(told) else None
    note = note or (rules.note_duty if pattern("fees.step_duty").search(told) else None)
    if note is None:
        return channels
    zero = (Fee(amount=0, note=note),)
    return tuple(
        channel.model_copy(update={"fees": zero, "fee_status": FeeStatus.VARIES})
        if channel.fee_status is FeeStatus.FREE and not channel.fees
        else channel
        for channel in channels
    )


def _unglued(methods: list[RawMethod]) -> list[RawMethod]:
    """Take a time's lone digit off the fee that it ran into ("1" and "50,000" printed as "150,000").

    Only where another row of the record prints the fee without that digit.
    """
    heads = {match[1] for row in methods if (match := _PRINTED.match(row.fee_text or row.description or ""))}
    fixed: list[RawMethod] = []
    for row in methods:
        match = _PRINTED.match(row.description or "")
        if match and not row.fee_text and match[1][1:] in heads:
            row = row.model_copy(update={"description": (row.description or "")[1:]})  # noqa: PLW2901
        fixed.append(row)
    return fixed


def _channel(
    how: How, times: list[ReadTimes], fees: list[ReadFees], fallback: tuple[ProcessingTime, ...]
) -> Channel:
    told = joined([read.times for read in times]) or fallback
    all_fees = _unique_fees([fee for read in fees for fee in read.fees])
    status = _joined([read.status for read in fees], all_fees)
    return Channel(how=how, times=told, fees=all_fees, fee_status=status)


def _joined(statuses: list[FeeStatus], fees: tuple[Fee, ...]) -> FeeStatus:
    """Several rows of one channel: the least certain wins; free beside paid varies by case."""
    found = set(statuses)
    if found == {FeeStatus.FREE, FeeStatus.PAID} or (
        FeeStatus.PAID in found and len({fee.amount for fee in fees if fee.amount}) > 1
    ):
        return FeeStatus.VARIES if FeeStatus.CONFLICTING not in found else FeeStatus.CONFLICTING
    if found == {FeeStatus.FREE, FeeStatus.UNKNOWN}:
        return FeeStatus.UNKNOWN
    return next(status for status in _SEVERITY if status in found)


def _same_free(channels: tuple[Channel, ...], conflict: bool) -> tuple[Channel, ...]:
    """A record whose fee is contradicted on one channel is not "free" on another that merely prints zero."""
    if not conflict:
        return channels
    told = next((c for c in channels if c.fees and c.fee_status is not FeeStatus.FREE), None)
    doubtful = {FeeStatus.FREE, FeeStatus.CONFLICTING}
    update = (
        {"fee_status": told.fee_status, "fees": told.fees} if told else {"fee_status": FeeStatus.CONFLICTING}
    )
    return tuple(
        channel.model_copy(update=update) if channel.fee_status in doubtful and not channel.fees else channel
        for channel in channels
    )


def _unique_fees(fees: list[Fee]) -> tuple[Fee, ...]:
    return tuple(dict.fromkeys(fees))


def read_extra_channels(methods: list[ExtraMethod]) -> ReadChannels:
    """Read the method rows of a transcribed record. No fee stated means unknown, never free."""
    channels: dict[How, Channel] = {}
    conflict = unclear = False
    for row in methods:
        how = _HOW.get(row.channel)
        if how is None:
            continue
        read = read_times(row.time_value, row.time_unit, row.time_note, brief=True)
        fees, status = _extra_fees(row)
        conflict = conflict or status is FeeStatus.CONFLICTING
        unclear = unclear or read.unclear or "conflict" in (row.time_note or "")
        known = channels.get(how)
        if known:
            read = ReadTimes(joined([known.times, read.times]), read.unclear)
            fees = _unique_fees([*known.fees, *fees])
            status = _joined([known.fee_status, status], fees)
        channels[how] = Channel(how=how, times=joined([read.times]), fees=fees, fee_status=status)
    ordered = tuple(channels[how] for how in _ORDER if how in channels)
    return ReadChannels(_same_free(ordered, conflict), conflict, unclear)


def _extra_fees(row: ExtraMethod) -> tuple[tuple[Fee, ...], FeeStatus]:
    fees: list[Fee] = []
    statuses: list[FeeStatus] = []
    for raw in row.fees:
        note = (raw.note or "").strip()
        told = note.replace("conflict;", "").replace("conflict:", "").replace("conflict", "").strip(" ;,:")
        if raw.amount is not None and raw.amount > 0:
            fees.append(Fee(amount=int(raw.amount), note=_note(told)))
            statuses.append(FeeStatus.PAID)
        elif raw.amount == 0 and "conflict" not in note:
            statuses.append(FeeStatus.FREE if not fees_in(told) else FeeStatus.CONFLICTING)
        elif fee_rules().by_province.search(told):
            fees.append(Fee(note=fee_rules().note_by_province))
            statuses.append(FeeStatus.VARIES)
        fees += [fee for fee in fees_in(told) if all(fee.amount != known.amount for known in fees)]
        if "conflict" in note:
            statuses.append(FeeStatus.CONFLICTING)
    unique = _unique_fees(fees)
    if not statuses:
        statuses = [FeeStatus.VARIES if any(fee.amount for fee in unique) else FeeStatus.UNKNOWN]
    return unique, _joined(statuses, unique)


def _note(text: str) -> str | None:
    note = phrase(tidy(text), limit=110)
    return capitalise(note) if note and len(note) >= 4 else None


def online_level(hows: tuple[How, ...], name: str) -> OnlineLevel:
    """Return ONLINE where an online channel is listed, NONE where only others are, UNKNOWN where none is.

    FULL where the official `name` itself says that it goes online the whole way ("toàn trình").
    """
    if not hows:
        return OnlineLevel.UNKNOWN
    if How.ONLINE in hows and _WHOLE_WAY in fold(name):
        return OnlineLevel.FULL
    return OnlineLevel.ONLINE if How.ONLINE in hows else OnlineLevel.NONE


def entries(hows: tuple[How, ...], told: str) -> tuple[Entry, ...]:
    """Return where a dossier can enter; VNeID only where the source names it."""
    found: list[Entry] = []
    if How.ONLINE in hows:
        found.append(Entry.PORTAL)
        if "vneid" in told.lower() or "ứng dụng định danh quốc gia" in told.lower():
            found.append(Entry.VNEID)
        if "cổng dịch vụ công bộ" in told.lower():
            found.append(Entry.MINISTRY)
    if How.COUNTER in hows:
        found.append(Entry.COUNTER)
    if How.POST in hows:
        found.append(Entry.POST)
    return tuple(found)
