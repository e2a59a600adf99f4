"""The buttons under a reply: choices among procedures, levels, cases, aspects, moves of a guide."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.dialogue.answers.cards import CardWriter
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Decision, Mark, Move
from bot.dialogue.state import Aspect
from bot.messages import Button
from bot.replies.renderer import load_labels
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, Flag, Procedure

MAX_AGENCY = 55  # a button holds 80 characters
OFFERED_SIBLINGS = 2
MAX_BUTTONS = 6
MAX_CARD_BUTTONS = 8  # a card has up to six cases, and its siblings are choices too
_OFFERED_ASPECTS = (
    Aspect.DOCUMENTS,
    Aspect.FEE,
    Aspect.TIME,
    Aspect.PLACE,
    Aspect.ONLINE,
    Aspect.STEPS,
    Aspect.FORM,
    Aspect.RESULT,
    Aspect.CONDITIONS,
)


@dataclass(frozen=True, slots=True)
class Buttons:
    """Makes buttons for the procedures of `catalogue` and their `cards`."""

    catalogue: Catalogue
    cards: CardWriter

    def choices(self, codes: tuple[str, ...]) -> tuple[Button, ...]:
        """Return a button for each procedure."""
        pairs = zip(self.names(codes), codes, strict=True)
        return tuple(Button(name, Command(Kind.PICK, code).payload) for name, code in pairs)

    def names(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the short names, with the level behind those that would read alike.

        The members of one family are told apart by where they are done.
        """
        procedures = [self.catalogue.by_code[code] for code in codes]
        places = tuple(map(_level_name, procedures))
        if self.one_family(codes) and len(set(places)) == len(places):
            return places
        names = [procedure.short_name for procedure in procedures]
        adjectives = load_labels().level_adjectives
        return tuple(
            f"{name} ({adjectives[procedure.levels[0].value]})"
            if names.count(name) > 1 and procedure.levels
            else name
            for name, procedure in zip(names, procedures, strict=True)
        )

    def one_family(self, codes: tuple[str, ...]) -> bool:
        """Return whether `codes` are level twins."""
        return len(codes) > 1 and len({self.catalogue.by_code[code].family for code in codes}) == 1

    def under(self, procedure: Procedure, decision: Decision) -> tuple[Button, ...]:
        """Return what is offered under an answer about `procedure`, the most useful first, as many as fit."""
        others = [self.catalogue.by_code[code] for code in decision.codes[1:]]
        cases, siblings = self._of_card(procedure, decision)
        aspects = aspect_buttons(procedure, decision.aspects)
        offered = _once((*levels(others), *cases, *aspects[:2], *siblings, *aspects[2:]))
        room = MAX_CARD_BUTTONS if cases or siblings else MAX_BUTTONS
        return (*self.choices(decision.choices), *offered)[:room]

    def _of_card(
        self, procedure: Procedure, decision: Decision
    ) -> tuple[tuple[Button, ...], tuple[Button, ...]]:
        """Return the cases of the card that are not shown yet, and under an overview its siblings."""
        card = self.cards.card(procedure.code)
        if card is None or decision.aspects not in {(), (Aspect.DOCUMENTS,)}:
            return (), ()
        several = card.cases if len(card.cases) > 1 or decision.aspects else ()
        cases = tuple(
            Button(case.label, Command(Kind.CASE, case.id).payload)
            for case in several
            if case.id != decision.case
        )
        if decision.aspects or decision.case:
            return cases, ()
        siblings = self.cards.siblings(card)[:OFFERED_SIBLINGS]
        return cases, self.choices(tuple(sibling.code for sibling in siblings))


def aspect_buttons(procedure: Procedure, answered: tuple[Aspect, ...]) -> tuple[Button, ...]:
    """Return what else may be asked of a procedure; people and places where only its name may be told."""
    if procedure.detail is Detail.NAME_ONLY or procedure.has(Flag.LOCAL_VERSION):
        return (say("centre"), say("human"))
    first = (move_button(Move.NEXT),) if Aspect.STEPS in answered else ()
    labels = load_labels().aspects
    rest = tuple(
        Button(labels[aspect.value].button, Command(Kind.ASPECT, aspect.value).payload)
        for aspect in _OFFERED_ASPECTS
        if aspect not in answered
    )
    if Aspect.STEPS in answered:
        return (*first, check_button(procedure.code), *rest)
    # After the papers comes the question whether they are all there.
    place = 0 if Aspect.DOCUMENTS in answered else 1
    return (*rest[:place], check_button(procedure.code), *rest[place:])


def levels(others: list[Procedure]) -> tuple[Button, ...]:
    """Return a button for each level twin, named by its level alone."""
    adjectives = load_labels().level_adjectives
    return tuple(
        Button(adjectives[other.levels[0].value].capitalize(), Command(Kind.PICK, other.code).payload)
        for other in others
        if other.levels
    )


def move_button(move: Move) -> Button:
    """Return the button of a move in a guide."""
    return Button(load_labels().moves[move.value], Command(Kind.MOVE, move.value).payload)


def mark_button(move: Mark) -> Button:
    """Return the button of a move in the check of a dossier."""
    return Button(load_labels().marks[move.value], Command(Kind.MARK, move.value).payload)


def menu_buttons(guides: Collection[str]) -> tuple[Button, ...]:
    """Return what is offered to somebody who has not said what they need; only guides that are there."""
    return (
        *guide_offer(guides, "portal_submit", "guide_portal"),
        *guide_offer(guides, "vneid_activate_level2", "guide_vneid"),
        say("track"),
        say("centre"),
    )


def guide_offer(guides: Collection[str], guide: str, label: str) -> tuple[Button, ...]:
    """Return the button that begins `guide`, nothing where it is not there."""
    if guide not in guides:
        return ()
    return (Button(load_labels().buttons[label], Command(Kind.GUIDE, guide).payload),)


def check_button(code: str) -> Button:
    """Return the button that begins the check of a dossier."""
    return Button(load_labels().buttons["check"], Command(Kind.CHECK, code).payload)


def say(what: str) -> Button:
    """Return the button of a simple turn ("menu", "centre", "human" …)."""
    return Button(load_labels().buttons[what], Command(Kind.SAY, what).payload)


def _level_name(procedure: Procedure) -> str:
    """Return where a procedure is done, with its agency: what tells level twins apart."""
    if not procedure.levels:
        return procedure.short_name
    place = load_labels().level_adjectives[procedure.levels[0].value].capitalize()
    agency = None if procedure.has(Flag.AGENCY_ELSEWHERE) else procedure.agency
    return f"{place} ({agency})" if agency and len(agency) <= MAX_AGENCY else place


def _once(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Return each button once: two that send the same key are one choice."""
    return tuple({button.payload: button for button in reversed(buttons)}.values())[::-1]
