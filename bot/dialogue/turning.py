"""What every rule of the policy is given, and what several of them ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.dialogue.decision import Action, Decision, Move
from bot.dialogue.procedure_steps import guide_id
from bot.dialogue.signals import Signals
from bot.dialogue.state import Aspect, ConversationState
from bot.dialogue.thresholds import Thresholds
from bot.search.types import Hit, Verdict
from procedures_kb.life_events import EventMatch

_OF_SERVICES = ("ask_", "guide_", "track_", "complaint_", "emergency", "scam_")
_ASPECT_INTENTS = {f"ask_{aspect.value}": aspect for aspect in Aspect}


@dataclass(frozen=True, slots=True)
class Turning:
    """What every rule is given."""

    state: ConversationState
    signals: Signals
    limits: Thresholds


Rule = Callable[[Turning], Decision | None]


def aspects_asked(turning: Turning) -> tuple[Aspect, ...]:
    """Return the aspects named in words, with the one that NLU reads.

    Words of one aspect may ask for another ("được giấy gì", "trước mấy ngày"): where NLU is sure of another
    one, both are answered.
    """
    signals, limits = turning.signals, turning.limits
    by_nlu = _ASPECT_INTENTS.get(signals.intent or "")
    needed = limits.other_aspect_confidence if signals.aspects else limits.aspect_confidence
    if by_nlu and signals.confidence >= needed:
        return tuple(dict.fromkeys((*signals.aspects, by_nlu)))
    return signals.aspects or (() if signals.residue else signals.weak_aspects)


def likely_aspect(turning: Turning) -> tuple[Aspect, ...]:
    """Return what NLU half hears asked: enough where there is nothing else that it could be."""
    signals = turning.signals
    heard = _ASPECT_INTENTS.get(signals.intent or "")
    return (heard,) if heard and signals.confidence >= turning.limits.aspect_in_hand else ()


def answer(codes: tuple[str, ...], aspects: tuple[Aspect, ...]) -> Decision:
    """Return the answer to `aspects` of the first of `codes`; its steps run as a guide."""
    steps = Aspect.STEPS in aspects
    return Decision(
        Action.ANSWER,
        codes=codes,
        aspects=aspects,
        guide=guide_id(codes[0]) if steps else None,
        move=Move.START if steps else None,
    )


def happened(match: EventMatch) -> Decision:
    """Return the turn that tells all that has to be done when something happens in the family."""
    codes = tuple(task.code for task in match.event.tasks)
    return Decision(Action.LIFE_EVENT, event=match.event.id, choices=codes)


def first_hit(signals: Signals) -> Hit | None:
    """Return the first family found, None where search found none or was not asked."""
    return signals.ranking.hits[0] if signals.ranking and signals.ranking.hits else None


def asserts(signals: Signals) -> bool:
    """Return whether search is sure enough of the first family to answer."""
    return signals.ranking is not None and signals.ranking.verdict is Verdict.ANSWER


def out_of_scope(turning: Turning) -> bool:
    """Return whether the message is none of our business.

    NLU reads it so (against search, and of one or two words of ours, it must be surer), or search and NLU
    both read nothing. Of a procedure in hand people ask in half sentences: NLU must be surer then, too.
    """
    signals, limits = turning.signals, turning.limits
    ranking, in_hand = signals.ranking, turning.state.code is not None
    inside = ranking is not None and ranking.in_scope >= limits.likely_in_scope
    needed = limits.out_of_scope_confidence
    if in_hand or (ranking is not None and ranking.in_scope >= limits.surely_in_scope):
        needed = limits.out_of_scope_against
    if ranking is not None and ranking.content <= limits.content and inside:
        needed = limits.out_of_scope_short
    return signals.nlu("out_of_scope", needed) or (not inside and not in_hand and _unread(turning))


def _unread(turning: Turning) -> bool:
    """Return whether NLU hears small talk, or hardly anything, in a message."""
    intent, limits = turning.signals.intent, turning.limits
    if intent is None or intent == "find_procedure":
        return False
    return not is_of_services(intent) or turning.signals.confidence < limits.unread_confidence


def is_of_services(intent: str) -> bool:
    """Return whether NLU's `intent` is about public services, and no small talk."""
    return intent == "find_procedure" or intent.startswith(_OF_SERVICES)


def level_first(codes: tuple[str, ...], signals: Signals) -> tuple[str, ...]:
    """Put the members at the level that was named first."""
    wanted = [code for code in codes if code in signals.level_codes]
    return (*wanted, *(code for code in codes if code not in wanted))
