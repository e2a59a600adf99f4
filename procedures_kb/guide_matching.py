"""Which guide a sentence asks for: weighted overlap of its folded syllables with the guides' phrases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures_kb.model import Record, Text
from vietnamese import expand, fold, normalise, syllables

Share = Annotated[float, Field(ge=0, le=1)]


class Matching(Record):
    """The numbers of the matching (`_settings.yaml`, with the measurement that set them).

    `threshold`: the least score that counts. `question_share`: how much a phrase's score leans on the share
    of the question that it covers, rather than on the share of it that the question covers. `guide_share`:
    how much of the score is the share of the question that all phrases of the guide cover together.
    `pair_weight`: weight of a pair of neighbours, beside 1 for a single syllable. `filler_weight`: weight of
    a syllable in `fillers`, the words that say nothing about the matter. `unseen_weight`: how much a word
    that no guide knows counts against each, beside 1 for the rarest known word. `rest_limit`: as how many
    unknown words all that a guide does not know of a question counts at most, so that a long story does not
    bury what it asks. `foreign_weight`: how much each of the two-syllable words in `foreign`, which name
    procedures, counts against a guide that does not know it, beside 1 for an unknown word, without that
    limit. `same`: what is written, and what it is read as.
    """

    threshold: Share
    question_share: Share
    guide_share: Share
    pair_weight: Share
    filler_weight: Share
    unseen_weight: Share
    rest_limit: Annotated[float, Field(ge=0, le=100)]
    foreign_weight: Annotated[float, Field(ge=0, le=10)]
    same: tuple[tuple[Text, Text], ...] = ()
    fillers: tuple[Text, ...]
    foreign: tuple[Annotated[str, StringConstraints(pattern=r"^\S+ \S+$")], ...] = ()


@dataclass(frozen=True)
class Spoken:
    """How people ask for one guide: whole phrases, and sets of words of which one must be there."""

    guide: str
    phrases: Sequence[str]
    cues: Sequence[Sequence[str]]


@dataclass(frozen=True)
class _Indexed:
    guide: str
    phrases: tuple[frozenset[str], ...]
    vocabulary: frozenset[str]
    cues: tuple[tuple[str, ...], ...]

    def cued(self, said: str) -> bool:
        return any(all(f" {word} " in said for word in cue) for cue in self.cues)


def key(text: str) -> str:
    """Return `text` as the matching reads it: short forms written out, folded, without punctuation."""
    return " ".join(syllables(fold(expand(normalise(text)))))


class PhraseIndex:
    """The phrases of each guide, ready to be compared; immutable after construction."""

    def __init__(self, spoken: Iterable[Spoken], matching: Matching) -> None:
        """Index `spoken`, one entry a guide."""
        self._matching = matching
        self._same = [(f" {key(a)} ", f" {key(b)} ") for a, b in matching.same]
        self._fillers = frozenset(syllable for filler in matching.fillers for syllable in key(filler).split())
        self._foreign = frozenset(key(word) for word in matching.foreign)
        self._guides = [self._indexed(one) for one in spoken]
        counts = Counter(f for g in self._guides for phrase in g.phrases for f in phrase)
        total = sum(len(g.phrases) for g in self._guides)
        self._rarity = {f: math.log((total + 1) / (n + 0.5)) for f, n in counts.items()}
        self._unseen = matching.unseen_weight * math.log((total + 1) / 1.5)
        self._whole = {phrase: self._sum(phrase) for g in self._guides for phrase in g.phrases}

    def match(self, text: str) -> tuple[str, float] | None:
        """Return the best guide and its score in 0..1, None below the threshold."""
        said = self._read(text)
        asked = self._features(said)
        scores = [(self._score(asked, guide), guide.guide) for guide in self._guides if guide.cued(said)]
        if not scores:
            return None
        score, best = max(scores)
        return (best, score) if score >= self._matching.threshold else None

    def _indexed(self, one: Spoken) -> _Indexed:
        phrases = tuple(self._features(self._read(phrase)) for phrase in one.phrases)
        cues = tuple(tuple(self._read(word).strip() for word in cue) for cue in one.cues)
        return _Indexed(one.guide, phrases, frozenset().union(*phrases), cues)

    def _score(self, asked: frozenset[str], guide: _Indexed) -> float:
        covered = self._sum(asked & guide.vocabulary)
        total = covered + self._against(asked - guide.vocabulary)
        lean, together = self._matching.question_share, self._matching.guide_share
        best = 0.0
        for phrase in guide.phrases:
            if shared := self._sum(asked & phrase):
                best = max(best, (shared / total) ** lean * (shared / self._whole[phrase]) ** (1 - lean))
        return min(1.0, (1 - together) * best + together * covered / total) if covered else 0.0

    def _against(self, unknown: frozenset[str]) -> float:
        foreign = len(unknown & self._foreign) * self._matching.foreign_weight * self._unseen
        return foreign + min(self._sum(unknown - self._foreign), self._matching.rest_limit * self._unseen)

    def _read(self, text: str) -> str:
        said = f" {key(text)} "
        for written, meant in self._same:
            said = said.replace(written, meant)
        return said

    def _features(self, said: str) -> frozenset[str]:
        units = said.split()
        telling = [unit for unit in units if unit not in self._fillers]
        return frozenset([*units, *(f"{a} {b}" for a, b in pairwise(telling))])

    def _sum(self, features: Iterable[str]) -> float:
        # fsum: the same score whatever the order of the set, which differs from run to run.
        return math.fsum(self._weight(feature) for feature in features)

    def _weight(self, feature: str) -> float:
        rarity = self._rarity.get(feature, self._unseen)
        if " " in feature:
            return rarity * self._matching.pair_weight
        return rarity * (self._matching.filler_weight if feature in self._fillers else 1.0)
