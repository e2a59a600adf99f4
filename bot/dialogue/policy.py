"""The one place that decides what a turn does: a committed table of precedence over pure rules."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.decision import Action, Decision
from bot.dialogue.guide_rules import check_move, check_request, guide_move, guide_offered, guide_request
from bot.dialogue.signals import Readability, Reference, Signals
from bot.dialogue.state import Aspect, ConversationState
from bot.dialogue.tapping import tapped
from bot.dialogue.thresholds import Thresholds
from bot.dialogue.turning import (
    Rule,
    Turning,
    answer,
    aspects_asked,
    asserts,
    first_hit,
    happened,
    is_of_services,
    level_first,
    likely_aspect,
    out_of_scope,
)
from bot.search.types import Hit, Verdict

_SOCIAL = {
    "greet": Action.GREET,
    "thanks": Action.THANKS,
    "bye": Action.BYE,
    "menu": Action.MENU,
    "human": Action.HAND_OFF,
    "feedback": Action.FEEDBACK,
    "complaint_extra_papers": Action.COMPLAINT,
    "ask_centre": Action.CENTRE,
    "track_dossier": Action.TRACK,
    "scam_check": Action.SCAM,
    "delete_data": Action.ERASE,
    "helper_mode": Action.HELPER,
}
_OF_A_SERVICE = {Action.SCAM, Action.CENTRE}  # which a question about a procedure may sound like
_COURTESIES = {Action.GREET, Action.THANKS, Action.BYE, Action.MENU}  # with which one may begin
_YES_OR_NO = {"affirm", "deny", "have_paper", "lack_paper"}
# The guide that says step by step what one of these turns says in brief: "next" begins it.
_GUIDES = {
    Action.TRACK: "portal_track",
    Action.SCAM: "scam_warning",
    Action.CENTRE: "find_commune_centre",
    Action.COMPLAINT: "portal_rate",
}


def decide(state: ConversationState, signals: Signals, limits: Thresholds) -> Decision:
    """Return the first decision that a rule of PRECEDENCE makes, with the rule's name as its reason."""
    turning = Turning(state, signals, limits)
    for name, rule in PRECEDENCE:
        decision = rule(turning)
        if decision is not None:
            return replace(decision, reason=name, guide=decision.guide or _GUIDES.get(decision.action))
    raise AssertionError("the last rule always decides")


# ---- the rules, in the order of the table ------------------------------------------------------------------


def _unreadable(turning: Turning) -> Decision | None:
    return Decision(Action.UNREADABLE) if turning.signals.readability is not Readability.OK else None


def _emergency(turning: Turning) -> Decision | None:
    signals, limits = turning.signals, turning.limits
    outside = signals.ranking is not None and signals.ranking.in_scope < limits.likely_in_scope
    needed = limits.intent_confidence if outside else limits.strict_intent_confidence
    sure = signals.nlu("emergency", needed) and not asserts(signals)
    return Decision(Action.EMERGENCY) if signals.emergency or sure else None


def _private(turning: Turning) -> Decision | None:
    return Decision(Action.REFUSE_PII) if turning.signals.private else None


def _said(turning: Turning) -> Decision | None:
    """Courtesy and simple wishes that keywords see in the whole message."""
    action = _SOCIAL.get(turning.signals.said or "")
    if action is None and turning.signals.dossier:
        action = Action.TRACK
    return Decision(action) if action else None


def _case(turning: Turning) -> Decision | None:
    """The label of a case of the card in hand, typed instead of tapped."""
    if turning.signals.case is None or turning.state.code is None:
        return None
    return Decision(Action.ANSWER, codes=(turning.state.code,), case=turning.signals.case)


def _life_event(turning: Turning) -> Decision | None:
    """Something has happened in the family, and little else is said: all that has to be done, in order."""
    match, signals = turning.signals.event, turning.signals
    if match is None or signals.correction or turning.state.asked_about is not None:
        return None
    left = [word for word in signals.residue if word not in match.said]
    if len(left) > turning.limits.event_leftover:
        return None
    return happened(match)


def _commune(turning: Turning) -> Decision | None:
    """Where somebody lives, and little else but "where to": their commune and its centre."""
    found, signals = turning.signals.commune, turning.signals
    if found is None or turning.signals.correction:
        return None
    left = [word for word in signals.residue if word not in found.words]
    asks_place = signals.said == "ask_centre" or signals.intent == "ask_centre"
    if len(left) > turning.limits.commune_leftover and not (asks_place and not asserts(signals)):
        return None
    return Decision(Action.CENTRE)


