"""The check of a dossier before it is handed in: one question at a time, then what is missing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogue.decision import Mark
from bot.dialogue.dossier import CaseView, Dossier, Need, Way
from bot.dialogue.state import CheckPosition

ASK_WAY, ASK_CASE, FINISHED = "?way", "?case", ""
_ANSWERS = {Mark.HAVE: "have", Mark.LACK: "lack", Mark.OTHER: "other"}


@dataclass(frozen=True, slots=True)
class Checked:
    """Where the check stands: the question open now, or the outcome where `position.at` is FINISHED.

    `ways` and `cases` are what can be chosen; `need` the paper asked about, the `number`th of `count`.
    """

    position: CheckPosition
    ways: tuple[Way, ...] = ()
    cases: tuple[CaseView, ...] = ()
    need: Need | None = None
    number: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The papers of the person's case, by what was said of them; `open` were not asked about yet."""

    way: Way
    case: CaseView
    have: tuple[Need, ...]
    lack: tuple[Need, ...]
    open: tuple[Need, ...]


def mark(
    dossier: Dossier,
    ways: Sequence[Way],
    position: CheckPosition | None,
    move: Mark,
    option: str | None = None,
) -> Checked:
    """Return where `move` leads. `ways`: how the dossier can be handed in; `option` is what is chosen."""
    if position is None or position.code != dossier.code or move is Mark.START:
        return _asking(dossier, ways, CheckPosition(code=dossier.code))
    position = position.model_copy(update={"running": move is not Mark.STOP})
    if move is Mark.SUMMARY and _case(dossier, ways, position) is not None:
        return _shown(dossier, ways, position, FINISHED)
    if move is Mark.BACK:
        return _back(dossier, ways, position)
    if move is Mark.WAY and option in set(ways):
        position = position.model_copy(update={"way": option, "case": None})
    elif move is Mark.CASE and any(case.id == option for case in dossier.cases):
        position = position.model_copy(update={"case": option})
    elif move in _ANSWERS:
        position = _answered(position, _ANSWERS[move])
    return _asking(dossier, ways, position)


def outcome(dossier: Dossier, ways: Sequence[Way], position: CheckPosition) -> Outcome | None:
    """Return what was said so far; None while way or case are unknown."""
    way, case = _way(ways, position), _case(dossier, ways, position)
    if way is None or case is None:
        return None
    needs = [need for need in case.by_way(way) if need.id not in position.other]
    return Outcome(
        way,
        case,
        tuple(need for need in needs if need.id in position.have),
        tuple(need for need in needs if need.id in position.lack),
        tuple(need for need in needs if need.id not in (*position.have, *position.lack)),
    )


def _asking(dossier: Dossier, ways: Sequence[Way], position: CheckPosition) -> Checked:
    """Return the first question that is still open."""
    way = _way(ways, position)
    if way is None:
        return _shown(dossier, ways, position, ASK_WAY)
    case = _case(dossier, ways, position)
    if case is None:
        return _shown(dossier, ways, position, ASK_CASE)
    told = {*position.have, *position.lack, *position.other}
    left = next((need.id for need in case.by_way(way) if need.id not in told), FINISHED)
    return _shown(dossier, ways, position, left)


def _shown(dossier: Dossier, ways: Sequence[Way], position: CheckPosition, at: str) -> Checked:
    here = position.model_copy(update={"at": at})
    way, case = _way(ways, position), _case(dossier, ways, position)
    if at == ASK_WAY:
        return Checked(here, ways=tuple(ways))
    if at == ASK_CASE and way is not None:
        return Checked(here, cases=dossier.by_way(way))
    if at == FINISHED or way is None or case is None:
        return Checked(here)
    needs = case.by_way(way)
    number = next(place for place, need in enumerate(needs, start=1) if need.id == at)
    return Checked(here, need=needs[number - 1], number=number, count=len(needs))


def _answered(position: CheckPosition, answer: str) -> CheckPosition:
    if position.at in {ASK_WAY, ASK_CASE, FINISHED}:
        return position
    lists = {
        name: tuple(i for i in getattr(position, name) if i != position.at) for name in _ANSWERS.values()
    }
    lists[answer] = (*lists[answer], position.at)
    return position.model_copy(update=lists)


def _back(dossier: Dossier, ways: Sequence[Way], position: CheckPosition) -> Checked:
    """Take the answer before this question back, and ask it again."""
    way, case = _way(ways, position), _case(dossier, ways, position)
    needs = case.by_way(way) if way is not None and case is not None else ()
    ids = [need.id for need in needs]
    place = ids.index(position.at) if position.at in ids else len(ids)
    if position.at in {ASK_WAY, ASK_CASE}:
        place = 0
    if place > 0:
        before = ids[place - 1]
        kept = {name: tuple(i for i in getattr(position, name) if i != before) for name in _ANSWERS.values()}
        return _shown(dossier, ways, position.model_copy(update=kept), before)
    if position.case is not None:
        return _asking(dossier, ways, position.model_copy(update={"case": None}))
    return _asking(dossier, ways, position.model_copy(update={"way": None, "case": None}))


def _way(ways: Sequence[Way], position: CheckPosition) -> Way | None:
    if len(ways) == 1:
        return ways[0]
    return next((way for way in ways if way == position.way), None)


def _case(dossier: Dossier, ways: Sequence[Way], position: CheckPosition) -> CaseView | None:
    way = _way(ways, position)
    cases = dossier.by_way(way) if way is not None else ()
    if len(cases) == 1:
        return cases[0]
    chosen = dossier.case(position.case)
    return chosen if chosen in cases else None
