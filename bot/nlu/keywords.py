"""Understanding without a model: phrases of `keywords.yaml` on whole syllables, with and without accents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from bot.nlu.keyword_data import Entry, KeywordData, load_data
from bot.nlu.phrases import Match, Phrase, PhraseIndex, Sentence
from procedures_kb.aspect import Aspect
from vietnamese import fold

DATA_FILE = Path(__file__).with_name("keywords.yaml")


@dataclass(frozen=True, slots=True)
class _Aspect:
    aspect: Aspect
    weak: bool
    yields: frozenset[Aspect]
    also: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class _Shield:
    """Nothing else fires inside it."""


@dataclass(frozen=True, slots=True)
class _Intent:
    name: str
    order: int
    fires: bool
    anywhere: bool
    unless: tuple[Phrase, ...]


class Keywords:
    """Reads aspects, short whole-message intents and emergencies from text; immutable, safe to share."""

    def __init__(self, data: KeywordData) -> None:
        self._aspects: PhraseIndex[_Aspect | _Shield] = PhraseIndex(_aspect_phrases(data))
        self._intents: PhraseIndex[_Intent] = PhraseIndex(_intent_phrases(data))
        self._emergency: PhraseIndex[str] = PhraseIndex(
            (Phrase.of(phrase, entry.accented_only), key)
            for key, entries in data.emergency.items()
            for entry in entries
            for phrase in entry.phrases
        )
        self._calm = PhraseIndex((Phrase.of(phrase), True) for phrase in data.calm)
        self._urgent = PhraseIndex((Phrase.of(phrase), True) for phrase in data.urgent)
        noise = (*data.noise.words.split(), *data.noise.phrases)
        self._noise = PhraseIndex((Phrase.of(phrase), True) for phrase in noise)
        self._subjects = PhraseIndex((Phrase.of(phrase), True) for phrase in (*data.shields, *data.subjects))
        self._polite = frozenset(data.polite.split())
        self._polite_folded = frozenset(map(fold, self._polite))

    @classmethod
    def load(cls, path: Path = DATA_FILE) -> Keywords:
        """Return the keywords of `path`; raises ValueError, naming the place, for data that is not valid."""
        return _loaded(path)

    def aspects(self, text: str) -> tuple[Aspect, ...]:
        """Return the aspects that `text` surely asks for, in the order of mention, without repeats."""
        return _asked(self._aspects.longest(Sentence.of(text)), weak=False)

    def weak_aspects(self, text: str) -> tuple[Aspect, ...]:
        """Return the aspects that `text` only may ask for ("làm thế nào"), in the order of mention."""
        found = self._aspects.longest(Sentence.of(text))
        strong = _asked(found, weak=False)
        return tuple(aspect for aspect in _asked(found, weak=True) if aspect not in strong)

    def intent(self, text: str) -> str | None:
        """Return the intent that the whole of `text` stands for, None where it says anything more.

        A greeting followed by a question is not a greeting; only phrases marked `anywhere` fire inside a
        longer message.
        """
        sentence = Sentence.of(text)
        found = _allowed(self._intents.find(sentence), sentence)
        loud = [match for match in found if match.value.anywhere]
        if loud:
            return max(loud, key=lambda match: (len(match.fixed), -match.value.order)).value.name
        return self._whole(sentence, found)

    def emergency(self, text: str) -> str | None:
        """Return whom to call (police, fire, ambulance, rescue) where `text` tells of danger now."""
        sentence = Sentence.of(text)
        if self._calm.any(sentence) and not self._urgent.any(sentence):
            return None
        found = self._emergency.longest(sentence)
        return max(found, key=lambda match: len(match.fixed)).value if found else None

    def residue(self, text: str) -> tuple[str, ...]:
        """Return the folded syllables of content left without aspects, question words and politeness.

        >>> Keywords.load().residue("thế lệ phí bao nhiêu vậy ạ")
        ()
        """
        sentence = Sentence.of(text)
        noise = _places(self._noise.find(sentence)) - _places(self._subjects.find(sentence))
        spoken = self._asking(sentence) | noise
        return tuple(unit for place, unit in enumerate(sentence.folded) if place not in spoken)

    def topic(self, text: str) -> str:
        """Return `text` without the words that ask for an aspect, as it was written: what it is about.

        >>> Keywords.load().topic("lệ phí cấp lại hộ chiếu là bao nhiêu")
        'cấp lại hộ chiếu là'
        """
        sentence = Sentence.of(text)
        asking = self._asking(sentence)
        return " ".join(unit for place, unit in enumerate(sentence.written) if place not in asking)

    def _asking(self, sentence: Sentence) -> set[int]:
        shields = [m for m in self._aspects.longest(sentence) if isinstance(m.value, _Shield)]
        asked = [
            match
            for match in self._aspects.find(sentence)
            if isinstance(match.value, _Aspect) and _places(shields).isdisjoint(match.fixed)
        ]
        return _places(asked)

    def _whole(self, sentence: Sentence, found: Sequence[Match[_Intent]]) -> str | None:
        """Return the first intent whose phrases, with politeness around them, cover the whole sentence."""
        words, known = (
            (sentence.written, self._polite) if sentence.accented else (sentence.folded, self._polite_folded)
        )
        needed = {place for place, word in enumerate(words) if word not in known}
        by_name: dict[str, list[Match[_Intent]]] = {}
        for match in found:
            by_name.setdefault(match.value.name, []).append(match)
        whole = [
            (max(len(match.fixed) for match in matches if match.value.fires), -matches[0].value.order, name)
            for name, matches in by_name.items()
            if needed <= _places(matches) and any(match.value.fires for match in matches)
        ]
        return max(whole)[2] if whole else None


@lru_cache(maxsize=1)
def _loaded(path: Path) -> Keywords:
    """Every better assistant is made with the same immutable keywords: the file is read once."""
    return Keywords(load_data(path))


def _aspect_phrases(data: KeywordData) -> Iterable[tuple[Phrase, _Aspect | _Shield]]:
    for phrase in data.shields:
        yield Phrase.of(phrase), _Shield()
    for aspect, entries in data.aspects.items():
        for entry in entries:
            for phrase in entry.phrases:
                value = _Aspect(aspect, entry.weak, frozenset(entry.yields), entry.also)
                yield Phrase.of(phrase, entry.accented_only), value


def _intent_phrases(data: KeywordData) -> Iterable[tuple[Phrase, _Intent]]:
    for order, (name, entries) in enumerate(data.intents.items()):
        for entry in entries:
            value = _Intent(name, order, True, entry.anywhere, _unless(entry))
            for phrase in entry.phrases:
                yield Phrase.of(phrase, entry.accented_only), value
            around = replace(value, fires=False, anywhere=False)
            for phrase in entry.beside:
                yield Phrase.of(phrase, entry.accented_only), around


def _asked(found: Sequence[Match[_Aspect | _Shield]], *, weak: bool) -> tuple[Aspect, ...]:
    hits = [match.value for match in found if isinstance(match.value, _Aspect) and match.value.weak == weak]
    named = {hit.aspect for hit in hits}
    kept = [hit for hit in hits if not hit.yields & (named - {hit.aspect})]
    return tuple(dict.fromkeys(aspect for hit in kept for aspect in (hit.aspect, *hit.also)))


def _unless(entry: Entry) -> tuple[Phrase, ...]:
    return tuple(Phrase.of(phrase) for phrase in entry.unless)


def _allowed(found: Sequence[Match[_Intent]], sentence: Sentence) -> list[Match[_Intent]]:
    """Return the matches whose `unless` does not stand in `sentence`."""
    all_unless = {match.value.unless for match in found}
    barred = {unless for unless in all_unless if any(phrase.within(sentence) for phrase in unless)}
    return [match for match in found if match.value.unless not in barred]


def _places(matches: Iterable[Match[object]]) -> set[int]:
    return {place for match in matches for place in match.fixed}
