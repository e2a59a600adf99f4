"""The worst answers over the citizens' questions, as Markdown: `python -m evaluation.calibration.worst`.

Runs the assistant with both halves of search; without Rasa unless `--nlu auto` is given. `--folded` strips
the accents first, `--kind` keeps one kind, `--out FILE` writes a file. What is listed may be worked on; the
benchmark may not.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from bot.dialogue.decision import Action
from evaluation.calibration.questions import CitizenQuestion, citizen_questions
from evaluation.facts import contains
from evaluation.judging import asserts, declines, refuses, shown
from evaluation.measuring import Figure, figures
from evaluation.observing import Interviewer, observe_question
from evaluation.questions import Kind
from evaluation.ranking import CUTS, rank_in
from evaluation.subject import Turn
from evaluation.system import system
from evaluation.typos import strip_accents
from procedures_kb.catalogue import Catalogue

LISTED = 30
CANDIDATES = 3
WORDS = 12
NOWHERE = 99  # the rank of what is not among those found
_OFFERS = frozenset({Action.ASK_BACK, Action.LIFE_EVENT})


class Fault(IntEnum):
    """What went wrong, the worse the higher; 0 where nothing did."""

    NONE = 0
    ASKED_NEEDLESSLY = 10  # asked back although the right family is first: a turn lost, nothing wrong
    FACT_MISSING = 40  # the right procedure, without the expected fact
    NOT_OFFERED = 50  # asked back, and the right one is not among the choices
    NOT_ASKED = 60  # one of several is asserted: right for some who ask, wrong for others
    OFFERED = 65  # out of scope, and procedures are offered
    TURNED_AWAY = 80  # in scope, and neither answered nor asked back
    WRONG = 100  # the wrong one is asserted
    FALSE_ALARM = 110  # an emergency that is none


@dataclass(frozen=True, slots=True)
class Judged:
    """One question, the turn that answered it, and what is wrong with it."""

    question: CitizenQuestion
    turn: Turn
    fault: Fault

    @property
    def badness(self) -> tuple[int, int, float]:
        """How bad, for sorting: the fault, how far down the right family stands, how sure search was."""
        rank = rank_in(self.turn.ranking, self.question.gold) if self.question.gold else None
        margin = self.turn.ranking.margin if self.turn.ranking else 0.0
        return int(self.fault), rank or NOWHERE, margin


def judge(question: CitizenQuestion, turn: Turn) -> Fault:
    """Return what is wrong with the turn that answers `question`."""
    if turn.decision.action is Action.EMERGENCY:
        return Fault.FALSE_ALARM
    match question.kind:
        case Kind.ABSENT:
            return Fault.WRONG if asserts(turn.decision) else Fault.NONE
        case Kind.OUT_OF_SCOPE:
            return _out_of_scope(turn)
        case Kind.AMBIGUOUS:
            return _ambiguous(question, turn)
        case _:
            return _in_scope(question, turn)


def _out_of_scope(turn: Turn) -> Fault:
    if refuses(turn.decision):
        return Fault.NONE
    return Fault.OFFERED if turn.decision.action in _OFFERS else Fault.WRONG


def _ambiguous(question: CitizenQuestion, turn: Turn) -> Fault:
    decision = turn.decision
    if decision.action is Action.LIFE_EVENT:
        return Fault.NONE
    if asserts(decision):
        return Fault.NOT_ASKED if set(shown(decision)).intersection(question.gold) else Fault.WRONG
    if declines(decision):
        return Fault.TURNED_AWAY
    return Fault.NONE if set(decision.choices).intersection(question.gold) else Fault.NOT_OFFERED


def _in_scope(question: CitizenQuestion, turn: Turn) -> Fault:
    decision = turn.decision
    if set(shown(decision)).intersection(question.gold):
        missing = [fact for fact in question.answer_facts if not contains(turn.reply.text, fact)]
        return Fault.FACT_MISSING if missing else Fault.NONE
    if shown(decision) and asserts(decision):
        return Fault.WRONG
    if decision.action not in _OFFERS:
        return Fault.TURNED_AWAY
    if not set(decision.choices).intersection(question.gold):
        return Fault.NOT_OFFERED
    return Fault.ASKED_NEEDLESSLY if rank_in(turn.ranking, question.gold) == 1 else Fault.NONE


def judge_all(interviewer: Interviewer, questions: Iterable[CitizenQuestion], folded: bool) -> list[Judged]:
    """Ask every question in a conversation of its own; `folded` strips its accents first."""
    judged = []
    for question in questions:
        turn = interviewer.ask(strip_accents(question.text) if folded else question.text)
        judged.append(Judged(question, turn, judge(question, turn)))
    return judged


def measured(judged: Iterable[Judged]) -> dict[str, Figure]:
    """Return the benchmark's figures over what was asked, by their keys."""
    return dict(figures(seen for one in judged for seen in observe_question(one.turn, one.question)))


def worst(judged: Iterable[Judged], number: int) -> list[Judged]:
    """Return at most `number` faulty ones, the worst first."""
    faulty = (one for one in judged if one.fault is not Fault.NONE)
    return sorted(faulty, key=lambda one: one.badness, reverse=True)[:number]


