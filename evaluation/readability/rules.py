"""The rules: each takes a text unit and yields what breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from evaluation.readability.limits import Limits, Rule
from evaluation.readability.terms import TermFinder
from evaluation.readability.texts import Piece, Unit
from evaluation.readability.wording import END, phrase, places, sentences, tokens, unquoted
from vietnamese import is_syllable, syllables

_CAPITALS = re.compile(r"(?<![\w])[^\W\d_a-z]{2,}\d*(?![\w])", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Violation:
    """What breaks a rule: where, what was found, the limit, and the text itself."""

    place: str
    rule: Rule
    found: str
    limit: str
    text: str


@dataclass(frozen=True)
class Rules:
    """All rules with the numbers of `limits`."""

    limits: Limits

    def broken(self, unit: Unit) -> Iterator[Violation]:
        """Yield every violation in `unit`."""
        yield from self._too_long(unit)
        yield from self._unexplained(unit)
        checks: tuple[Callable[[Unit, Piece], Iterator[Violation]], ...] = (
            self._sentences,
            self._actions,
            self._capitals,
            self._negatives,
        )
        for piece in unit.pieces:
            for check in checks:
                yield from check(unit, piece)

    def _too_long(self, unit: Unit) -> Iterator[Violation]:
        for whole in unit.wholes:
            if (count := len(syllables(whole.text))) > whole.longest:
                yield Violation(
                    whole.place, Rule.TOO_LONG, f"{count} syllables", str(whole.longest), _short(whole.text)
                )

    def _unexplained(self, unit: Unit) -> Iterator[Violation]:
        for piece, term in self._finder.unexplained(unit):
            limit = f"explain it: {term.plain}"
            yield Violation(_place(unit, piece), Rule.UNEXPLAINED_TERM, term.term, limit, piece.text)

    @cached_property
    def _finder(self) -> TermFinder:
        return TermFinder(self.limits)

    def _sentences(self, unit: Unit, piece: Piece) -> Iterator[Violation]:
        longest = self.limits.kinds[unit.kind].sentence
        for sentence in sentences(piece.text):
            if (count := len(syllables(sentence))) > longest:
                found = f"{count} syllables"
                yield Violation(_place(unit, piece), Rule.SENTENCE_LENGTH, found, str(longest), sentence)

    def _actions(self, unit: Unit, piece: Piece) -> Iterator[Violation]:
        if piece.key not in self.limits.kinds[unit.kind].one_action:
            return
        found = self._commands(piece.text)
        if len(found) > self.limits.actions.most:
            limit = str(self.limits.actions.most)
            yield Violation(_place(unit, piece), Rule.MANY_ACTIONS, " + ".join(found), limit, piece.text)

    def _commands(self, text: str) -> list[str]:
        """Return the verbs of `text` that begin a clause: what it tells the reader to do."""
        words = [END if word in {",", ";", ":", "(", ")"} else word for word in tokens(unquoted(text))]
        for joiner in self.limits.actions.joiners:
            parting = phrase(joiner)
            for start in reversed(list(places(parting, words))):
                words[start : start + len(parting)] = [END]
        clauses = " ".join(words).split(f" {END}")
        return [verb for clause in clauses if (verb := self._command(clause.strip(f" {END}")))]

    def _command(self, clause: str) -> str:
        for opener in self.limits.actions.openers:
            clause = clause.removeprefix(f"{opener} ")
        if any(f"{clause} ".startswith(f"{setting} ") for setting in self.limits.actions.settings):
            return ""
        return next((verb for verb in self._verbs if f"{clause} ".startswith(f"{verb} ")), "")

    @cached_property
    def _verbs(self) -> list[str]:
        return sorted(self.limits.actions.verbs, key=len, reverse=True)

    def _capitals(self, unit: Unit, piece: Piece) -> Iterator[Violation]:
        text = unquoted(piece.text)
        if _CAPITALS.search(text) is None:
            return
        for known in self._known:
            text = known.sub(" ", text)
        for word in dict.fromkeys(_CAPITALS.findall(text)):
            if word != word.upper():
                continue
            if is_syllable(word.lower()):
                yield Violation(_place(unit, piece), Rule.SHOUTING, word, "small letters", piece.text)
            else:
                yield Violation(_place(unit, piece), Rule.ABBREVIATION, word, "write it out", piece.text)

    @cached_property
    def _known(self) -> list[re.Pattern[str]]:
        allowed = self.limits.abbreviations
        words = sorted(allowed.known, key=len, reverse=True)
        return [*(re.compile(pattern) for pattern in allowed.patterns), *map(_whole_word, words)]

    def _negatives(self, unit: Unit, piece: Piece) -> Iterator[Violation]:
        words = tokens(piece.text)
        for twice in self.limits.double_negatives:
            if any(True for _ in places(phrase(twice), words)):
                yield Violation(
                    _place(unit, piece), Rule.DOUBLE_NEGATIVE, twice, "say it plainly", piece.text
                )


def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _place(unit: Unit, piece: Piece) -> str:
    return f"{unit.place} {piece.place}"


def _short(text: str, most: int = 80) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[:most]}…"
