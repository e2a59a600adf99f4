"""Says a card of everyday life: the procedure in plain words, and the checklist of one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.replies.renderer import Replies
from procedures_kb.cards import Card, CardCase, Sibling
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Procedure

MAX_SIBLINGS = 3  # more than a phone shows at once


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record says in brief, for the card's overview; None where it says nothing."""

    who: str | None
    time: str | None
    fee: str | None


@dataclass(frozen=True, slots=True)
class CardWriter:
    """Writes cards with the sentences of `replies`; names of siblings come from `catalogue`."""

    cards: Mapping[str, Card]
    catalogue: Catalogue
    replies: Replies

    def card(self, code: str | None) -> Card | None:
        """Return the card of a procedure, None where it has none or the procedure may not be served."""
        return self.cards.get(code) if code and self.catalogue.may_serve(code) else None

    def overview(self, procedure: Procedure, card: Card, facts: Facts) -> str:
        """Return what it is, who needs it, the brief facts, and what tells it from its siblings."""
        return self.replies.render(
            "card_overview",
            name=procedure.short_name,
            what=card.what,
            audience=card.who,
            who=facts.who,
            time=facts.time,
            fee=facts.fee,
            several=len(card.cases) > 1,
            lines=card.cases[0].papers,
            rest=card.rest,
            ask=card.ask,
            siblings=[
                (sibling.when.rstrip("."), self.catalogue.by_code[sibling.code].short_name)
                for sibling in self.siblings(card)[:MAX_SIBLINGS]
            ],
        )

    def checklist(self, procedure: Procedure, card: Card, case: CardCase) -> str:
        """Return the papers of one case in plain words, what sends dossiers back, and our advice."""
        return self.replies.render(
            "card_case",
            name=procedure.short_name,
            label=case.label if len(card.cases) > 1 else "",
            when=case.when,
            lines=case.papers,
            rest=card.rest,
            mistakes=self.replies.render("card_mistakes", mistakes=card.mistakes),
            advice=card.advice,
        )

    def mistakes(self, code: str) -> str | None:
        """Return what sends dossiers of this procedure back; None where it has no card."""
        card = self.card(code)
        return self.replies.render("card_mistakes", mistakes=card.mistakes) if card else None

    def sibling_hint(self, code: str, among: tuple[str, ...]) -> str | None:
        """Return when `code` is the right one of `among`, as the card of another of them says it."""
        for other in among:
            card = self.card(other) if other != code else None
            hint = next((s.when for s in card.siblings if s.code == code), None) if card else None
            if hint:
                return hint
        return None

    def question(self, among: tuple[str, ...]) -> str | None:
        """Return the question that tells `among` apart, where the card of the first one asks it."""
        card = self.card(among[0]) if among else None
        if card is None or card.ask is None:
            return None
        return card.ask if any(s.code in among for s in card.siblings) else None

    def siblings(self, card: Card) -> tuple[Sibling, ...]:
        """Return the siblings of a card that may be served."""
        return tuple(s for s in card.siblings if self.catalogue.may_serve(s.code))
