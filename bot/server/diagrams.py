"""Draws guides as Mermaid state diagrams, from the engine itself: its rows of nodes, its moves.

Nothing is drawn by hand: every arrow of a guide is a pair of neighbours in `GuideView.nodes` for some
answers, every arrow of the engine is what `walk` returned.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.dialogue.decision import Move
from bot.dialogue.guide import (
    BEFORE_FIRST,
    AskView,
    GuideView,
    Node,
    OptionView,
    StepView,
    walk,
)
from bot.dialogue.state import GuidePosition

MAX_LABEL = 60
_UNSAFE = str.maketrans(
    {'"': "'", ":": " –", ";": ",", "#": "", "<": "", ">": "", "\n": " ", "%": " phần trăm"}
)
Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """One whole way through a guide: the answers that lead along it, and its nodes."""

    answers: Answers
    nodes: tuple[Node, ...]

    @property
    def steps(self) -> int:
        """Return how many steps it has."""
        return sum(isinstance(node, StepView) for node in self.nodes)


def ways(guide: GuideView, answers: Answers | None = None) -> Iterator[Way]:
    """Yield every whole way through `guide`, in the order of the options.

    Options that lead into another guide are none.
    """
    answers = answers or {}
    nodes = guide.nodes(answers)
    last = nodes[-1] if nodes else None
    if not isinstance(last, AskView) or last.option(answers.get(last.id)) is not None:
        yield Way(answers, nodes)
        return
    for option in last.options:
        if option.go is None:
            yield from ways(guide, {**answers, last.id: option.id})


def guide_diagram(guide: GuideView, titles: Mapping[str, str]) -> str:
    """Return the guide as Mermaid text. `titles`: those of the guides that its options lead into, by id."""
    found = tuple(ways(guide))
    names = _names(guide, found)
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_safe(text)}" as {name}' for name, text in _states(guide, names)]
    away = dict.fromkeys(option.go for _, option in _leaving(guide, names) if option.go)
    lines += [f'    state "→ {_safe(titles.get(other, other))}" as go_{other}' for other in away]
    lines += [_arrow(*arrow) for arrow in _arrows(guide, found, names)]
    lines += [
        _arrow(names[ask.node], f"go_{option.go}", option.label) for ask, option in _leaving(guide, names)
    ]
    lines += [f"    go_{other} --> [*]" for other in away]
    return "\n".join(lines)


def _names(guide: GuideView, found: tuple[Way, ...]) -> dict[str, str]:
    """Return the state's name of every node on some way, in the order of the guide."""
    on_the_way = {node.node for way in found for node in way.nodes}
    asks = {ask.node: f"ask{number}" for number, ask in enumerate(guide.asks, start=1)}
    steps = {step.node: f"step{number}" for number, step in enumerate(guide.steps, start=1)}
    return {node: name for node, name in {**asks, **steps}.items() if node in on_the_way}


