"""Judging one turn: what it asserts, offers and refuses."""

from __future__ import annotations

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import Aspect
from evaluation.facts import contains_all
from evaluation.questions import Expect, ExpectedAction, Question
from evaluation.subject import Turn

PROCEDURE_GUIDE = "procedure:"

# Turns that carry on with what was asked; EMERGENCY is a claim too, and a false one is no refusal.
# A life event asks which of its numbered procedures is wanted.
_ASKING = frozenset({Action.ASK_BACK, Action.LIFE_EVENT})
_SERVING = _ASKING | {Action.ANSWER, Action.GUIDE}
_ACTIONS: dict[ExpectedAction, frozenset[Action]] = {
    ExpectedAction.ASK_BACK: _ASKING,
    ExpectedAction.PICK_OPTION: _SERVING,
    ExpectedAction.HAND_OFF: frozenset({Action.HAND_OFF}),
    ExpectedAction.REFUSE_PII: frozenset({Action.REFUSE_PII}),
    ExpectedAction.THANKS: frozenset({Action.THANKS}),
    ExpectedAction.MENU: frozenset({Action.MENU, Action.GREET}),
    ExpectedAction.REFUSE: frozenset({Action.REFUSE, Action.DECLINE, Action.BEYOND}),
    ExpectedAction.EMERGENCY: frozenset({Action.EMERGENCY}),
}


def shown(decision: Decision) -> tuple[str, ...]:
    """Return the codes whose facts the turn tells.

    The procedure of a running guide is one, and so is the likeliest choice of a question back whose facts
    stand under the question ("Nếu là việc 1 thì: …"): told, though not asserted.
    """
    guide = decision.guide or ""
    own = (guide.removeprefix(PROCEDURE_GUIDE),) if guide.startswith(PROCEDURE_GUIDE) else ()
    likely = (decision.likely,) if decision.likely else ()
    return decision.codes + own + likely


def asserts(decision: Decision) -> bool:
    """Return whether the turn presents one procedure as the right one."""
    walks = decision.action is Action.GUIDE and (decision.guide or "").startswith(PROCEDURE_GUIDE)
    return decision.action is Action.ANSWER or walks


def asks_back(decision: Decision) -> bool:
    """Return whether the turn offers several to choose from, and asserts none."""
    return decision.action in _ASKING


def refuses(decision: Decision) -> bool:
    """Return whether an out-of-scope message was turned away: no procedure asserted or offered, no guide."""
    quiet = decision.action not in _SERVING | {Action.EMERGENCY}
    return quiet and not decision.codes and not decision.choices


def declines(decision: Decision) -> bool:
    """Return whether a question within the scope was turned away: neither answered nor asked back."""
    return decision.action not in _SERVING


def recognises_guide(decision: Decision, question: Question) -> bool:
    """Return whether the expected guide, or a procedure that is acceptable instead, is shown or offered."""
    offered = set(shown(decision)) | set(decision.choices)
    return decision.guide == question.expect or bool(offered.intersection(question.alt_gold))


def unmet(turn: Turn, expect: Expect) -> tuple[str, ...]:
    """Return the keys of `expect` that `turn` does not show; none means as expected."""
    decision = turn.decision
    checks: dict[str, bool] = {}
    if expect.codes:
        checks["code"] = bool(set(shown(decision)).intersection(expect.codes))
    if expect.aspect:
        checks["aspect"] = _answers(decision, expect.aspect)
    if expect.answer_facts:
        checks["answer_facts"] = contains_all(turn.reply.text, expect.answer_facts)
    if expect.guide:
        checks["guide"] = decision.guide == expect.guide
    if expect.move:
        checks["move"] = decision.move == expect.move
    if expect.action:
        checks["action"] = _acts(turn, expect.action)
    return tuple(key for key, met in checks.items() if not met)


def _answers(decision: Decision, aspect: Aspect) -> bool:
    walks = aspect is Aspect.STEPS and (decision.guide or "").startswith(PROCEDURE_GUIDE)
    return aspect in decision.aspects or walks


def _acts(turn: Turn, action: ExpectedAction) -> bool:
    if turn.decision.action not in _ACTIONS[action]:
        return False
    greets = action is ExpectedAction.MENU and turn.decision.action is Action.GREET
    return not greets or bool(turn.reply.buttons)
