"""Which guide a sentence asks for: weighted overlap of its folded syllables with the guides' phrases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    that no guide knows counts against each, beside 1 for the rarest known word. `foreign_weight`: how much
    each of the two-syllable words in `foreign`, which name procedures, counts against a guide that does not
    know it, beside 1 for an unknown word. `unless`: words of a question about the procedure in hand; a
    sentence that holds one asks for no guide. `same`: what is written, and what it is read as.
    """

    threshold: Share
    question_share: Share
    guide_share: Share
    pair_weight: Share
    filler_weight: Share
    unseen_weight: Share
    foreign_weight: Annotated[float, Field(ge=0, le=10)]
    same: tuple[tuple[Text, Text], ...] = ()
    unless: tuple[Text, ...] = ()
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
    holding: Mapping[str, tuple[int, ...]]
    whole: tuple[float, ...]


def key(text: str) -> str:
    """Return `text` as the matching reads it: short forms written out, folded, without punctuation."""
    return " ".join(syllables(fold(expand(normalise(text)))))


def _rarity(guides: Sequence[Sequence[frozenset[str]]]) -> dict[str, float]:
    """How telling each feature is: much where one guide says it often and the others hardly ever."""
    shares: dict[str, list[float]] = {}
    for phrases in guides:
        for feature, count in Counter(feature for phrase in phrases for feature in phrase).items():
            shares.setdefault(feature, []).append(count / len(phrases))
    return {f: math.log((len(guides) + 1) * max(held) / math.fsum(held)) for f, held in shares.items()}


class PhraseIndex:
    """The phrases of each guide, ready to be compared; immutable after construction."""

    def __init__(
        self, spoken: Iterable[Spoken], matching: Matching, keys: Mapping[str, str] | None = None
    ) -> None:
        """Index `spoken`, one entry a guide; `keys` has texts whose `key` is known already."""
        self._matching = matching
        self._keys = keys or {}
        self._same = [(f" {key(a)} ", f" {key(b)} ") for a, b in matching.same]
        self._unless = [self._read(words) for words in matching.unless]
        self._fillers = frozenset(syllable for filler in matching.fillers for syllable in key(filler).split())
        self._foreign = frozenset(key(word) for word in matching.foreign)
        read = [(one, [self._features(self._read(phrase)) for phrase in one.phrases]) for one in spoken]
        self._rarity = _rarity([phrases for _, phrases in read])
        self._unseen = matching.unseen_weight * math.log(2 * (len(read) + 1))
        self._guides = [self._indexed(one, phrases) for one, phrases in read]
        # Each cue by one of its words, with the others that it needs.
        self._cues: dict[str, list[tuple[int, frozenset[str]]]] = {}
        for number, (one, _) in enumerate(read):
            for cue in one.cues:
                first, *others = sorted((self._read(word).strip() for word in cue), key=len, reverse=True)
                self._cues.setdefault(first, []).append((number, frozenset(others)))
        cue_words = {
            word for first, rest in self._cues.items() for _, others in rest for word in {first, *others}
        }
        self._longest_word = max((len(word.split()) for word in cue_words), default=0)

    def match(self, text: str) -> tuple[str, float] | None:
        """Return the best guide and its score in 0..1, None below the threshold."""
        said = self._read(text)
        cued = self._cued(said)
        if not cued or any(words in said for words in self._unless):
            return None
        # Sorted: the same sums whatever the order of the set, which differs from run to run.
        asked = {feature: self._weight(feature) for feature in sorted(self._features(said))}
        score, best = max((self._score(asked, guide), guide.guide) for guide in cued)
        return (best, score) if score >= self._matching.threshold else None

    def _indexed(self, one: Spoken, phrases: Sequence[frozenset[str]]) -> _Indexed:
        holding: dict[str, list[int]] = {}
        for number, phrase in enumerate(phrases):
            for feature in phrase:
                holding.setdefault(feature, []).append(number)
        # fsum: the same sum whatever the order of the set, which differs from run to run.
        whole = tuple(math.fsum(self._weight(feature) for feature in phrase) for phrase in phrases)
        return _Indexed(one.guide, {f: tuple(numbers) for f, numbers in holding.items()}, whole)

    def _cued(self, said: str) -> list[_Indexed]:
        """The guides of which `said` holds a cue."""
        units = said.split()
        runs = range(1, self._longest_word + 1)
        words = {
            " ".join(units[start : start + run]) for run in runs for start in range(len(units) - run + 1)
        }
        found = {
            number
            for word in words & self._cues.keys()
            for number, others in self._cues[word]
            if others <= words
        }
        return [self._guides[number] for number in found]

    def _score(self, asked: Mapping[str, float], guide: _Indexed) -> float:
        covered = against = 0.0
        shared = [0.0] * len(guide.whole)
        for feature, weight in asked.items():
            if holders := guide.holding.get(feature):
                covered += weight
                for phrase in holders:
                    shared[phrase] += weight
            else:
                foreign = feature in self._foreign
                against += self._matching.foreign_weight * self._unseen if foreign else weight
        if not covered:
            return 0.0
        total = covered + against
        lean, together = self._matching.question_share, self._matching.guide_share
        best = max(
            math.pow(part / total, lean) * math.pow(part / whole, 1 - lean)
            for part, whole in zip(shared, guide.whole, strict=True)
        )
        return min(1.0, (1 - together) * best + together * covered / total)

    def _read(self, text: str) -> str:
        said = f" {self._keys.get(text) or key(text)} "
        for written, meant in self._same:
            said = said.replace(written, meant)
        return said

    def _features(self, said: str) -> frozenset[str]:
        units = said.split()
        telling = [unit for unit in units if unit not in self._fillers]
        return frozenset([*units, *(f"{a} {b}" for a, b in pairwise(telling))])

    def _weight(self, feature: str) -> float:
        rarity = self._rarity.get(feature, self._unseen)
        if " " in feature:
            return rarity * self._matching.pair_weight
        return rarity * (self._matching.filler_weight if feature in self._fillers else 1.0)
