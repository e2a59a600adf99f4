"""Asking each question once, and noting what every figure of the benchmark needs of its turn."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import ConversationState
from bot.messages import Message, Reply
from bot.search.types import Ranking
from evaluation.facts import contains_all
from evaluation.judging import asks_back, asserts, declines, recognises_guide, refuses, shown, unmet
from evaluation.measuring import Observation
from evaluation.questions import Dialogue, Kind, Question
from evaluation.ranking import observe_rank, rank_in
from evaluation.subject import Assistant, Mask, Turn

logger = logging.getLogger(__name__)
_DECLINING = frozenset({Action.REFUSE, Action.DECLINE, Action.BEYOND})


@dataclass(frozen=True, slots=True)
class Crashed:
    """Stands for a turn that raised."""

    state: ConversationState
    decision: Decision = field(default_factory=lambda: Decision(Action.ANSWER, reason="crashed"))
    reply: Reply = field(default_factory=lambda: Reply(""))
    ranking: Ranking | None = None


@dataclass(frozen=True, slots=True)
class Interviewer:
    """Puts messages to the assistant as the server would; keeps each turn's milliseconds, and each crash.

    A turn that raises is a fault of the assistant and not the end of the run: it counts as an answer that
    shows nothing, which is wrong for every kind of question, and its traceback is logged.
    """

    assistant: Assistant
    mask: Mask
    took_ms: list[float] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    def ask(self, text: str, state: ConversationState | None = None) -> Turn:
        """Return the turn that answers `text`, in a new conversation where no `state` is given."""
        before = state or ConversationState()
        start = perf_counter()
        turn: Turn
        try:
            turn = self.assistant.reply(before, Message(self.mask(text)))
        except Exception as error:
            logger.exception("a turn raised")
            self.crashes.append(type(error).__name__)
            turn = Crashed(before)
        self.took_ms.append((perf_counter() - start) * 1000)
        return turn


def observe_question(turn: Turn, question: Question, variant: str = "") -> Iterator[Observation]:
    """Yield what `turn` shows about `question`; `variant` ("_folded", "_typos") goes into the keys."""

    def note(group: str, key: str, met: bool) -> Observation:
        return Observation(f"{group}{variant}.{key}", question.id, float(met))

    decision = turn.decision
    match question.kind:
        case Kind.FIND:
            yield from observe_rank(f"find{variant}", question.id, rank_in(turn.ranking, question.gold))
            yield note("inscope", "refused", declines(decision))
            direct = decision.action is Action.ANSWER
            yield note("direct", "share", direct)
            if direct:
                yield note("direct", "wrong", not set(shown(decision)).intersection(question.gold))
            yield note("find", "shown_or_offered", _serves(turn, question))
        case Kind.ASPECT:
            yield note("aspect", "facts", contains_all(turn.reply.text, question.answer_facts))
            yield note("aspect", "understood", question.aspect in decision.aspects)
            yield note("aspect", "found", bool(set(shown(decision)).intersection(question.gold)))
            yield note("inscope", "refused", declines(decision))
        case Kind.AMBIGUOUS:
            yield note("ambiguous", "ask_back", asks_back(decision))
            if question.gold:
                yield note("ambiguous", "offers_gold", _serves(turn, question))
        case Kind.OUT_OF_SCOPE:
            yield note("oos", "refused", refuses(decision))
            yield note("oos", "declined", decision.action in _DECLINING)
        case Kind.ABSENT:
            yield note("absent", "not_asserted", not asserts(decision))
        case Kind.GUIDE:
            yield note("guide", "recognised", recognises_guide(decision, question))
        case Kind.EMERGENCY:
            yield note("emergency", "recognised", decision.action is Action.EMERGENCY)


def _serves(turn: Turn, question: Question) -> bool:
    decision = turn.decision
    return bool({*shown(decision), *decision.choices}.intersection(question.gold))


def observe_dialogues(
    interviewer: Interviewer, dialogues: Iterable[Dialogue]
) -> Iterator[tuple[Observation, tuple[str, ...]]]:
    """Yield each turn's observation ("DD001/2" is the second turn) with the expectations it did not meet."""
    for dialogue in dialogues:
        state = ConversationState()
        missed = False
        for number, expected in enumerate(dialogue.turns, start=1):
            turn = interviewer.ask(expected.user, state)
            state = turn.state
            short = unmet(turn, expected.expect)
            missed = missed or bool(short)
            yield Observation("dialogue.turns", f"{dialogue.id}/{number}", float(not short)), short
        yield Observation("dialogue.whole", dialogue.id, float(not missed)), ()
