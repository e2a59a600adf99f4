"""Cards of everyday life: a procedure in plain words, held against its record (`data/curated/`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from procedures_kb.model import Code, Paper, Procedure, Record, Title
from procedures_kb.yaml_files import read_model
from vietnamese import fold, spaced

CARDS = Path(__file__).parent / "data" / "curated"
EVENTS = (
    "birth",
    "marriage",
    "death",
    "land_house",
    "moving",
    "open_shop",
    "work_away",
    "old_age",
    "lost_papers",
    "build_house",
    "farming",
)

Plain = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=220)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=40)]
CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]


class BrokenCard(ValueError):
    """A file of `data/curated/` that cannot be served; the message names the file and the reason."""


class ChecklistLine(Record):
    """One paper of a checklist. `say` is shown; `paper` names the record's paper that it stands for."""

    say: Plain
    paper: Title


class CardCase(Record):
    """One situation, as a citizen would name it, with its whole checklist.

    `without` lists papers that the record asks for always and that this case does not need after all,
    because the record's own wording ties them to another case.
    """

    id: CaseId
    label: Label
    when: Plain | None = None
    papers: Annotated[tuple[ChecklistLine, ...], Field(min_length=1)]
    without: tuple[Title, ...] = ()


class Mistake(Record):
    """What sends dossiers back; `paper` where the mistake is about one paper of the record."""

    say: Plain
    paper: Title | None = None


class Sibling(Record):
    """Another procedure that people take for this one: go there when `when` holds ("Nếu …")."""

    code: Code
    when: Plain


class Card(Record):
    """A procedure in plain words.

    Everything but `advice` is held against the record: no paper, number or amount may stand here that does
    not stand there. `advice` is ours and marked as such; it may name no paper, amount or time limit. `rest`
    is said where the record has papers for cases that the card leaves out.
    """

    code: Code
    what: Plain
    who: Plain
    events: tuple[str, ...] = ()
    cases: Annotated[tuple[CardCase, ...], Field(min_length=1, max_length=6)]
    rest: Plain | None = None
    mistakes: Annotated[tuple[Mistake, ...], Field(min_length=1, max_length=5)]
    advice: Annotated[tuple[Plain, ...], Field(max_length=4)] = ()
    ask: Plain | None = None
    siblings: Annotated[tuple[Sibling, ...], Field(max_length=5)] = ()

    def case(self, case_id: str | None) -> CardCase | None:
        """Return the case of that id; None where the card has none."""
        return next((case for case in self.cases if case.id == case_id), None)

    @field_validator("events")
    @classmethod
    def _known(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [event for event in events if event not in EVENTS]:
            raise ValueError(f"not a life event: {', '.join(unknown)}; there are {', '.join(EVENTS)}")
        return events

    @field_validator("cases")
    @classmethod
    def _told_apart(cls, cases: tuple[CardCase, ...]) -> tuple[CardCase, ...]:
        for kind, names in (("id", [c.id for c in cases]), ("label", [c.label for c in cases])):
            if len(set(names)) < len(names):
                raise ValueError(f"two cases have the same {kind}")
        return cases


def papers_named(procedure: Procedure, title: str) -> tuple[Paper, ...]:
    """Return the record's papers that `title` names wholly; failing that those that it names in part."""
    wanted = spaced(fold(title))
    titles = [(paper, _titles(paper)) for case in procedure.documents for paper in case.items]
    whole = tuple(paper for paper, names in titles if wanted in names)
    return whole or tuple(paper for paper, names in titles if any(wanted in name for name in names))


def _titles(paper: Paper) -> tuple[str, ...]:
    forms = (paper.form,) if paper.form else ()
    return tuple(spaced(fold(title)) for title in (paper.name, *paper.alternatives, *forms))


def read_card(file: Path) -> Card:
    """Return the card of `file`, which is named after its code.

    Raises BrokenCard, naming the file and the reason.
    """
    card = read_model(file, Card, BrokenCard)
    if file.stem != card.code:
        raise BrokenCard(f"{file.name}: holds {card.code}; name the file {card.code}.yaml")
    return card


def card_files(folder: Path = CARDS) -> list[Path]:
    """Return the files of all cards, in the order of their codes."""
    return sorted(folder.glob("*/*.yaml"), key=lambda file: file.name)


def load(folder: Path = CARDS) -> Mapping[str, Card]:
    """Return every card under its code.

    Raises BrokenCard for the first file that cannot be served, and for a code with two cards.
    """
    cards: dict[str, Card] = {}
    for file in card_files(folder):
        card = read_card(file)
        if card.code in cards:
            raise BrokenCard(f"{file.parent.name}/{file.name}: {card.code} has another card")
        cards[card.code] = card
    return MappingProxyType(cards)
