"""Writing out what people shorten, slip on or say otherwise: `expand`, what it did: `explain`, and `also`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vietnamese.folding import fold
from vietnamese.lexicon import END, NUMBER, START, Rewrite, also_terms, kept, ordinals, rewrites
from vietnamese.normalising import normalise_stages
from vietnamese.slips import decode, is_weak

_WORD = re.compile(r"[^\W_]+")
# Addresses and the numbers of laws ("69/2024/NĐ-CP") are no words.
_CODE = re.compile(
    r"\S*(?:@|://|www\.|\.(?:vn|com|net|org|edu|gov|info|io)\b)\S*|\d+/[\w/]*[A-ZĐa-zđ]\S*", re.IGNORECASE
)
_BREAK = frozenset('.,;:?!()[]"\n…')
_GLUE = frozenset("'_")
_PASSES = 4  # what a pass writes can complete a phrase for the next one; no line of the lexicon needs more


class Step(NamedTuple):
    """One rule that fired: its name, what stood there, what stands there now."""

    rule: str
    before: str
    after: str


def expand(text: str) -> str:
    """Return `text` with short forms written out and slips put right; all else stays letter for letter.

    Pure, and idempotent: `expand(expand(t)) == expand(t)`. A form that has several meanings is read by its
    neighbours, and stays where they do not tell. `text` should be normalised.

    >>> expand("lm gks cho con")
    'làm giấy khai sinh cho con'
    >>> expand("ddawng kys ket hon")
    'đăng ký ket hon'
    """
    return _expanded(text, [])


def explain(text: str) -> list[Step]:
    """Return each rule that fires when `text` is normalised, expanded and completed, in order."""
    steps: list[Step] = []
    for rule, before, after in normalise_stages(text):
        steps.append(Step(rule, before, after))
        text = after
    text = _expanded(text, steps)
    named: dict[str, str] = {}  # each term once, with what was first said for it
    for said, full in _also(text):
        named.setdefault(full, said)
    steps += [Step("old term", said, full) for full, said in named.items()]
    return steps


def also(text: str) -> tuple[str, ...]:
    """Return today's terms for the old or spoken names in `text`, to be added to a search, never put instead.

    Terms that `text` has already are left out. `text` should be expanded.

    >>> also("mất sổ hộ khẩu")
    ("đăng ký thường trú thông tin cư trú",)
    """
    return tuple(dict.fromkeys(full for _, full in _also(text)))


def _also(text: str) -> Iterator[tuple[str, str]]:
    table = also_terms()
    words = _WORD.findall(text.lower())
    line = ""
    at = 0
    while at < len(words):
        found = next(
            (t for t in table.get(words[at], ()) if tuple(words[at : at + len(t.said)]) == t.said), None
        )
        if found is None:
            at += 1
            continue
        line = line or f" {fold(' '.join(words))} "
        if f" {fold(found.full)} " not in line:
            yield " ".join(found.said), found.full
        at += len(found.said)


def _expanded(text: str, steps: list[Step]) -> str:
    for _ in range(_PASSES):
        pieces = _Line(text).pieces(steps)
        if pieces is None:
            return text
        text = pieces
    return text


class _Line:
    """A text cut into words with their places, read once."""

    def __init__(self, text: str) -> None:
        self.text = text
        spans = [match.span() for match in _WORD.finditer(text)]
        if "." in text or "@" in text or "/" in text:
            closed = [match.span() for match in _CODE.finditer(text)]
            spans = [s for s in spans if not any(a <= s[0] < b for a, b in closed)]
        self.spans = spans
        self.words = [text[a:b].lower() for a, b in spans]
        self._sure: bool | None = None

    def pieces(self, steps: list[Step]) -> str | None:
        """Return the text with one pass of rewrites made, None where none fits; each is added to `steps`."""
        out: list[str] = []
        done = at = 0
        table = rewrites()
        while at < len(self.words):
            word = self.words[at]
            found = self._rewrite(table[word], at) if word in table else self._slip(at)
            if found is None:
                at += 1
                continue
            rule, count, full = found
            start, end = self.spans[at][0], self.spans[at + count - 1][1]
            typed = self.text[start:end]
            if rule != "short form" and typed[:1].isupper() and not typed[1:].isupper():
                full = full[:1].upper() + full[1:]
            steps.append(Step(rule, typed, full))
            out += [self.text[done:start], full]
            done, at = end, at + count
        return None if done == 0 else "".join([*out, self.text[done:]])

    def _rewrite(self, choices: tuple[Rewrite, ...], at: int) -> tuple[str, int, str] | None:
        for rewrite in choices:
            size = len(rewrite.said)
            if size > 1 and (tuple(self.words[at : at + size]) != rewrite.said or not self._joined(at, size)):
                continue
            if size == 1 and not self._is_word(at):
                continue
            if rewrite.neighbours is None or rewrite.neighbours.allow(
                self._before(at), self._after(at, size)
            ):
                return rewrite.rule, size, rewrite.full
        return None

    def _slip(self, at: int) -> tuple[str, int, str] | None:
        word = self.words[at]
        found = decode(word)
        if found is None:
            return None
        kind = kept().get(word)
        digits = not word.isalpha()
        if kind == "never" or (digits and not self._free(at)) or not self._is_word(at):
            return None
        start, end = self.spans[at]
        if any(map(str.isupper, self.text[start + 1 : end])):  # codes; nobody types Telex in capitals
            return None
        if (kind or not found.sure or _is_ordinal(word)) and not self._has_sure_slip():
            return None
        return found.rule, 1, found.syllable

    def _has_sure_slip(self) -> bool:
        """Return whether some other word can only be a slip of an input method."""
        if self._sure is None:
            self._sure = any(map(_is_sure, self.words))
        return self._sure

    def _before(self, at: int) -> str:
        if at == 0 or not _BREAK.isdisjoint(self.text[self.spans[at - 1][1] : self.spans[at][0]]):
            return START
        return _number_or(self.words[at - 1])

    def _after(self, at: int, size: int) -> str:
        last = at + size - 1
        if last + 1 >= len(self.words):
            return END
        if not _BREAK.isdisjoint(self.text[self.spans[last][1] : self.spans[last + 1][0]]):
            return END
        return _number_or(self.words[last + 1])

    def _joined(self, at: int, size: int) -> bool:
        return all(
            self.text[self.spans[i][1] : self.spans[i + 1][0]] == " " for i in range(at, at + size - 1)
        )

    def _free(self, at: int) -> bool:
        """Return whether the word stands between spaces, so that it is no part of a code."""
        start, end = self.spans[at]
        before, after = self.text[start - 1 : start], self.text[end : end + 2]
        return (not before or before in " \n(\"'") and (
            not after or after[0] in " \n" or (after[0] in ",.?!;:)\"'…" and not after[1:].isalnum())
        )

    def _is_word(self, at: int) -> bool:
        """Return whether a word is one of the sentence: no name, no class in capitals, no part of a code."""
        start, end = self.spans[at]
        if self.text[start - 1 : start] in _GLUE or self.text[end : end + 1] in _GLUE:
            return False
        if end - start < 3 and self.text[start - 1 : start] == ".":
            return False
        if end - start == 1:
            return self._free(at) and (not self.text[start].isupper() or at == 0 or self.text.isupper())
        name = self.text[start].isupper() and not self.text[start:end].isupper()
        return not name or self._before(at) == START


def _is_sure(word: str) -> bool:
    """Return whether a word can only be a slip of an input method."""
    if word in kept() or word in rewrites() or _is_ordinal(word):
        return False
    found = decode(word)
    return found is not None and found.sure and found.rule in {"telex", "vni"}


def _is_ordinal(word: str) -> bool:
    return is_weak(word) and (word[:-1] in ordinals() or len(word) < 3)


def _number_or(word: str) -> str:
    return NUMBER if word[0].isdigit() else word