def _by_code(turning: Turning) -> Decision | None:
    named = turning.signals.named
    return answer(named, aspects_asked(turning)) if named else None


def _beyond(turning: Turning) -> Decision | None:
    """A subject that is known to be none of ours, whatever search finds near it.

    Not where search is all but certain of a procedure ("bằng lái quốc tế để đi du học"), nor where the papers
    of the procedure in hand are asked about.
    """
    match, ranking = turning.signals.beyond, turning.signals.ranking
    ours = ranking is not None and ranking.sure >= turning.limits.beyond_sure
    about_papers = turning.state.code is not None and Aspect.DOCUMENTS in turning.signals.aspects
    if match is None or ours or about_papers:
        return None
    near = () if out_of_scope(turning) else match.subject.near
    return Decision(Action.BEYOND, beyond=match.subject.id, choices=near)


def _by_intent(turning: Turning) -> Decision | None:
    """Simple wishes in NLU's word alone, where search does not know a procedure for the words."""
    signals, limits = turning.signals, turning.limits
    action = _SOCIAL.get(signals.intent or "")
    if action is None or asserts(signals) or _rather_asked(action, turning):
        return None
    strict = action in {Action.ERASE, Action.GREET, Action.BYE, Action.MENU}
    bar = limits.strict_intent_confidence if strict else limits.intent_confidence
    return Decision(action) if signals.confidence >= bar else None


def _rather_asked(action: Action, turning: Turning) -> bool:
    """Return whether more is asked than NLU hears: keywords hear an aspect, or search puts it in scope."""
    ranking = turning.signals.ranking
    ours = ranking is not None and ranking.in_scope >= turning.limits.surely_in_scope
    asked = bool(turning.signals.aspects)
    return (action in _COURTESIES and asked) or (action in _OF_A_SERVICE and (asked or ours))


def _referred(turning: Turning) -> Decision | None:
    """ "The first thing I asked": back to an earlier procedure of the conversation."""
    history, reference = turning.state.history, turning.signals.reference
    if reference is None or not history:
        return None
    place = 0 if reference is Reference.FIRST else max(0, len(history) - 2)
    return answer((history[place],), aspects_asked(turning))


def _in_hand(turning: Turning) -> Decision | None:
    """A question about the procedure that the conversation is at."""
    state, signals = turning.state, turning.signals
    if state.code is None or signals.correction or state.asked_about is not None:
        return None
    unknown = signals.ranking is None or signals.ranking.verdict is Verdict.DECLINE
    aspects = aspects_asked(turning) or (likely_aspect(turning) if unknown else ())
    if not aspects:
        return None
    first = first_hit(signals)
    same = first is not None and state.code in first.codes
    little = len(signals.residue) <= turning.limits.follow_up_residue and not asserts(signals)
    elsewhere = _names_another(turning)
    if not signals.residue or signals.within or same or (little and not elsewhere) or unknown:
        return answer((state.code,), aspects)
    if signals.ranking is not None and signals.ranking.sure < turning.limits.follow_up_sure and not elsewhere:
        others = tuple(hit.code for hit in signals.ranking.hits[: turning.limits.choices - 1])
        return replace(answer((state.code,), aspects), choices=others)
    return None


def _names_another(turning: Turning) -> bool:
    """Return whether the words are near to the name of a procedure ("khai tử nộp ở đâu")."""
    first = first_hit(turning.signals)
    return first is not None and (first.dense or 0.0) >= turning.limits.follow_up_near


def _new_procedure(turning: Turning) -> Decision | None:
    signals = turning.signals
    first = first_hit(signals)
    if first is None or not asserts(signals) or not signals.residue:
        return None
    if out_of_scope(turning) and signals.ranking is not None and signals.ranking.margin < 1:
        return None
    aspects = aspects_asked(turning) or _pending(turning, first)
    if signals.level_open:
        choices = first.codes[: turning.limits.choices]
        likely = choices[0] if aspects else None  # the nearest level: what was asked need not wait a turn
        return Decision(Action.ASK_BACK, aspects=aspects, choices=choices, likely=likely)
    return answer(level_first(first.codes, signals), aspects)


def _tentative(turning: Turning) -> Decision | None:
    """What is most likely meant, with the other families offered beside the answer.

    Where an aspect is asked for, or where one of the choices of a question asked back was said in words.
    """
    signals, limits = turning.signals, turning.limits
    ranking, aspects = signals.ranking, aspects_asked(turning)
    first = first_hit(signals)
    if ranking is None or first is None or ranking.verdict is not Verdict.ASK:
        return None
    narrowed = turning.state.asked_about is not None and not set(signals.offered).isdisjoint(first.codes)
    if not aspects and not narrowed:
        return None
    enough = limits.tentative if ranking.content > limits.content else limits.tentative_short
    if ranking.sure < enough:
        return None
    others = tuple(hit.code for hit in ranking.hits[1 : turning.limits.choices])
    wanted = aspects or _pending(turning, first)
    return replace(answer(level_first(first.codes, signals), wanted), choices=others)


