"""Cutting the portal's long texts down to titles and phrases that read well on their own."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from procedures_kb.build.rules import compounds, open_syllables, pattern, text_rules
from vietnamese import normalise

_STRAY_MARK = re.compile(r"[ \t]([\u0300-\u036f])")
_BULLET = re.compile(
    r"^\s*(?:[-+*•●▪◦;:,.…§✓)\]!\uf0a7\uf0b7\uf0fc]+|\d{1,2}(?:/(?!\d)|-(?=\s))|\(?\d{1,2}(?:\.\d{1,2}){0,3}[.)](?!\d)|\d{1,2}\.\d{1,2}(?:\.\d{1,2})?\s|\((?:[ivx]{1,5}|[a-zđ]\d?|\d{1,2})\)|"
    r"(?:[ivxIVX]{1,5}|[a-zđA-ZĐ]\d?(?:\.\d)?)[.)](?=\s|[A-ZĐ])|[A-Z]\.\s)\s*"
)
_LETTER = re.compile(r"[^\W\d_]")
_TRAILING = " ;,.:-+*/…&\"'"
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r"[()\[\]{}]")
_TAIL = 40
_KEPT = 12  # a shorter beginning is no title: then only the bracket goes
_READ = 700  # no title or phrase needs more of a row than its beginning
_INNER = re.compile(r"\s*\([^()]*\)")


@lru_cache(maxsize=1 << 16)
def clean(text: str) -> str:
    """Return `text` on one line in canonical spelling, spaces beside punctuation repaired."""
    text = _STRAY_MARK.sub(r"\1 ", text)
    text = pattern("text.split_word").sub(r"\1\2", normalise(text))
    text = pattern("text.doubled").sub(r"\1", text)
    text = re.sub(r"\s+([;,.:)])(?=\s|$)", r"\1", text)
    text = re.sub(r"\(\s+", "(", text)
    return re.sub(r"([;,])(?=[^\W\d_])", r"\1 ", text)


def clean_lines(text: str | None) -> list[str]:
    """Return the non-empty lines of `text`, cleaned; a line broken inside a sentence is joined again."""
    lines: list[str] = []
    for raw in (text or "").splitlines():
        line = clean(raw)
        if not line:
            continue
        if lines and line[0].islower() and not _BULLET.match(line) and lines[-1][-1] not in ".;:":
            lines[-1] += " " + line
        else:
            lines.append(line)
    return lines


def strip_bullets(text: str) -> str:
    """Return `text` without the numbering and bullets before it."""
    for _ in range(4):
        shorter = _BULLET.sub("", text, count=1)
        if shorter == text:
            return text.strip()
        text = shorter
    return text.strip()


def words(text: str) -> int:
    """Return the number of words, counted at the spaces."""
    return len(text.split())


def capitalise(text: str) -> str:
    """Return `text` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def tidy(text: str) -> str:
    """Return `text` without unbalanced brackets, loose punctuation and words that leave it hanging."""
    text = balance(text)
    rules = text_rules()
    while True:
        before = text
        text = re.sub(r"\(\s*[;,.:]*\s*\)", "", text).strip(_TRAILING).strip()
        tail = text[-_TAIL:]
        text = (
            text[: len(text) - len(tail)] + rules.dangling.sub("", tail)
            if len(text) > _TAIL
            else rules.dangling.sub("", text)
        )
        if text.count('"') % 2:
            text = text.replace('"', "")
        text = balance(text)
        if text == before:
            return re.sub(r"\s+([,;.:)])", r"\1", re.sub(r"\s{2,}", " ", text))


def balance(text: str) -> str:
    """Return `text` with unpaired brackets taken out; an unclosed one takes its tail along."""
    if not _BRACKET.search(text):
        return text
    opened: list[int] = []
    drop: set[int] = set()
    for match in _BRACKET.finditer(text):
        at, char = match.start(), match.group()
        if char in _BRACKETS:
            opened.append(at)
        elif opened and _BRACKETS[text[opened[-1]]] == char:
            opened.pop()
        else:
            drop.add(at)
    if opened and opened[0] >= _KEPT:
        return balance(text[: opened[0]])
    drop.update(opened)
    return "".join(c for at, c in enumerate(text) if at not in drop) if drop else text


def without_brackets(text: str) -> str:
    """Return `text` without its bracketed remarks."""
    for _ in range(3):
        text = _INNER.sub("", text)
    return text


def without_boilerplate(text: str) -> str:
    """Return `text` without references to the law's paragraphs, dates of issue and the like."""
    for phrase in text_rules().boilerplate:
        text = phrase.sub(" ", text)
    return re.sub(r"\s{2,}", " ", text).strip()


def first_sentence(text: str) -> str:
    """Return what stands before the first full stop or semicolon that ends a thought."""
    parts = re.split(
        r"(?<=[^\W\d_)\"]{2})\.\s+(?=[A-ZÀ-ỸĐ*(+-])|;\s*|\s[-+*]\s(?=[A-ZÀ-ỸĐ])", text, maxsplit=1
    )
    return parts[0] if len(parts[0]) >= 4 else text


def shorten(text: str, limit: int, max_words: int | None = None) -> str:
    """Return `text` as a phrase of at most `limit` characters (and `max_words` words) that ends cleanly.

    What goes first: further sentences, legal boilerplate, brackets, then clauses from the right; never half
    a word.
    """

    def fits(candidate: str) -> bool:
        return len(candidate) <= limit and (max_words is None or words(candidate) <= max_words)

    candidate = tidy(text[:_READ].rsplit(" ", 1)[0] if len(text) > _READ else text)
    for cut in (first_sentence, without_boilerplate, without_brackets):
        if fits(candidate):
            return candidate
        shorter = tidy(cut(candidate))
        candidate = shorter if len(shorter) >= 4 else candidate
    return candidate if fits(candidate) else _cut_clause(candidate, limit, max_words)


def _cut_clause(text: str, limit: int, max_words: int | None) -> str:
    head = text[: limit + 1]
    if max_words is not None:
        head = " ".join(head.split()[:max_words])
    if len(head) > limit:
        head = head[:limit].rsplit(" ", 1)[0]
    head = whole_words(text, head)
    cuts = [m.start() for m in text_rules().clause.finditer(text) if m.start() <= len(head)]
    good = [at for at in cuts if at >= len(head) * 0.4]
    if good:
        cut = tidy(text[: good[-1]])
        if len(cut) >= 4:
            return cut
    return tidy(head)


def whole_words(text: str, head: str) -> str:
    """Return `head`, the beginning of `text`, shortened to end outside a compound ("vi | mô")."""
    kept, all_words = head.split(), text.lower().split()
    while len(kept) > 2 and len(kept) < len(all_words) and not kept[-1].endswith((",", ";", ":", ")")):
        pair = (all_words[len(kept) - 1].strip('("'), all_words[len(kept)].strip(',;:.()"'))
        if pair not in compounds() and pair[0] not in open_syllables():
            break
        kept.pop()
    return " ".join(kept)


def has_letters(text: str) -> bool:
    """Return whether `text` has at least two letters."""
    return len(_LETTER.findall(text)) >= 2


def is_upper(text: str) -> bool:
    """Return whether nearly all letters of `text` are capitals."""
    letters = [c for c in text if unicodedata.category(c).startswith("L")]
    return len(letters) > 3 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
