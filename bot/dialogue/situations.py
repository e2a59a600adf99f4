"""What tells choices apart in the words of everyday life: the question to ask, and a hint for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel

from procedures_kb.yaml_files import read_model
from vietnamese import spaced, syllables

FILE = Path(__file__).parents[1] / "replies" / "situations.yaml"
Phrases = Annotated[tuple[str, ...], Field(min_length=1)]


class Situation(BaseModel):
    """One value of a difference: the phrases in a name that tell it, and when it is the right one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: Phrases
    hint: str


class Difference(BaseModel):
    """One way in which procedures of a matter differ; `otherwise` is the hint of a name that says none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    otherwise: str
    values: Annotated[tuple[Situation, ...], Field(min_length=1)]

    def of(self, name: str) -> int | None:
        """Return the place of the first situation that `name` tells, None for none."""
        line = spaced(name)
        told = (at for at, value in enumerate(self.values) if any(f" {said} " in line for said in value.says))
        return next(told, None)

    def hint(self, place: int | None) -> str | None:
        """Return the hint of the situation at `place`, of a name that tells none at None."""
        return (self.otherwise if place is None else self.values[place].hint) or None


class Situations(RootModel[dict[str, Difference]]):
    """All differences, in the order in which they are looked for."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Told:
    """A hint for each choice, None where nothing tells it, and the question where one question tells all."""

    question: str | None
    hints: tuple[str | None, ...]


def tell_apart(names: Sequence[str]) -> Told:
    """Return what tells procedures of these names apart.

    Where they are of one matter and one difference sets each apart from the others, its question and hints;
    otherwise no question, and to each name the first hint that it tells itself.
    """
    differences = load().root.values()
    for difference in differences if _one_matter(names) else ():
        told = [difference.of(name) for name in names]
        if len(set(told)) == len(names):
            return Told(difference.question, tuple(difference.hint(place) for place in told))
    differing = [d for d in differences if len({d.of(name) for name in names}) > 1]
    return Told(None, tuple(_own_hint(name, differing) for name in names))


def _own_hint(name: str, differences: Sequence[Difference]) -> str | None:
    told = ((difference, difference.of(name)) for difference in differences)
    return next((difference.hint(place) for difference, place in told if place is not None), None)


def _one_matter(names: Sequence[str]) -> bool:
    """Return whether every name shares half of the shorter one's syllables with each other name."""
    said = [set(syllables(name.lower())) for name in names]
    return len(names) > 1 and all(
        2 * len(one & other) >= min(len(one), len(other)) for one, other in combinations(said, 2)
    )


@lru_cache(maxsize=1)
def load(file: Path = FILE) -> Situations:
    """Read the differences. Raises ValueError, naming the place, for a file that is not of their form."""
    return read_model(file, Situations, ValueError)
