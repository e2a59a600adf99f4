"""The guide engine: where somebody stands in a guide, and what a move does. Pure.

A guide is a row of nodes: steps, and the questions that decide which steps follow. The row depends on the
answers given so far, and ends at the first question that is still open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from bot.dialogue.decision import Move
from bot.dialogue.state import GuidePosition

BEFORE_FIRST = ""
QUESTION = "?"
UNSURE = "unsure"  # the option "I do not know", where a question has one


@dataclass(frozen=True, slots=True)
class StuckView:
    """A cause of being stuck, and what then."""

    when: str
    then: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as it is shown. `when`: the answers, by question, with which it belongs to the way."""

    id: str
    do: str
    where: str | None = None
    see: str | None = None
    stuck: tuple[StuckView, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture: str | None = None
    own_hands: bool = False
    helper: str | None = None

    @property
    def node(self) -> str:
        """The id under which a position names this step."""
        return self.id


@dataclass(frozen=True, slots=True)
class OptionView:
    """One answer to a question; `go` leads into another guide instead of going on."""

    id: str
    label: str
    words: tuple[str, ...] = ()
    go: str | None = None


@dataclass(frozen=True, slots=True)
class AskView:
    """A question that decides the way."""

    id: str
    ask: str
    options: tuple[OptionView, ...]
    help: str | None = None
    remembered: bool = False

    @property
    def node(self) -> str:
        """The id under which a position names this question."""
        return QUESTION + self.id

    def option(self, option_id: str | None) -> OptionView | None:
        """Return the option with this id, None where there is none (any more)."""
        return next((o for o in self.options if o.id == option_id), None)


Node = StepView | AskView


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide as it is walked: a written one, or a procedure's own way."""

    id: str
    title: str
    needs: tuple[str, ...]
    steps: tuple[StepView, ...]
    done: str
    asks: tuple[AskView, ...] = ()
    helper: str | None = None
    next: tuple[str, ...] = ()
    intro: str | None = None  # what is said before the needs
    closing: str | None = None  # source and date, said at the beginning and at the end

    def nodes(self, answers: Mapping[str, str]) -> tuple[Node, ...]:
        """Return the way as far as `answers` show it: it ends at the first open question."""
        return tuple(self._nodes(answers))

    def count(self, answers: Mapping[str, str]) -> int:
        """Return how many steps the way has; the longest one while questions are open."""
        asks = [ask for ask in self.asks if ask.option(answers.get(ask.id)) is None]
        open_options = [[(ask.id, o.id) for o in ask.options if o.go is None] for ask in asks]
        ways = (self.nodes({**answers, **dict(choice)}) for choice in product(*filter(None, open_options)))
        return max(sum(isinstance(node, StepView) for node in way) for way in ways)

    def ask(self, ask_id: str) -> AskView | None:
        """Return the question with this id, None where there is none (any more)."""
        return next((ask for ask in self.asks if ask.id == ask_id), None)

    def _nodes(self, answers: Mapping[str, str]) -> Iterator[Node]:
        deciding = {ask_id for step in self.steps for ask_id in step.when}
        placed: set[str] = set()
        for ask in self.asks:
            if ask.id not in deciding:  # it only leads into other guides
                placed.add(ask.id)
                yield ask
                if ask.option(answers.get(ask.id)) is None:
                    return
        for step in self.steps:
            for ask in self.asks:
                if ask.id not in step.when:
                    continue
                if ask.id not in placed:
                    placed.add(ask.id)
                    yield ask
                chosen = ask.option(answers.get(ask.id))
                if chosen is None:
                    return
                if chosen.id not in step.when[ask.id]:
                    break
            else:
                yield step


@dataclass(frozen=True, slots=True)
class Walk:
    """What a move leads to: the new position (None: the guide is over) and what to show there.

    `number` of `count` is the step shown, or the one that follows the question shown. `go` is the guide into
    which a chosen option leads; the position stays at the question then.
    """

    position: GuidePosition | None
    node: Node | None
    number: int
    count: int
    at_start: bool = False
    go: str | None = None


def walk(
    guide: GuideView,
    position: GuidePosition | None,
    move: Move,
    option: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> Walk:
    """Return where `move` leads from `position` (None: not begun).

    `facts` are remembered answers, used where the guide asks the same; `option` is what CHOOSE chooses.
    """
    if position is None or move in {Move.START, Move.RESTART}:
        position = _begun(guide, {} if move is Move.RESTART else facts or {})
        move = Move.START
    position = position.model_copy(update={"running": move is not Move.STOP})
    nodes = guide.nodes(position.answers)
    here = _place(nodes, position)
    if move is Move.CHOOSE:
        return _chosen(guide, position, nodes, here, option)
    if move in {Move.NEXT, Move.SKIP}:
        return _onwards(guide, position, nodes, here)
    if move is Move.START:
        return _at(guide, position, nodes, _first_open(nodes, 0, position.answers))
    if move is Move.PREVIOUS:
        return _at(guide, position, nodes, max(here - 1, 0), at_start=here <= 0)
    return _at(guide, position, nodes, max(here, 0))


def passed(position: GuidePosition | None) -> bool:
    """Return whether somebody has gone beyond the beginning of the guide."""
    return position is not None and bool(position.passed)


def _begun(guide: GuideView, facts: Mapping[str, str]) -> GuidePosition:
    known = {
        ask.id: facts[ask.id]
        for ask in guide.asks
        if ask.remembered and ask.option(facts.get(ask.id)) is not None
    }
    return GuidePosition(guide=guide.id, step=BEFORE_FIRST, answers=known)


def _place(nodes: tuple[Node, ...], position: GuidePosition) -> int:
    """Return the place of the position; -1 before the first.

    Where its step is gone from the guide: the first step that was not done yet, or the last node.
    """
    if position.step == BEFORE_FIRST:
        return -1
    places = {node.node: place for place, node in enumerate(nodes)}
    if position.step in places:
        return places[position.step]
    undone = (i for i, node in enumerate(nodes) if node.node not in position.passed and _open(node, position))
    return next(undone, len(nodes) - 1)


def _open(node: Node, position: GuidePosition) -> bool:
    return isinstance(node, StepView) or node.option(position.answers.get(node.id)) is None


def _first_open(nodes: tuple[Node, ...], start: int, answers: Mapping[str, str]) -> int:
    """Return the next place from `start` on that is a step, or a question without an answer."""
    place = start
    while place < len(nodes):
        node = nodes[place]
        if isinstance(node, StepView) or node.option(answers.get(node.id)) is None:
            break
        place += 1
    return place


def _onwards(guide: GuideView, position: GuidePosition, nodes: tuple[Node, ...], here: int) -> Walk:
    node = nodes[here] if here >= 0 else None
    if isinstance(node, AskView) and node.option(position.answers.get(node.id)) is None:
        # An open question is not passed over; who only says "next" does not know the answer.
        return _chosen(guide, position, nodes, here, UNSURE)
    if isinstance(node, StepView):
        done = dict.fromkeys((*position.passed, node.id))
        position = position.model_copy(update={"passed": tuple(done)})
    return _at(guide, position, nodes, _first_open(nodes, here + 1, position.answers))


def _chosen(
    guide: GuideView, position: GuidePosition, nodes: tuple[Node, ...], here: int, option: str | None
) -> Walk:
    node = nodes[max(here, 0)]
    chosen = node.option(option) if isinstance(node, AskView) else None
    if chosen is None or not isinstance(node, AskView):
        return _at(guide, position, nodes, max(here, 0))
    if chosen.go is not None:
        there = _at(guide, position, nodes, max(here, 0))
        return Walk(there.position, there.node, there.number, there.count, go=chosen.go)
    answers = {**position.answers, node.id: chosen.id}
    known = position.model_copy(update={"answers": answers})
    nodes = guide.nodes(answers)
    after = nodes.index(node) + 1
    return _at(guide, known, nodes, _first_open(nodes, after, answers))


def _at(
    guide: GuideView, position: GuidePosition, nodes: tuple[Node, ...], place: int, *, at_start: bool = False
) -> Walk:
    count = guide.count(position.answers)
    if place >= len(nodes):
        return Walk(None, None, count, count)
    node = nodes[place]
    number = sum(isinstance(n, StepView) for n in nodes[: place + 1]) + isinstance(node, AskView)
    there = position.model_copy(update={"step": node.node})
    return Walk(there, node, min(number, count), count, at_start=at_start)