def _unchosen(turning: Turning) -> Decision | None:
    """An aspect alone, where choices were just offered: of the likeliest one, with the others beside it."""
    aspects, offered = aspects_asked(turning), turning.signals.offered
    if not aspects or turning.signals.residue or not offered or turning.state.asked_about is None:
        return None
    return replace(answer(offered[:1], aspects), choices=offered[1 : turning.limits.choices])


def _which(turning: Turning) -> Decision | None:
    """An aspect alone, with no procedure in hand: ask which."""
    aspects = aspects_asked(turning)
    if aspects and not turning.signals.residue and turning.state.code is None:
        return Decision(Action.ASK_BACK, aspects=aspects)
    return None


def _ask_back(turning: Turning) -> Decision | None:
    signals = turning.signals
    ranking = signals.ranking
    if ranking is None or not ranking.hits or not _askable(turning) or out_of_scope(turning):
        return None
    if turning.state.asked_about and turning.state.ask_rounds >= turning.limits.ask_rounds:
        return Decision(Action.HAND_OFF)
    if not signals.residue:
        return None
    found = tuple(hit.code for hit in ranking.hits)
    if (at_hand := _at_hand(turning)) is not None:
        found = (at_hand, *found)
    choices = tuple(dict.fromkeys(found))[: turning.limits.choices]
    aspects = aspects_asked(turning)
    likely = choices[0] if ranking.sure >= turning.limits.likely else None
    guide = guide_offered(turning)
    return Decision(Action.ASK_BACK, aspects=aspects, choices=choices, likely=likely, guide=guide)


def _at_hand(turning: Turning) -> str | None:
    """Return the procedure that the conversation is at, where search is not sure of another one."""
    state, ranking = turning.state, turning.signals.ranking
    if state.asked_about is not None or turning.signals.correction or _names_another(turning):
        return None
    unsure = ranking is None or ranking.sure < turning.limits.follow_up_sure
    return state.code if unsure else None


def _askable(turning: Turning) -> bool:
    """Return whether what search found may be asked about: it, or NLU, takes the words for a service."""
    ranking, intent, limits = turning.signals.ranking, turning.signals.intent, turning.limits
    if ranking is None or ranking.verdict is not Verdict.DECLINE:
        return ranking is not None
    heard = (
        intent is not None and is_of_services(intent) and turning.signals.confidence >= limits.service_heard
    )
    return heard and ranking.content > 0 and ranking.in_scope >= limits.hardly_in_scope


def _acknowledge(turning: Turning) -> Decision | None:
    said = turning.signals.said
    if said not in _YES_OR_NO and turning.signals.residue:
        return None
    return Decision(Action.ACKNOWLEDGE)


def _refuse(turning: Turning) -> Decision | None:
    return Decision(Action.REFUSE) if out_of_scope(turning) else None


def _decline(turning: Turning) -> Decision:
    return Decision(Action.DECLINE, guide=guide_offered(turning))


PRECEDENCE: tuple[tuple[str, Rule], ...] = (
    ("unreadable", _unreadable),
    ("case", _case),
    ("emergency", _emergency),
    ("private", _private),
    ("tapped", tapped),
    ("guide_move", guide_move),
    ("check_move", check_move),
    ("check_request", check_request),
    ("said", _said),
    ("by_code", _by_code),
    ("referred", _referred),
    ("beyond", _beyond),
    ("guide_request", guide_request),
    ("life_event", _life_event),
    ("commune", _commune),
    ("by_intent", _by_intent),
    ("in_hand", _in_hand),
    ("new_procedure", _new_procedure),
    ("tentative", _tentative),
    ("unchosen", _unchosen),
    ("which", _which),
    ("ask_back", _ask_back),
    ("acknowledge", _acknowledge),
    ("refuse", _refuse),
    ("decline", _decline),
)


def _pending(turning: Turning, first: Hit) -> tuple[Aspect, ...]:
    """Return what was asked while the procedure was open: not where `first` is none of those offered then."""
    offered = turning.signals.offered
    other = bool(offered) and set(offered).isdisjoint(first.codes)
    return () if other else turning.state.pending_aspects
