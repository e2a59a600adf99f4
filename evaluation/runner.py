"""Running the benchmark: every question in each way of typing it, and the dialogues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.measuring import Figure, Observation, difference, figures, percentile
from evaluation.observing import Interviewer, observe_dialogues, observe_question
from evaluation.questions import Dialogue, Kind, Question
from evaluation.subject import Assistant, Mask
from evaluation.typos import add_typos, strip_accents

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Variant:
    """A way of typing the questions: the suffix of its keys, and the kinds that it is measured on."""

    suffix: str
    rewrite: Callable[[str], str]
    kinds: frozenset[Kind]


VARIANTS = (
    Variant("", str, frozenset(Kind)),
    Variant("_folded", strip_accents, frozenset(Kind)),
    Variant("_typos", add_typos, frozenset({Kind.FIND})),
)
MAIN_KEYS = (
    *(f"find{suffix}.{cut}" for suffix in ("", "_folded", "_typos") for cut in ("r1", "r3", "r10", "mrr")),
    "aspect.facts",
    "ambiguous.ask_back",
    "oos.refused",
    "inscope.refused",
    "direct.wrong",
    "direct.share",
    "absent.not_asserted",
    "guide.recognised",
    "emergency.recognised",
    "dialogue.turns",
)
"""The keys that the page of the benchmark names, in its order; any other key is ours."""
ACCENTS_LOST = "find.accents_lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run measured: figures by key, counts by kind, latencies, what each missed turn lacked, and
    the observations behind the figures.
    """

    figures: Mapping[str, Figure]
    counts: Mapping[str, int]
    took_ms: tuple[float, ...]
    unmet: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()

    def flat(self) -> dict[str, float]:
        """Return every figure, count and latency as one flat object."""
        values = {key: round(figure.value, 4) for key, figure in self.figures.items()}
        for cut in (50, 95):
            values[f"latency.p{cut}_ms"] = round(percentile(self.took_ms, cut), 2)
        return values | {f"n.{key}": count for key, count in self.counts.items()}


def run(
    assistant: Assistant,
    mask: Mask,
    questions: Sequence[Question],
    dialogues: Sequence[Dialogue] = (),
    progress: Progress = lambda _: None,
) -> Outcome:
    """Measure `assistant` and return the outcome; `progress` is told what is being asked.

    `questions` are told apart by their ids (see `told_apart`).
    """
    interviewer = Interviewer(assistant, mask)
    observations: list[Observation] = []
    for variant in VARIANTS:
        asked = [question for question in questions if question.kind in variant.kinds]
        progress(f"{len(asked)} questions{variant.suffix.replace('_', ', ')}")
        for question in asked:
            turn = interviewer.ask(variant.rewrite(question.text))
            observations += observe_question(turn, question, variant.suffix)
    progress(f"{len(dialogues)} dialogues")
    unmet: dict[str, tuple[str, ...]] = {}
    for observation, short in observe_dialogues(interviewer, dialogues):
        observations.append(observation)
        if short:
            unmet[observation.id] = short
    observations += difference(ACCENTS_LOST, "find.r1", "find_folded.r1", observations)
    counts = count(questions, dialogues) | {"crashed_turns": len(interviewer.crashes)}
    found = _in_order(figures(observations))
    return Outcome(found, counts, tuple(interviewer.took_ms), unmet, tuple(observations))


def told_apart(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Return the questions with ids that stand once: a second "F1" is "F1#2" (kinds may share ids)."""
    seen: Counter[str] = Counter()
    apart: list[Question] = []
    for question in questions:
        seen[question.id] += 1
        again = seen[question.id]
        apart.append(question.model_copy(update={"id": f"{question.id}#{again}"}) if again > 1 else question)
    return tuple(apart)


def count(questions: Sequence[Question], dialogues: Sequence[Dialogue]) -> dict[str, int]:
    """Return how many there are of each kind, and of dialogues and their turns."""
    kinds = Counter(question.kind for question in questions)
    counts = {kind.value: kinds[kind] for kind in Kind}
    turns = sum(len(dialogue.turns) for dialogue in dialogues)
    return counts | {"questions": len(questions), "dialogues": len(dialogues), "dialogue_turns": turns}


def _in_order(measured: Mapping[str, Figure]) -> dict[str, Figure]:
    first = {key: measured[key] for key in MAIN_KEYS if key in measured}
    return first | {key: figure for key, figure in measured.items() if key not in first}