def _states(guide: GuideView, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for ask in guide.asks:
        if ask.node in names:
            yield names[ask.node], f"? {ask.ask}"
    for number, step in enumerate(guide.steps, start=1):
        if step.node in names:
            yield names[step.node], f"{number} · {step.do}"  # "1. " would be a list in Markdown


def _leaving(guide: GuideView, names: Mapping[str, str]) -> Iterator[tuple[AskView, OptionView]]:
    for ask in guide.asks:
        for option in ask.options:
            if ask.node in names and option.go is not None:
                yield ask, option


def _arrows(
    guide: GuideView, found: tuple[Way, ...], names: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Yield (from, to, label) once each, in the order in which the ways use them."""
    used: dict[tuple[str, str], list[Answers]] = defaultdict(list)
    for way in found:
        row = ["[*]", *(names[node.node] for node in way.nodes), "[*]"]
        for pair in pairwise(row):
            used[pair].append(way.answers)
    asks = {names[ask.node]: ask for ask in guide.asks if ask.node in names}
    for (start, end), answers in used.items():
        if start in asks:
            yield start, end, _told(asks[start], answers)
        else:
            rivals = [given for (other, _), lists in used.items() if other == start for given in lists]
            yield start, end, _condition(guide, answers, rivals)


def _condition(guide: GuideView, taken: list[Answers], rivals: list[Answers]) -> str:
    """Return the answers with which this arrow is taken, as far as they tell it from its rivals."""
    deciding = [
        ask for ask in guide.asks if {a.get(ask.id) for a in taken} != {a.get(ask.id) for a in rivals}
    ]
    return ", ".join(filter(None, (_told(ask, taken) for ask in deciding)))


def _told(ask: AskView, taken: list[Answers]) -> str:
    given = {answers.get(ask.id) for answers in taken}
    return " / ".join(option.label for option in ask.options if option.id in given)


def _arrow(start: str, end: str, label: str) -> str:
    return f"    {start} --> {end}" + (f" : {_safe(label, 120)}" if label else "")


def _safe(text: str, most: int = MAX_LABEL) -> str:
    """Return `text` without what Mermaid reads as its own, cut at a word."""
    return textwrap.shorten(text.translate(_UNSAFE), most, placeholder="…")


# ---- the engine --------------------------------------------------------------------------------------------

_SAMPLE = GuideView(
    "sample",
    "Sample",
    (),
    (
        StepView("a", "first"),
        StepView("b", "second", when={"which": ("one", "unsure")}),
        StepView("c", "third", when={"which": ("two",)}),
        StepView("d", "last"),
    ),
    "done",
    (
        AskView(
            "which",
            "which way?",
            (
                OptionView("one", "one way"),
                OptionView("two", "another way"),
                OptionView("unsure", "not sure"),
                OptionView("away", "into another guide", go="other"),
            ),
        ),
    ),
)
_NOT_BEGUN, _STEP, _QUESTION, _STOPPED = "not_begun", "step", "question", "stopped"
_OVER, _AWAY, _WAITING = "over", "another_guide", "waiting"
_OTHER = "any other question"
_ENGINE_STATES = {
    _NOT_BEGUN: "not begun, or laid ready beside an answer",
    _STEP: "a step is shown",
    _QUESTION: "a question that decides the way is open",
    _STOPPED: "stopped, the place is kept",
    _WAITING: "waiting, something else is being answered",
    _OVER: "over",
    _AWAY: "another guide begins, this one is on the shelf",
}


def engine_diagram() -> str:
    """Return the engine's own states as Mermaid text, from every move at every place of a small guide.

    Arrows from a state to itself are left out; `engine_rows` has them.
    """
    lines = ["stateDiagram-v2", *(f'    state "{text}" as {name}' for name, text in _ENGINE_STATES.items())]
    lines.append(f"    [*] --> {_NOT_BEGUN}")
    lines += [_arrow(start, end, ", ".join(moves)) for start, end, moves in engine_rows() if start != end]
    return "\n".join([*lines, f"    {_OVER} --> [*]"])


def engine_rows() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return every (state, state after, moves that can lead there), in the order of the states."""
    moves: dict[tuple[str, str], set[str]] = defaultdict(set)
    for start, end, move in _tried():
        moves[start, end].add(move)
    order = list(_ENGINE_STATES)
    pairs = sorted(moves, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))
    return tuple((start, end, _named(moves[start, end])) for start, end in pairs)


def _named(moves: set[str]) -> tuple[str, ...]:
    if moves >= set(Move):
        return ("any move",)
    return tuple(sorted(moves, key=[*Move, _OTHER].index))


def _tried() -> Iterator[tuple[str, str, str]]:
    """Yield (state, state after, move) for every move at every place that any moves lead to."""
    waiting: list[GuidePosition | None] = [None]
    seen: set[str] = set()
    while waiting:
        position = waiting.pop(0)
        before = _kind(position)
        for move, option in _moves():
            walked = walk(_SAMPLE, position, move, option)
            after = _AWAY if walked.go else _OVER if walked.position is None else _kind(walked.position)
            yield before, after, move.value
            if walked.position and (key := walked.position.model_dump_json()) not in seen:
                seen.add(key)
                waiting.append(walked.position)
        if before in {_STEP, _QUESTION}:
            # An answer to something else does not touch the position; coming back is a move.
            yield before, _WAITING, _OTHER
            yield _WAITING, _kind(walk(_SAMPLE, position, Move.RESUME).position), Move.RESUME.value


def _moves() -> Iterator[tuple[Move, str | None]]:
    for move in Move:
        if move is not Move.CHOOSE:
            yield move, None
    for option in _SAMPLE.asks[0].options:
        yield Move.CHOOSE, option.id


def _kind(position: GuidePosition | None) -> str:
    if position is None or position.step == BEFORE_FIRST:
        return _NOT_BEGUN
    if not position.running:
        return _STOPPED
    return _QUESTION if position.step in {ask.node for ask in _SAMPLE.asks} else _STEP
