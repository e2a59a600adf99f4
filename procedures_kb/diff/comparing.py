"""Compares two catalogues, procedure by procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import groupby
from types import MappingProxyType

from procedures_kb.catalogue import Catalogue
from procedures_kb.diff.amounts import fee_changes, time_changes
from procedures_kb.diff.changes import Change, ChangedProcedure, ChangeKind, Say
from procedures_kb.diff.papers import paper_changes
from procedures_kb.diff.words import Words, key_of, our_words
from procedures_kb.model import Detail, How, OnlineLevel, Procedure
from vietnamese import normalise

_KINDS = {
    Say.ABOLISHED: ChangeKind.ABOLISHED,
    Say.NEW: ChangeKind.NEW,
    Say.NAME: ChangeKind.NAME,
    Say.LEVEL: ChangeKind.LEVEL,
    Say.AGENCY: ChangeKind.AGENCY,
    Say.DETAIL_KNOWN: ChangeKind.DETAIL,
    Say.DETAIL_LOST: ChangeKind.DETAIL,
    Say.CHANNELS_KNOWN: ChangeKind.DETAIL,
    Say.CHANNELS_LOST: ChangeKind.DETAIL,
    Say.CHANNEL_ADDED: ChangeKind.CHANNEL,
    Say.CHANNEL_REMOVED: ChangeKind.CHANNEL,
    Say.ONLINE_GAINED: ChangeKind.ONLINE,
    Say.ONLINE_GAINED_HOW: ChangeKind.ONLINE,
    Say.ONLINE_KNOWN: ChangeKind.ONLINE,
    Say.ONLINE_LOST: ChangeKind.ONLINE,
    Say.ONLINE_UNCLEAR: ChangeKind.ONLINE,
    Say.ONLINE_OTHER: ChangeKind.ONLINE,
    Say.LEGAL_CHANGED: ChangeKind.LEGAL_BASIS,
    Say.LEGAL_ADDED: ChangeKind.LEGAL_BASIS,
    Say.LEGAL_REMOVED: ChangeKind.LEGAL_BASIS,
}


def changes(old: Catalogue, new: Catalogue, words: Words | None = None) -> tuple[Change, ...]:
    """Return what changed from `old` to `new`, the procedures with the most important changes first.

    A code of `old` that `new` lacks counts as abolished: compare whole catalogues. What only moved (rows,
    channels, cases in another order, spelling of spaces and accents) is no change, and a record that tells
    more or less than before is one change of kind DETAIL, not many.
    """
    told = words or our_words()
    found = {code: _of_one(old.by_code.get(code), new.by_code.get(code), told) for code in _codes(old, new)}
    ranked = {
        code: sorted(some, key=lambda change: told.rank(change.kind)) for code, some in found.items() if some
    }
    order = sorted(ranked, key=lambda code: (told.rank(ranked[code][0].kind), code))
    return tuple(change for code in order for change in ranked[code])


def grouped(found: Iterable[Change]) -> tuple[ChangedProcedure, ...]:
    """Return the changes by procedure, in the order in which `changes` gives them."""
    return tuple(
        ChangedProcedure(code, (several := tuple(some))[0].name, several)
        for code, some in groupby(found, key=lambda change: change.code)
    )


def summary(found: Iterable[Change], words: Words | None = None) -> Mapping[ChangeKind, int]:
    """Return how many changes there are of each kind that occurs, the most important first."""
    counts = Counter(change.kind for change in found)
    order = (words or our_words()).kinds
    return MappingProxyType({kind: counts[kind] for kind in order if counts[kind]})


def _codes(old: Catalogue, new: Catalogue) -> list[str]:
    return sorted(old.by_code.keys() | new.by_code.keys())


def _of_one(old: Procedure | None, new: Procedure | None, words: Words) -> list[Change]:
    if old == new:
        return []
    if old is None or new is None:
        return [_whole(old, new, words)]
    found = [*_name(old, new, words), *_levels(old, new, words), *_agency(old, new, words)]
    if old.detail is not new.detail:
        say = Say.DETAIL_KNOWN if new.detail is Detail.FULL else Say.DETAIL_LOST
        return [*found, _plain(new, words, say)]
    return [
        *found,
        *fee_changes(old, new, words),
        *paper_changes(old, new, words),
        *time_changes(old, new, words),
        *_online(old, new, words),
        *_channels(old, new, words),
        *_legal(old, new, words),
    ]


def _whole(old: Procedure | None, new: Procedure | None, words: Words) -> Change:
    if new is not None:
        return _plain(new, words, Say.NEW, after=(new.name,))
    assert old is not None, "one of the two exists"  # noqa: S101
    return _plain(old, words, Say.ABOLISHED, before=(old.name,))


def _plain(
    one: Procedure,
    words: Words,
    say: Say,
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
) -> Change:
    sentence = words.templates[say].format(before=", ".join(before), after=", ".join(after))
    return Change(_KINDS[say], one.code, one.short_name, sentence, before, after)


def _name(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    if normalise(old.name).casefold() != normalise(new.name).casefold():
        yield _plain(new, words, Say.NAME, (old.name,), (new.name,))


def _levels(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    if set(old.levels) == set(new.levels):
        return
    before, after = (
        tuple(words.levels[level] for level in words.levels if level in one.levels)
        or (words.phrases.unknown,)
        for one in (old, new)
    )
    yield _plain(new, words, Say.LEVEL, before, after)


def _agency(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    before, after = (one.agency or words.phrases.unknown for one in (old, new))
    if key_of(before) != key_of(after):
        yield _plain(new, words, Say.AGENCY, (before,), (after,))


def _online(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    if old.online_level is not new.online_level:
        before, after = (words.online_levels[one.online_level] for one in (old, new))
        yield _plain(new, words, _online_say(old.online_level, new.online_level), (before,), (after,))


def _online_say(old: OnlineLevel, new: OnlineLevel) -> Say:
    if old is OnlineLevel.UNKNOWN:
        return Say.ONLINE_KNOWN
    if new is OnlineLevel.UNKNOWN:
        return Say.ONLINE_UNCLEAR
    if new is OnlineLevel.NONE:
        return Say.ONLINE_LOST
    if old is OnlineLevel.NONE:
        return Say.ONLINE_GAINED if new is OnlineLevel.ONLINE else Say.ONLINE_GAINED_HOW
    return Say.ONLINE_OTHER


def _channels(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    before, after = ({channel.how for channel in one.channels} for one in (old, new))
    if bool(before) != bool(after):
        say = Say.CHANNELS_KNOWN if after else Say.CHANNELS_LOST
        yield _plain(new, words, say, after=_names(after, words))
        return
    told = {How.ONLINE} if old.online_level is not new.online_level else set()
    if added := _names(after - before - told, words):
        yield _plain(new, words, Say.CHANNEL_ADDED, (), added)
    if removed := _names(before - after - told, words):
        yield _plain(new, words, Say.CHANNEL_REMOVED, removed)


def _names(hows: Set[How], words: Words) -> tuple[str, ...]:
    return tuple(words.channels[how] for how in How if how in hows)


def _legal(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    before, after = ({legal.number: None for legal in one.legal_basis} for one in (old, new))
    gone = tuple(number for number in before if number not in after)
    come = tuple(number for number in after if number not in before)
    if gone or come:
        say = Say.LEGAL_CHANGED if gone and come else Say.LEGAL_ADDED if come else Say.LEGAL_REMOVED
        yield _plain(new, words, say, gone, come)
