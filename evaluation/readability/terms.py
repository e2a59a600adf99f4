"""Rare official words that are used before anything explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from evaluation.readability.limits import Limits, Term
from evaluation.readability.texts import Piece, Unit
from evaluation.readability.wording import END, is_word, phrase, places, shared, tokens, unquoted

_OPEN = "("


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A form of a rare word, or (without `term`) a longer phrase in which a rare word needs nothing."""

    words: tuple[str, ...]
    term: Term | None


@dataclass(frozen=True)
class TermFinder:
    """Finds the rare words of `limits` that nothing explains."""

    limits: Limits

    def unexplained(self, unit: Unit) -> Iterator[tuple[Piece, Term]]:
        """Yield each rare word at its first use in a reading of `unit`, where that use is not explained.

        Names and what stands in quotes do not count as uses; what is taken from an official title needs no
        explanation, but may have one, which then holds for the later uses.
        """
        found = (use for pieces in unit.readings for use in self._in_reading(pieces, unit.kind))
        yield from {(piece, term.term): (piece, term) for piece, term in found}.values()

    def _in_reading(self, pieces: tuple[Piece, ...], kind: str) -> Iterator[tuple[Piece, Term]]:
        met: set[str] = set()
        for piece in pieces:
            if piece.name:
                continue
            words = tokens(unquoted(piece.text))
            official = frozenset[int]().union(*(shared(words, phrase(title)) for title in piece.titles))
            for start, end, term in self._uses(words):
                if term is None or term.term in met or kind in term.known_in:
                    continue
                explained = self._explained(words, start, end, term)
                if explained or official.isdisjoint(range(start, end)):
                    met.add(term.term)
                    if not explained:
                        yield piece, term

    def _uses(self, words: Sequence[str]) -> list[tuple[int, int, Term | None]]:
        """Return the start and end of each phrase in `words`, none inside a longer one, in their order."""
        taken: set[int] = set()
        standing = [
            (start, known)
            for start, word in enumerate(words)
            for known in self._phrases.get(word, ())
            if tuple(words[start : start + len(known.words)]) == known.words
        ]
        found = []
        for start, known in sorted(standing, key=lambda use: -len(use[1].words)):
            span = range(start, start + len(known.words))
            if taken.isdisjoint(span):
                taken.update(span)
                found.append((start, span.stop, known.term))
        return sorted(found, key=lambda use: use[0])

    @cached_property
    def _phrases(self) -> Mapping[str, tuple[_Phrase, ...]]:
        """All phrases under their first words."""
        forms = [_Phrase(phrase(form), term) for term in self.limits.terms for form in term.forms]
        spared = [_Phrase(phrase(text), None) for term in self.limits.terms for text in term.inside]
        under: dict[str, list[_Phrase]] = {}
        for known in (*spared, *forms):
            under.setdefault(known.words[0], []).append(known)
        return {word: tuple(phrases) for word, phrases in under.items()}

    def _explained(self, words: Sequence[str], start: int, end: int, term: Term) -> bool:
        return (
            self._after(words, end)
            or self._before(words, start)
            or any(self._stands(by, words, start, end) for by in term.by)
        )

    def _after(self, words: Sequence[str], end: int) -> bool:
        rest = list(words[end:])
        for gap in range(self.limits.explaining.gap + 1):
            following = rest[gap + 1 :] if rest[gap : gap + 1] == [","] else rest[gap:]
            if following[:1] == [_OPEN] and not self._begins(following[1:], self.limits.explaining.idle):
                return True
            if self._begins(following, self.limits.explaining.after):
                return True
            if gap == 0 and self._begins(following, self.limits.explaining.at_once):
                return True
            if not rest[gap:] or not is_word(rest[gap]):
                return False
        return False

    def _before(self, words: Sequence[str], start: int) -> bool:
        before = list(words[max(0, start - self.limits.explaining.gap) : start])
        if _OPEN in before and ")" not in before[before.index(_OPEN) :]:
            return True
        told = tuple(words[:start])
        return any(told[-len(way) :] == way for way in map(phrase, self.limits.explaining.before))

    @staticmethod
    def _begins(words: Sequence[str], ways: tuple[str, ...]) -> bool:
        return any(tuple(words[: len(way)]) == way for way in map(phrase, ways))

    @staticmethod
    def _stands(by: str, words: Sequence[str], start: int, end: int) -> bool:
        """Return whether `by` stands in the sentence of the use, or in the next one."""
        ends = [i for i, word in enumerate(words) if word == END]
        first = max((i + 1 for i in ends if i < start), default=0)
        later = [i for i in ends if i >= end]
        last = later[1] if len(later) > 1 else len(words)
        return any(True for _ in places(phrase(by), words[first:last]))
