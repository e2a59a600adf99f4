"""Holds each card of `data/curated/` against its record: nothing in it may go beyond what the record says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from procedures_kb.cards import CARDS, BrokenCard, Card, CardCase, card_files, papers_named, read_card
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, DocumentKind, Flag, Paper, Procedure, Record, Text
from procedures_kb.yaml_files import read_model
from vietnamese import fold, spaced, syllables

RULES = Path(__file__).parent / "data" / "rules" / "cards.yaml"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_CLAUSE = re.compile(r"[,.;:()!?–—\"“”]")
_COPY = "bản sao bản chụp"  # what a record says by the number of copies
_CODE = re.compile(r"\b\d\.\d{6}\b")


class BrokenCardRules(ValueError):
    """`data/rules/cards.yaml` cannot be used; the message says why."""


class CardRules(Record):
    """What the check looks for; the file explains each list."""

    paper_heads: tuple[Text, ...]
    function_words: frozenset[str]
    general: tuple[Text, ...]
    plain: Mapping[str, tuple[Text, ...]]
    spelled: Mapping[str, int]
    units: tuple[Text, ...]
    not_counted: tuple[Text, ...]


@dataclass(frozen=True)
class CardProblem:
    """What is wrong with a card: its file, the place in it, and the reason."""

    file: str
    where: str
    reason: str


@dataclass(frozen=True)
class CardReport:
    """All cards that could be read, and all problems."""

    cards: tuple[Card, ...]
    problems: tuple[CardProblem, ...]

    @property
    def events(self) -> frozenset[str]:
        """The life events that some card belongs to."""
        return frozenset(event for card in self.cards for event in card.events)


@cache
def card_rules(file: Path = RULES) -> CardRules:
    """Return the rules. Raises BrokenCardRules."""
    return read_model(file, CardRules, BrokenCardRules)


def check_cards(catalogue: Catalogue, folder: Path = CARDS) -> CardReport:
    """Check every card below `folder` (a folder of areas, or one area) against `catalogue`."""
    cards: list[Card] = []
    problems: list[CardProblem] = []
    seen: dict[str, str] = {}
    for file in card_files(folder) or sorted(folder.glob("*.yaml")):
        name = f"{file.parent.name}/{file.name}"
        try:
            card = read_card(file)
        except BrokenCard as error:
            problems.append(CardProblem(name, "", str(error)))
            continue
        if card.code in seen:
            problems.append(CardProblem(name, "code", f"{card.code} has a card in {seen[card.code]} too"))
        seen.setdefault(card.code, name)
        cards.append(card)
        problems += [CardProblem(name, where, reason) for where, reason in wrongs(card, catalogue)]
    return CardReport(tuple(cards), tuple(problems))


def wrongs(card: Card, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield each place of `card` that its record does not support, with the reason."""
    procedure = catalogue.by_code.get(card.code)
    if procedure is None:
        yield "code", f"the catalogue has no {card.code}"
        return
    if procedure.detail is not Detail.FULL or procedure.has(Flag.LOCAL_VERSION):
        yield "code", f"{card.code} has no facts that may be served (name only, or one province's version)"
        return
    held = _Held(procedure)
    yield from _siblings(card, catalogue)
    yield from _checklists(card, held)
    for where, text in _sentences(card):
        yield from ((where, reason) for reason in _beyond(text, held))
    for number, text in enumerate(card.advice):
        yield from ((f"advice.{number}", reason) for reason in _not_advice(text))


