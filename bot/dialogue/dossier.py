"""What a dossier needs, case by case: from the card where there is one, else from the record. Pure.

Walk-through, check and printed page read the papers here, so that they cannot say different things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.replies.renderer import load_labels
from procedures_kb.cards import Card, CardCase, papers_named
from procedures_kb.model import DocumentKind, Paper, Procedure
from vietnamese import fold, normalise

OTHER_CASE = "none"
ONLY_CASE = "only"


class Way(StrEnum):
    """How the dossier is handed in."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"


class Shape(StrEnum):
    """In which shape a paper is wanted, as far as the record tells it."""

    ORIGINAL = "original"
    COPY = "copy"
    CERTIFIED = "certified"  # a copy that the record wants certified
    BOTH = "both"  # originals and copies
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Need:
    """One paper. `say` is what it is called to the citizen, `paper` the record's paper behind it.

    `id` is made of the paper's name: it stays when the list around it changes. `ways` are the ways of
    handing in with which it is needed at all. `optional`: the record ties it to a condition (`when`).
    """

    id: str
    say: str
    paper: Paper
    ways: tuple[Way, ...] = tuple(Way)

    @property
    def optional(self) -> bool:
        """Return whether it is needed only under a condition that the citizen has to judge."""
        return self.paper.when is not None and self.ways == tuple(Way)

    @property
    def own_words(self) -> bool:
        """Return whether `say` is a card's wording, and not the record's own name of the paper."""
        return self.say != self.paper.name

    @property
    def shown_only(self) -> bool:
        """Return whether it is only shown, and not handed in."""
        return self.paper.kind is DocumentKind.SHOW

    @property
    def shape(self) -> Shape:
        """Return in which shape the record wants it."""
        paper = self.paper
        if paper.copies and paper.originals:
            return Shape.BOTH
        if paper.copies:
            certified = load_labels().certified_words
            said = fold(f"{paper.name} {paper.when or ''}")
            return Shape.CERTIFIED if any(word in said for word in certified) else Shape.COPY
        return Shape.ORIGINAL if paper.originals else Shape.UNSAID


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case to choose, with its papers and what the source remarks beside them."""

    id: str
    label: str
    needs: tuple[Need, ...]
    notes: tuple[str, ...] = ()

    @property
    def online_only(self) -> bool:
        """Return whether its name says that it is handed in online."""
        return any(word in fold(self.label) for word in load_labels().online_words)

    def by_way(self, way: Way) -> tuple[Need, ...]:
        """Return the papers needed where the dossier is handed in that way."""
        return tuple(need for need in self.needs if way in need.ways)


@dataclass(frozen=True, slots=True)
class Dossier:
    """All cases of a procedure, one where nothing is to be chosen. `rest`: what its card leaves out."""

    code: str
    cases: tuple[CaseView, ...]
    rest: str | None = None

    def case(self, case_id: str | None) -> CaseView | None:
        """Return the case with this id, None where there is none (any more)."""
        return next((case for case in self.cases if case.id == case_id), None)

    def by_way(self, way: Way) -> tuple[CaseView, ...]:
        """Return the cases that can be meant where the dossier is handed in that way."""
        return tuple(case for case in self.cases if way is Way.ONLINE or not case.online_only)


def dossier_of(procedure: Procedure, card: Card | None) -> Dossier:
    """Return the dossier of `procedure`; without cases where the record names no paper."""
    if card is not None:
        cases = tuple(_of_card(procedure, case) for case in card.cases)
        return Dossier(procedure.code, cases, card.rest)
    return Dossier(procedure.code, _of_record(procedure))


def _of_card(procedure: Procedure, case: CardCase) -> CaseView:
    found = ((line, papers_named(procedure, line.paper)) for line in case.papers)
    needs: dict[str, Need] = {}
    for line, papers in found:
        if papers:
            # Two lines may stand for one paper ("or else …"): the second one's id is made of its own words.
            own = need_id(papers[0].name)
            own = need_id(line.say) if own in needs else own
            needs[own] = Need(own, line.say.rstrip("."), papers[0], _ways(papers[0]))
    return CaseView(case.id, case.label, tuple(needs.values()))


def _of_record(procedure: Procedure) -> tuple[CaseView, ...]:
    """One case for each that the record names, and one for whoever is in none of them; each with the papers
    that are needed always.
    """
    always = [paper for block in procedure.documents if block.case is None for paper in block.items]
    named = [block for block in procedure.documents if block.case is not None]
    if not named:
        return (_case(ONLY_CASE, "", always),) if always else ()
    papers: dict[str, list[Paper]] = {}
    labels: dict[str, str] = {}
    for block in named:
        label = block.case or ""
        papers.setdefault(case_id(label), []).extend(block.items)
        labels.setdefault(case_id(label), label)
    cases = [_case(name, labels[name], [*always, *items]) for name, items in papers.items()]
    if always or len(named) == 1:
        cases.append(_case(OTHER_CASE, load_labels().buttons["no_case"], always))
    return tuple(cases)


def _case(name: str, label: str, papers: Sequence[Paper]) -> CaseView:
    needs = tuple(
        Need(need_id(paper.name), paper.name, paper, _ways(paper))
        for paper in papers
        if paper.kind is not DocumentKind.NOTE
    )
    notes = tuple(paper.name for paper in papers if paper.kind is DocumentKind.NOTE)
    return CaseView(name, label, _once(needs), notes=notes)


def need_id(name: str) -> str:
    """Return the id of a paper or case of that name in positions and links: ten hexadecimal digits."""
    return hashlib.sha256(_key(name).encode()).hexdigest()[:10]


def case_id(label: str) -> str:
    """Return the id of a case, like a paper's, but with its accents: "điểm d" and "điểm đ" are two cases."""
    return hashlib.sha256(normalise(label).casefold().encode()).hexdigest()[:10]


def _ways(paper: Paper) -> tuple[Way, ...]:
    if paper.when is None:
        return tuple(Way)
    ways = load_labels().paper_ways.get(fold(paper.when))
    return tuple(map(Way, ways)) if ways else tuple(Way)


def _key(name: str) -> str:
    return fold(normalise(name))


def _once(needs: Iterable[Need]) -> tuple[Need, ...]:
    return tuple({need.id: need for need in needs}.values())
