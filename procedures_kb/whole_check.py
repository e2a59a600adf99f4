"""Checks all that the assistant knows beside the records: cards, life events, communes, what is beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from procedures_kb import beyond, beyond_check, centres, lay_names, life_events
from procedures_kb.beyond import BEYOND, BrokenBeyond
from procedures_kb.card_check import check_cards
from procedures_kb.cards import CARDS
from procedures_kb.catalogue import Catalogue
from procedures_kb.centres import CENTRES, BrokenCentres
from procedures_kb.check import Problem
from procedures_kb.commune_units import COMMUNES
from procedures_kb.communes import BrokenCommunes, Communes
from procedures_kb.lay_names import LAY_NAMES, BrokenLayNames
from procedures_kb.life_events import LIFE_EVENTS, BrokenLifeEvent

MIN_CARDS = 150
MIN_EVENTS = 11


@dataclass(frozen=True)
class Folders:
    """Where the data beside the records stands."""

    cards: Path = CARDS
    events: Path = LIFE_EVENTS
    centres: Path = CENTRES
    communes: Path = COMMUNES
    beyond: Path = BEYOND
    lay_names: Path = LAY_NAMES


@dataclass(frozen=True)
class BesideReport:
    """How many cards, life events, communes and subjects beyond us could be read, and all their problems."""

    cards: int
    events: int
    communes: int
    beyond: int
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_beside(catalogue: Catalogue, folders: Folders | None = None) -> BesideReport:
    """Hold the shipped cards, life events and communes against `catalogue`, and count them."""
    at = folders or Folders()
    problems: list[Problem] = []
    held = check_cards(catalogue, at.cards)
    problems += [Problem(p.file, Path(p.file).stem, f"{p.where}: {p.reason}") for p in held.problems]
    if len(held.cards) < MIN_CARDS:
        problems.append(Problem(at.cards.name, "", f"{len(held.cards)} cards, at least {MIN_CARDS} needed"))
    events = _events(catalogue, at, problems)
    communes = _communes(at, problems)
    subjects = _beyond(catalogue, at, problems)
    return BesideReport(len(held.cards), events, communes, subjects, tuple(problems))


def _events(catalogue: Catalogue, at: Folders, problems: list[Problem]) -> int:
    try:
        events = life_events.load(at.events)
    except BrokenLifeEvent as error:
        problems.append(Problem(at.events.name, "", str(error)))
        return 0
    wrongs = life_events.wrongs(events, catalogue)
    problems += [Problem(at.events.name, "", f"{where}: {reason}") for where, reason in wrongs]
    if len(events.by_id) < MIN_EVENTS:
        problems.append(Problem(at.events.name, "", f"{len(events.by_id)} life events, {MIN_EVENTS} needed"))
    return len(events.by_id)


def _beyond(catalogue: Catalogue, at: Folders, problems: list[Problem]) -> int:
    try:
        known = beyond.load(at.beyond)
        named = lay_names.load(at.lay_names)
    except (BrokenBeyond, BrokenLayNames) as error:
        problems.append(Problem(at.beyond.name, "", str(error)))
        return 0
    wrongs = beyond_check.wrongs(known, catalogue, named)
    problems += [Problem(at.beyond.name, "", f"{where}: {reason}") for where, reason in wrongs]
    return len(known.by_id)


def _communes(at: Folders, problems: list[Problem]) -> int:
    try:
        known = centres.load(at.centres)
        communes = Communes.load(at.communes, known.covered.name)
    except (BrokenCentres, BrokenCommunes) as error:
        problems.append(Problem(at.centres.name, "", str(error)))
        return 0
    problems += [Problem(at.communes.name, "", reason) for reason in _places(known, communes)]
    return len(communes.of(known.covered.name))


def _places(known: centres.Centres, communes: Communes) -> Iterator[str]:
    home = known.covered
    found = len(communes.of(home.name))
    if found != home.communes:
        yield f"{found} communes of {home.name}, exactly {home.communes} needed"
    for name in communes.unknown(centre.commune for centre in known.local):
        yield f"a centre of no commune: {name}"
    for commune in communes.of(home.name):
        if not communes.formed_from(commune):
            yield f"formed from no former unit: {commune.full}"
