"""Training pairs: what people may type, beside the name of the procedure that they mean.

Everything comes from the committed catalogue and lay names, so that the model can be made again from the
repository alone; `texts` adds windows of official text and `questions` real questions, where an operator
has them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from bot.search.analysis import analyse_record
from bot.search.corpus import Corpus, FamilyText
from bot.search.gate import exemplars
from bot.search.lexical import LexicalIndex
from bot.search.noise import noised

_TELLING = 4  # words; a shorter fact ("nếu có", "hộ chiếu") stands in too many records
PHRASES = Path(__file__).parent / "data" / "phrases.yaml"


class Pair(NamedTuple):
    """A question, a name of the family that it means, and a name of a family that it could be mistaken for.

    Families are numbers, those of the corpus first, then one for each sentence of small talk.
    """

    question: str
    name: str
    family: int
    sibling: str
    sibling_family: int


@dataclass(frozen=True)
class Recipe:
    """How many pairs a family gives."""

    per_title: int = 14
    per_lay_name: int = 8
    cross: int = 4  # one lay name beside another
    windows: int = 10  # of facts or of official text
    window: int = 14  # syllables
    per_question: int = 6
    siblings: int = 16  # nearest other families, of which each pair names one
    per_exemplar: int = 12  # of small talk beside itself, so that it lands far from every procedure
    seed: int = 20261122


@dataclass(frozen=True)
class Extra:
    """Text that the repository does not hold: by family, official text and real questions."""

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def templates() -> tuple[str, ...]:
    """Return the ways to ask for a thing, each with "{}" for its name."""
    data = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return tuple(str(line) for line in data["templates"])


@lru_cache(maxsize=1)
def circumstances() -> tuple[str, ...]:
    """Return what people tell besides what they want; it goes before or after, and names no procedure."""
    data = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return tuple(str(line) for line in data["circumstances"])


def asked(name: str, rng: random.Random, circumstance: float = 0.3) -> str:
    """Return a question about `name`, often noised, at times with something else told beside it."""
    line = rng.choice(templates()).replace("{}", name) if rng.random() < 0.5 else name
    if rng.random() < circumstance:
        beside = rng.choice(circumstances())
        line = f"{beside} {line}" if rng.random() < 0.7 else f"{line} {beside}"
    return noised(line, rng) if rng.random() < 0.7 else line


def windows(text: str, size: int, count: int, rng: random.Random) -> Iterator[str]:
    """Yield up to `count` windows of `size` words of `text`."""
    words = text.split()
    if len(words) <= size:
        if words:
            yield text
        return
    for _ in range(count):
        at = rng.randrange(len(words) - size)
        yield " ".join(words[at : at + size])


def family_pairs(
    text: FamilyText, recipe: Recipe, extra: Extra, rng: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield (question, name) of one family."""
    titles = list(dict.fromkeys(title.lower() for title in text.titles))
    lay = [name.lower() for name in text.lay_names]
    names = titles + lay
    for _ in range(recipe.per_title):
        yield asked(rng.choice(titles), rng), rng.choice(names)
    for name in lay:
        for _ in range(recipe.per_lay_name):
            yield asked(name, rng), rng.choice(titles)
        for _ in range(recipe.cross if len(lay) > 1 else 0):
            yield asked(name, rng), rng.choice([other for other in lay if other != name])
    for question in extra.questions.get(text.family, ()):
        for _ in range(recipe.per_question):
            yield noised(question, rng) if rng.random() < 0.6 else question.lower(), rng.choice(names)
        for part in windows(question.lower(), recipe.window, 3, rng):
            yield part, rng.choice(names)
    yield from _fact_pairs(text, recipe, extra, titles, rng)


def _fact_pairs(
    text: FamilyText, recipe: Recipe, extra: Extra, titles: Sequence[str], rng: random.Random
) -> Iterator[tuple[str, str]]:
    # the first of the body is the field, which alone says too little
    facts = [fact for fact in (*text.body[1:], *text.facts) if len(fact.split()) >= _TELLING]
    for fact in rng.sample(facts, k=min(len(facts), recipe.windows)):
        yield fact.lower(), rng.choice(titles)
    whole = " ".join(extra.texts.get(text.family, ())).lower()
    for part in windows(whole, recipe.window, recipe.windows, rng):
        yield (noised(part, rng) if rng.random() < 0.3 else part), rng.choice(titles)


def siblings(corpus: Corpus, count: int) -> list[tuple[int, ...]]:
    """Return for each family the `count` others whose names are nearest to its titles, best first."""
    index = LexicalIndex.build(corpus)
    found = []
    for at, text in enumerate(corpus.families):
        scores = index.search(analyse_record(text.titles[0])).raw.copy()
        scores[at] = -1.0
        best = np.argsort(-scores, kind="stable")[:count]
        found.append(tuple(int(other) for other in best if other != at))
    return found


def make_pairs(corpus: Corpus, recipe: Recipe | None = None, extra: Extra | None = None) -> list[Pair]:
    """Return all pairs of `corpus`, shuffled, the same for the same inputs."""
    recipe, extra = recipe or Recipe(), extra or Extra()
    rng = random.Random(recipe.seed)
    near = siblings(corpus, recipe.siblings)
    pairs: list[Pair] = []
    for at, text in enumerate(corpus.families):
        for question, name in family_pairs(text, recipe, extra, rng):
            other = rng.choice(near[at]) if near[at] else at
            pairs.append(Pair(question, name, at, rng.choice(corpus.families[other].names).lower(), other))
    for at, line in enumerate(exemplars(), start=len(corpus)):
        for _ in range(recipe.per_exemplar):
            other = rng.randrange(len(corpus))
            sibling = rng.choice(corpus.families[other].names).lower()
            pairs.append(Pair(noised(line, rng), line.lower(), at, sibling, other))
    pairs = [pair for pair in pairs if pair.question.strip() and pair.name.strip()]
    rng.shuffle(pairs)
    return pairs