def page(judged: Sequence[Judged], catalogue: Catalogue, number: int, title: str) -> str:
    """Return the Markdown page: figures, faults by kind, and the worst."""
    parts = [f"# {title}\n", "| figure | value | 95 % | n |\n|---|---|---|---|"]
    for key, figure in measured(judged).items():
        parts.append(f"| {key} | {figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} | {figure.n} |")
    parts += ["", *_faults(judged), "", *_groups(judged), "", f"## The worst {number}\n"]
    for place, one in enumerate(worst(judged, number), start=1):
        parts += _entry(place, one, catalogue)
    return "\n".join(parts) + "\n"


def _faults(judged: Sequence[Judged]) -> Iterator[str]:
    kinds = [kind for kind in Kind if any(one.question.kind is kind for one in judged)]
    yield "| fault | " + " | ".join(kinds) + " |"
    yield "|---" * (len(kinds) + 1) + "|"
    counts = Counter((one.fault, one.question.kind) for one in judged)
    for fault in sorted(Fault, reverse=True):
        if any(counts[fault, kind] for kind in kinds):
            cells = " | ".join(str(counts[fault, kind]) for kind in kinds)
            yield f"| {fault.name.lower().replace('_', ' ')} | {cells} |"


def _groups(judged: Sequence[Judged]) -> Iterator[str]:
    """Yield where the right family stands, by the way of typing and by where the family was drawn."""
    ranks: dict[str, list[int]] = {}
    for one in judged:
        if one.question.kind is Kind.FIND:
            rank = rank_in(one.turn.ranking, one.question.gold) or NOWHERE
            for group in (f"typed: {one.question.style}", f"drawn: {one.question.drawn}"):
                ranks.setdefault(group, []).append(rank)
    if not ranks:
        return
    yield "| find | n | R@1 | R@3 | R@10 |"
    yield "|---" * 5 + "|"
    for group, found in sorted(ranks.items()):
        shares = " | ".join(f"{sum(rank <= cut for rank in found) / len(found):.2f}" for cut in CUTS)
        yield f"| {group} | {len(found)} | {shares} |"


def _entry(place: int, one: Judged, catalogue: Catalogue) -> Iterator[str]:
    question, decision = one.question, one.turn.decision
    fault = one.fault.name.lower().replace("_", " ")
    yield f"{place}. **{question.text}** ({question.id}, {question.kind}, {question.style}): {fault}"
    yield f"   - why it is there: {question.note}"
    if question.gold:
        yield f"   - expected: {_names(question.gold, catalogue)}"
    if question.answer_facts:
        yield f"   - of its {question.aspect}: {'; '.join(question.answer_facts)}"
    aspects = f", aspects {', '.join(decision.aspects)}" if decision.aspects else ""
    yield f"   - returned: {decision.action} ({decision.reason}){aspects}{_returned(one.turn, catalogue)}"
    if one.turn.ranking:
        yield f"   - ranked: {_ranked(one, catalogue)}"


def _returned(turn: Turn, catalogue: Catalogue) -> str:
    codes = shown(turn.decision) or turn.decision.choices
    guide = turn.decision.guide or turn.decision.event or ""
    return (f": {_names(codes, catalogue)}" if codes else "") + (f" [{guide}]" if guide else "")


def _ranked(one: Judged, catalogue: Catalogue) -> str:
    ranking = one.turn.ranking
    if ranking is None:
        return "nothing was searched"
    first = "; ".join(
        f"{_names((hit.code,), catalogue)} {hit.score:.2f}" for hit in ranking.hits[:CANDIDATES]
    )
    rank = rank_in(ranking, one.question.gold) if one.question.gold else None
    place = f", the right one at {rank or 'none of ' + str(len(ranking.hits))}" if one.question.gold else ""
    return (
        f"{first} ({ranking.verdict}, margin {ranking.margin:.2f}, in scope {ranking.in_scope:.2f}, "
        f"content {ranking.content}{place})"
    )


def _names(codes: Sequence[str], catalogue: Catalogue) -> str:
    """Return the families of `codes` in words: each once, three at most."""
    named: dict[str, str] = {}
    for code in codes:
        procedure = catalogue.by_code.get(code)
        if procedure:
            words = procedure.short_name.split()
            short = " ".join(words[:WORDS]) + ("…" if len(words) > WORDS else "")
            named.setdefault(procedure.family, f"{code} {short}")
    more = f" and {len(named) - CANDIDATES} more" if len(named) > CANDIDATES else ""
    return "; ".join(list(named.values())[:CANDIDATES]) + more


def main() -> None:
    """Ask, judge, and print or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", type=Kind, choices=list(Kind), help="one kind of question only")
    parser.add_argument("--number", type=int, default=LISTED, help="how many to list")
    parser.add_argument("--folded", action="store_true", help="without accents")
    parser.add_argument("--lexical", action="store_true", help="without the search model")
    parser.add_argument("--nlu", default="off", help="auto, start, off, or an address, as of `troly eval`")
    parser.add_argument("--out", type=Path, help="a file instead of standard output")
    arguments = parser.parse_args()
    questions = [q for q in citizen_questions() if arguments.kind in {None, q.kind}]
    with system(arguments.nlu, not arguments.lexical) as tested:
        judged = judge_all(Interviewer(tested.assistant, tested.mask), questions, arguments.folded)
    way = ", without accents" if arguments.folded else ""
    title = f"{len(questions)} questions of citizens{way}: {tested.search_note}; NLU {tested.nlu.note}"
    text = page(judged, tested.catalogue, arguments.number, title)
    if arguments.out is None:
        sys.stdout.write(text)
    else:
        arguments.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
