"""What the assistant makes of the four authors' questions: `python -m evaluation.calibration.authors_report`.

Prints the figures of both halves side by side. `--nlu` is the address of a Rasa server, "auto" or "off";
`--misses FILE` writes what went wrong in the first half, and never of the second.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bot.dialogue.decision import Action
from bot.dialogue.state import Aspect, ConversationState
from evaluation.calibration.authors import HALVES, AuthorKind, AuthorQuestion, author_questions
from evaluation.judging import asks_back, asserts, declines, refuses, shown
from evaluation.observing import Interviewer
from evaluation.subject import Turn
from evaluation.system import system


def judged(question: AuthorQuestion, turn: Turn) -> Iterator[tuple[str, bool]]:
    """Yield what is measured of one turn: the name, and whether it went well."""
    decision, codes, kind = turn.decision, set(question.codes), question.kind
    told = bool(codes.intersection(shown(decision)))
    if kind is AuthorKind.OUT_OF_SCOPE:
        yield "out of scope: refused", refuses(decision)
        return
    if kind is AuthorKind.AMBIGUOUS:
        yield "ambiguous: asked back", asks_back(decision)
        return
    yield "in scope: not declined", not declines(decision) or decision.action is Action.EMERGENCY
    if question.aspect is not None:
        guided = question.aspect is Aspect.STEPS and decision.action is Action.GUIDE
        heard = question.aspect in decision.aspects or guided
        yield "aspect: heard", heard
        yield f"aspect, {'in hand' if question.in_hand else 'named'}: heard and told", heard and told
    if question.in_hand:
        return
    hits = [set(hit.codes) for hit in turn.ranking.hits] if turn.ranking else []
    for depth in (1, 3, 10):
        yield f"{kind}: R@{depth}", any(codes & hit for hit in hits[:depth])
    yield f"{kind}: answered directly", asserts(decision)
    if asserts(decision):
        yield "direct answers: right", bool(codes.intersection(decision.codes))


def main() -> None:
    """Measure, and print the figures of both halves side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlu", default="auto")
    parser.add_argument("--misses", type=Path, help="where to write what went wrong in the first half")
    arguments = parser.parse_args()
    figures: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    misses = []
    with system(arguments.nlu) as subject:
        interviewer = Interviewer(subject.assistant, subject.mask)
        before = ""
        for question in author_questions():
            code = question.codes[0] if question.in_hand else None
            turn = interviewer.ask(question.text, ConversationState(code=code))
            for name, well in (*judged(question, turn), *_changed(interviewer, question, before)):
                figures[name][question.half].append(well)
                if not well and question.half == HALVES[False]:
                    misses.append({"missed": name, **question.model_dump(mode="json"), **_told(turn)})
            before = question.codes[0] if question.codes else before
    for name, halves in sorted(figures.items()):
        cells = [
            f"{sum(halves[h]) / len(halves[h]):.3f} of {len(halves[h])}" for h in HALVES.values() if halves[h]
        ]
        sys.stdout.write(f"{name:36} {'   '.join(cells)}\n")
    if arguments.misses:
        lines = (json.dumps(miss, ensure_ascii=False) + "\n" for miss in misses)
        arguments.misses.write_text("".join(lines), encoding="utf-8")


def _changed(interviewer: Interviewer, question: AuthorQuestion, before: str) -> Iterator[tuple[str, bool]]:
    """Yield the same of a question that names its subject, while the conversation is at another one."""
    if question.aspect is None or question.in_hand or before in {"", *question.codes}:
        return
    decision = interviewer.ask(question.text, ConversationState(code=before)).decision
    told, offered = set(shown(decision)), set(decision.choices)
    yield "aspect, another in hand: told", bool(told.intersection(question.codes))
    yield "aspect, another in hand: told or offered", bool((told | offered).intersection(question.codes))


def _told(turn: Turn) -> dict[str, object]:
    decision, ranking = turn.decision, turn.ranking
    return {
        "did": f"{decision.action.value} ({decision.reason})",
        "told": decision.codes,
        "asked": [aspect.value for aspect in decision.aspects],
        "offered": decision.choices,
        "sure": round(ranking.sure, 2) if ranking else None,
        "in_scope": round(ranking.in_scope, 2) if ranking else None,
    }


if __name__ == "__main__":
    main()
