"""Fees and times: what changed in a channel, and one sentence for the channels that changed alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from procedures_kb.diff.changes import Change, ChangeKind, Say
from procedures_kb.diff.words import Words, key_of
from procedures_kb.model import Channel, Fee, FeeStatus, How, Procedure, ProcessingTime

_T = TypeVar("_T", Fee, ProcessingTime)
_Deltas = Callable[[Channel, Channel, Words], Iterator["_Delta"]]


@dataclass(frozen=True)
class _Delta:
    """What changed in one channel, not yet naming it."""

    say: Say
    case: str | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def fee_changes(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    """Yield the changes of fees in the channels that both have."""
    return _of_channels(old, new, words, ChangeKind.FEE, _fees)


def time_changes(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    """Yield the changes of time limits in the channels that both have."""
    return _of_channels(old, new, words, ChangeKind.TIME, _times)


def _of_channels(
    old: Procedure, new: Procedure, words: Words, kind: ChangeKind, deltas: _Deltas
) -> Iterator[Change]:
    before, after = ({channel.how: channel for channel in one.channels} for one in (old, new))
    common = [how for how in How if how in before and how in after]
    channels: dict[_Delta, list[How]] = {}
    for how in common:
        for delta in deltas(before[how], after[how], words):
            channels.setdefault(delta, []).append(how)
    for delta, hows in channels.items():
        everywhere = len(hows) == len(common) and (len(common) > 1 or kind is ChangeKind.TIME)
        where = () if everywhere else tuple(hows)
        sentence = words.templates[delta.say].format(
            where=words.where(where),
            case=f" ({delta.case})" if delta.case else "",
            before="; ".join(delta.before),
            after="; ".join(delta.after),
        )
        yield Change(
            kind, new.code, new.short_name, sentence, delta.before, delta.after, where, about=delta.case
        )


def _fees(old: Channel, new: Channel, words: Words) -> Iterator[_Delta]:
    if old.fee_status is new.fee_status and old.fee_status in {FeeStatus.PAID, FeeStatus.VARIES}:
        yield from _lines(old.fees, new.fees, _FeeLines(words))
        return
    before, after = words.fees(old), words.fees(new)
    if (old.fee_status, Counter(old.fees)) == (new.fee_status, Counter(new.fees)) or before == after:
        return
    say = Say.FEE_OTHER
    if old.fee_status is FeeStatus.UNKNOWN:
        say = Say.FEE_NOW_KNOWN
    elif new.fee_status is FeeStatus.UNKNOWN:
        say = Say.FEE_NOW_UNCLEAR
    elif new.fee_status is FeeStatus.FREE:
        say = Say.FEE_NOW_FREE
    yield _Delta(say, None, (before,), (after,))


def _times(old: Channel, new: Channel, words: Words) -> Iterator[_Delta]:
    return _lines(old.times, new.times, _TimeLines(words))


@dataclass(frozen=True)
class _Lines(ABC, Generic[_T]):
    """How one sort of lines is said and compared."""

    words: Words
    added: ClassVar[Say]
    removed: ClassVar[Say]
    other: ClassVar[Say]

    @abstractmethod
    def say(self, line: _T) -> str:
        """Return the line without its case."""

    @abstractmethod
    def unit(self, line: _T) -> str | None:
        """Return what tells lines of one case apart."""

    @abstractmethod
    def turned(self, old: _T, new: _T) -> Say:
        """Return how one line became the other; only what differs in nothing else is less or more."""


class _FeeLines(_Lines[Fee]):
    added, removed, other = Say.FEE_ADDED, Say.FEE_REMOVED, Say.FEE_OTHER

    def say(self, line: Fee) -> str:
        return self.words.fee(line)

    def unit(self, line: Fee) -> str | None:
        return line.unit

    def turned(self, old: Fee, new: Fee) -> Say:
        if old.model_copy(update={"amount": new.amount, "case": new.case}) != new:
            return self.other
        return _direction(old.amount, new.amount, Say.FEE_LESS, Say.FEE_MORE, self.other)


class _TimeLines(_Lines[ProcessingTime]):
    added, removed, other = Say.TIME_ADDED, Say.TIME_REMOVED, Say.TIME_OTHER

    def say(self, line: ProcessingTime) -> str:
        return self.words.time(line)

    def unit(self, line: ProcessingTime) -> str | None:
        return None  # five days that become three hours are one change

    def turned(self, old: ProcessingTime, new: ProcessingTime) -> Say:
        if old.model_copy(update={"value": new.value, "case": new.case}) != new:
            return self.other
        return _direction(old.value, new.value, Say.TIME_LESS, Say.TIME_MORE, self.other)


def _lines(old: Sequence[_T], new: Sequence[_T], sort: _Lines[_T]) -> Iterator[_Delta]:
    """Compare the lines of a channel, in whatever order they come.

    Lines of the same case belong together; where cases repeat, the whole sets are told.
    """
    gone = list((Counter(old) - Counter(new)).elements())
    come = list((Counter(new) - Counter(old)).elements())
    before, after = ({_key(line, sort): line for line in lines} for lines in (gone, come))
    if len(gone) == len(come) == 1 and key_of(gone[0].case or "") == key_of(come[0].case or ""):
        yield from _turned(gone[0], come[0], sort)
        return
    if len(before) < len(gone) or len(after) < len(come):
        yield from _sets(Counter(_told(gone, sort)), Counter(_told(come, sort)), sort)
        return
    for key, line in before.items():
        if key in after:
            yield from _turned(line, after[key], sort)
        else:
            yield _Delta(sort.removed, None, _told([line], sort))
    yield from (_Delta(sort.added, None, (), _told([after[key]], sort)) for key in after if key not in before)


def _key(line: _T, sort: _Lines[_T]) -> tuple[str, str]:
    return key_of(line.case or ""), key_of(sort.unit(line) or "")


def _turned(old: _T, new: _T, sort: _Lines[_T]) -> Iterator[_Delta]:
    """Tell one line's change; a difference that nobody could read is none."""
    before, after = sort.say(old), sort.say(new)
    if key_of(before) != key_of(after):
        yield _Delta(sort.turned(old, new), new.case, (before,), (after,))


def _sets(before: Counter[str], after: Counter[str], sort: _Lines[_T]) -> Iterator[_Delta]:
    gone, come = (tuple(sorted(some.elements())) for some in (before - after, after - before))
    if gone or come:
        say = sort.other if gone and come else sort.added if come else sort.removed
        yield _Delta(say, None, gone, come)


def _told(lines: Sequence[_T], sort: _Lines[_T]) -> tuple[str, ...]:
    return tuple(sort.words.of_case(line.case, sort.say(line)) for line in lines)


def _direction(old: float | None, new: float | None, less: Say, more: Say, other: Say) -> Say:
    if old is None or new is None or old == new:
        return other
    return less if new < old else more