def _siblings(card: Card, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    for sibling in card.siblings:
        if sibling.code == card.code:
            yield "siblings", "a procedure is not its own sibling"
        if not catalogue.may_serve(sibling.code):
            yield "siblings", f"the catalogue has no {sibling.code} that may be served"
    if card.ask and not card.siblings:
        yield "ask", "a question that tells siblings apart needs siblings"


@dataclass(frozen=True)
class _Held:
    """What a record holds, ready to be looked through."""

    procedure: Procedure

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        return tuple(paper for case in self.procedure.documents for paper in case.items)

    @cached_property
    def always(self) -> tuple[Paper, ...]:
        """The papers that every dossier needs, as far as the record tells."""
        return tuple(
            paper
            for case in self.procedure.documents
            if case.case is None
            for paper in case.items
            if paper.when is None and paper.kind is DocumentKind.SUBMIT
        )

    @cached_property
    def text(self) -> str:
        """All words of the record, folded, between spaces."""
        dumped = self.procedure.model_dump(mode="json", exclude={"source", "flags"})
        copies = _COPY if any(paper.copies for paper in self.papers) else ""
        return _plain(" . ".join([*_strings(dumped), copies]))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """All numbers of the record, without separators and leading zeros."""
        dumped = _strings(self.procedure.model_dump(mode="json", exclude={"code", "source", "legal_basis"}))
        spelled = {str(value) for text in dumped for value in _spelled(text)}
        return frozenset({_bare(n) for text in dumped for n in _NUMBER.findall(text)} | spelled)

    def named(self, title: str) -> tuple[Paper, ...]:
        """Return the papers that `title` names (`procedures_kb.cards.papers_named`)."""
        return papers_named(self.procedure, title)


def _strings(value: object) -> list[str]:
    """Return every text and number inside `value`; whole floats without their point."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    if isinstance(value, float) and value.is_integer():
        return [str(int(value))]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _plain(text: str) -> str:
    return spaced(fold(text))


def _bare(number: str) -> str:
    return re.sub(r"[.,]", "", number).lstrip("0") or "0"


def _checklists(card: Card, held: _Held) -> Iterator[tuple[str, str]]:
    told: set[Paper] = set()
    for case in card.cases:
        told.update(paper for line in case.papers for paper in held.named(line.paper))
        yield from _checklist(case, held)
    for place, mistake in enumerate(card.mistakes):
        if mistake.paper and not held.named(mistake.paper):
            yield f"mistakes.{place}", f"the record has no paper {mistake.paper!r}"
    missing = [p.name for p in held.papers if p not in told and p.kind is not DocumentKind.NOTE]
    if missing and card.rest is None:
        yield "rest", f"needed, because no case lists: {'; '.join(missing[:3])}"


def _checklist(case: CardCase, held: _Held) -> Iterator[tuple[str, str]]:
    where = f"cases.{case.id}"
    covered: set[Paper] = set()
    for title in (*(line.paper for line in case.papers), *case.without):
        found = held.named(title)
        if not found:
            yield where, f"the record has no paper {title!r}"
        elif len({p.name for p in found}) > 1:
            yield where, f"{title!r} fits {len(found)} papers: {'; '.join(p.name for p in found[:3])}"
        covered.update(found)
    for paper in held.always:
        if paper not in covered:
            yield where, f"the record always needs {paper.name!r}: list it, or name it under `without`"


def _sentences(card: Card) -> Iterator[tuple[str, str]]:
    """Yield every sentence that may say only what the record says, with its place."""
    yield from (("what", card.what), ("who", card.who))
    if card.rest:
        yield "rest", card.rest
    for case in card.cases:
        yield f"cases.{case.id}.label", case.label
        if case.when:
            yield f"cases.{case.id}.when", case.when
        yield from ((f"cases.{case.id}.say", line.say) for line in case.papers)
    yield from ((f"mistakes.{n}", mistake.say) for n, mistake in enumerate(card.mistakes))


def beyond(text: str, procedure: Procedure) -> Iterator[str]:
    """Yield each number and paper of `text` that the record does not hold, as a reason."""
    yield from _beyond(text, _Held(procedure))


def _beyond(text: str, held: _Held) -> Iterator[str]:
    """Yield each number and paper of `text` that the record does not hold."""
    counted = [_bare(number) for number in _NUMBER.findall(_CODE.sub("", text))]
    for number in (*counted, *map(str, _spelled(text))):
        if number not in held.numbers:
            yield f"{number} stands nowhere in the record: {text!r}"
    for name in paper_words(text):
        official = card_rules().plain.get(name, (name,))
        if not any(_plain(words) in held.text for words in official):
            yield f"{name!r} stands nowhere in the record: {text!r}"


def _not_advice(text: str) -> Iterator[str]:
    if _NUMBER.search(text) or _spelled(text):
        yield f"advice may name no amount or time limit: {text!r}"
    if named := [name for name in paper_words(text) if name not in card_rules().paper_heads]:
        yield f"advice may name no paper ({named[0]}): {text!r}"


def _spelled(text: str) -> list[int]:
    """Return the values of the numbers spelled out before a unit ("hai bản", "mười lăm ngày")."""
    rules = card_rules()
    units = "|".join(rules.units)
    words = "|".join(sorted(rules.spelled, key=len, reverse=True))
    found = re.findall(rf"(?<!\w)({words})\s+({units})(?!\w)", text.lower())
    return [rules.spelled[word] for word, unit in found if f"{word} {unit}" not in rules.not_counted]


def paper_words(text: str) -> list[str]:
    """Return the papers that `text` names: a lay word, or the head with the next syllable of the name.

    The head stands alone where a function word or the end of the clause follows.
    """
    found: list[str] = []
    for clause in _CLAUSE.split(text.lower()):
        units = syllables(clause)
        start = 0
        while start < len(units):
            length, name = _paper_at(" ".join(units[start:]))
            if name:
                found.append(name)
            start += length
    return found


def _paper_at(rest: str) -> tuple[int, str | None]:
    """Return how many syllables to pass over, and the paper named at the beginning of `rest` if any is."""
    rules = card_rules()
    for words in _longest_first(tuple(rules.plain), rules.general):
        if f"{rest} ".startswith(f"{words} "):
            return len(words.split()), words if words in rules.plain else None
    for head in _longest_first(rules.paper_heads):
        if f"{rest} ".startswith(f"{head} "):
            following = rest[len(head) :].split()[:1]
            whole = [head, *(word for word in following if word not in rules.function_words)]
            return len(head.split()), " ".join(whole)
    return 1, None


@cache
def _longest_first(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted((word for words in lists for word in words), key=len, reverse=True))
