"""The rules of the policy that begin and move guides and checks of dossiers."""

from __future__ import annotations

from bot.dialogue.decision import Action, Decision, Mark, Move
from bot.dialogue.procedure_steps import guide_id
from bot.dialogue.state import Aspect
from bot.dialogue.turning import Turning, asserts, first_hit, level_first

SUBMITTING = "portal_submit"
_MOVES = {
    "guide_next": Move.NEXT,
    "guide_previous": Move.PREVIOUS,
    "guide_repeat": Move.REPEAT,
    "guide_stop": Move.STOP,
    "guide_resume": Move.RESUME,
    "guide_stuck": Move.STUCK,
    "guide_skip": Move.SKIP,
    "guide_restart": Move.RESTART,
}
_PAPERS = {"have_paper": Mark.HAVE, "affirm": Mark.HAVE, "lack_paper": Mark.LACK, "deny": Mark.LACK}


def check_move(turning: Turning) -> Decision | None:
    """An answer about the paper that the running check asks for, in other words than `commands.yaml` has."""
    check = turning.state.check
    move = _PAPERS.get(turning.signals.said or "")
    asked = check is not None and check.running and check.need_asked
    return marked(turning, move.value) if asked and move is not None else None


def check_request(turning: Turning) -> Decision | None:
    """Whether a dossier is complete: of the procedure named, else of the one in hand."""
    signals, state = turning.signals, turning.state
    by_nlu = signals.nlu("check_dossier", turning.limits.intent_confidence)
    if signals.said != "check_dossier" and not by_nlu:
        return None
    first = first_hit(signals)
    if first is not None and asserts(signals):
        return Decision(Action.CHECK, codes=level_first(first.codes, signals), mark=Mark.START)
    if state.code is not None or signals.said is not None or not signals.residue:
        return Decision(Action.CHECK, codes=(state.code,) if state.code else (), mark=Mark.START)
    return None


def guide_move(turning: Turning) -> Decision | None:
    """A move of the guide at hand, in words; yes and "done" go on while it runs."""
    state, signals = turning.state, turning.signals
    said = signals.said
    running = state.guide is not None and state.guide.running
    limits = turning.limits
    needed = limits.move_confidence if running else limits.intent_confidence
    words = limits.move_residue if running else limits.follow_up_residue
    if said is None and signals.intent in _MOVES and not asserts(signals) and len(signals.residue) <= words:
        said = signals.intent if signals.confidence >= needed else None
    if running and said in {"affirm", "have_paper"}:
        return moved(turning, Move.NEXT)
    move = _MOVES.get(said or "")
    if move is None or (not state.begun and signals.said is None):
        return None
    if move is Move.RESTART and not state.begun:
        return Decision(Action.MENU)
    if move is Move.RESUME and state.check is not None and not state.begun:
        return marked(turning, Mark.RESUME.value)
    return moved(turning, move)


def moved(turning: Turning, move: Move) -> Decision:
    """Return the move in the guide at hand; "resume" may name another one that was begun."""
    begun, named = [position.guide for position in turning.state.begun], turning.signals.guide
    if move is Move.RESUME and named in begun:
        return Decision(Action.GUIDE, guide=named, move=move)
    return Decision(Action.GUIDE, guide=next(iter(begun), None), move=move)


def _own_way(turning: Turning) -> str | None:
    """Return the way of the procedure in hand where submitting online is asked about and nothing is named."""
    state, signals = turning.state, turning.signals
    wanted = signals.guide == SUBMITTING and state.code is not None and not asserts(signals)
    return guide_id(state.code) if wanted and state.code else None


def guide_request(turning: Turning) -> Decision | None:
    """A written guide, asked for in words; a question about money or law is none for a guide."""
    signals, limits = turning.signals, turning.limits
    if signals.aspects[:1] in {(Aspect.FEE,), (Aspect.LEGAL_BASIS,)}:
        return None
    if signals.commune is not None and signals.guide == "find_commune_centre":
        return None  # where somebody lives is said already: their commune and its centre answer it
    needed = limits.guide_over_procedure if asserts(signals) else limits.guide_match
    if signals.guide is not None and signals.guide_score >= needed:
        begun = signals.guide in [position.guide for position in turning.state.begun]
        return Decision(
            Action.GUIDE,
            guide=_own_way(turning) or signals.guide,
            move=Move.RESUME if begun and signals.guide_resumed else Move.START,
        )
    heard = signals.nlu("guide_request", limits.guide_heard) and not asserts(signals)
    if signals.guide_near is not None and heard:
        return Decision(Action.GUIDE, guide=signals.guide_near.guide, move=Move.START)
    return None


def guide_offered(turning: Turning) -> str | None:
    """Return the guide that is offered beside a question back or an honest "I do not know"; None for none."""
    near, limits, ranking = turning.signals.guide_near, turning.limits, turning.signals.ranking
    if near is None or ranking is None or ranking.content <= limits.content:
        return None
    sure = near.margin >= limits.guide_offer_margin and near.known >= limits.guide_offer_known
    return near.guide if sure and ranking.sure < limits.guide_offer_sure else None


def marked(turning: Turning, value: str) -> Decision:
    """Return the move `value` ("have", "case.hospital") in the check at hand."""
    name, _, option = value.partition(".")
    check = turning.state.check
    codes = (check.code,) if check else ()
    return Decision(Action.CHECK, codes=codes, mark=Mark(name), option=option or None)
