"""Conditions and deadlines: what each is about, and its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from procedures_kb.build.rules import condition_rules, pattern
from procedures_kb.build.text import capitalise, clean_lines, has_letters, shorten, strip_bullets, tidy, words
from procedures_kb.model import MAX_PHRASE_WORDS, Condition

_MAX = 14
_CHARS = 130
_SENTENCE = re.compile(r"(?<=[^\W\d_)]{2})\.\s+(?=[A-ZÀ-ỸĐ(+*-])|;\s*|\s[-+]\s(?=[A-ZÀ-ỸĐ])")


def read_conditions(text: str | None, more: Iterable[str]) -> tuple[Condition, ...]:
    """Return the conditions of `text`, and the citizen's deadlines told in `more` (steps, notes, times)."""
    found = [condition for piece in _pieces(text) for condition in _read(piece)]
    for other in more:
        found += [condition for piece in _pieces(other) if (condition := deadline_in(piece))]
    return _unique(found)[:_MAX]


def _pieces(text: str | None) -> Iterator[str]:
    for line in clean_lines(text):
        for sentence in _SENTENCE.split(line):
            piece = strip_bullets(sentence)
            if has_letters(piece):
                yield piece


def _read(piece: str) -> list[Condition]:
    rules = condition_rules()
    if rules.skip.match(piece) or (piece.endswith(":") and words(piece) > 3):
        return []
    match = rules.limit.search(piece)
    if match is None:
        about = _about(piece)
        fragment = about and (
            words(about) <= 4 < words(piece) - 8 or (rules.skip_short.match(about) and words(piece) > 15)
        )
        return [Condition(about=about)] if about and not fragment else []
    limit = _limit(match.group())
    rest = (piece[: match.start()].rstrip(" ,:(") + " " + piece[match.end() :].lstrip(" ,)")).strip()
    about = _about(piece[: match.start()]) if len(piece[: match.start()]) > 12 else _about(rest)
    if not about or not limit:
        whole = _about(piece)
        return [Condition(about=whole)] if whole else []
    return [Condition(about=about, limit=limit), *_others(piece, match.end(), about)]


def _others(piece: str, start: int, about: str) -> list[Condition]:
    """A sentence with several numbers gives a condition for each, at most three in all."""
    found = []
    before = start
    for match in list(condition_rules().limit.finditer(piece, start))[:2]:
        limit = _limit(match.group())
        said = _about(piece[before : match.start()].lstrip(" ,;.")) or about
        if limit:
            found.append(Condition(about=said, limit=limit))
        before = match.end()
    return found


def _about(text: str) -> str | None:
    about = capitalise(
        shorten(tidy(condition_rules().lead.sub("", strip_bullets(text))), _CHARS, MAX_PHRASE_WORDS)
    )
    return about if len(about) >= 4 and has_letters(about) else None


def _limit(text: str) -> str | None:
    limit = tidy(text)
    if words(limit) > MAX_PHRASE_WORDS:
        limit = tidy(re.sub(r"^[Tt]rong (?:thời hạn|thời gian|vòng) ", "", limit))
    limit = shorten(limit, _CHARS, MAX_PHRASE_WORDS)
    return limit if len(limit) >= 2 and re.search(r"\d", limit) else None


def deadline_in(piece: str) -> Condition | None:
    """Return the citizen's deadline that `piece` tells, None where it binds an office or tells none."""
    rules = condition_rules()
    match = rules.deadline.search(piece)
    if match is None or rules.filler.search(piece) or not rules.citizen_verb.search(piece):
        return None
    if "ngày thứ" not in match.group() and rules.officer.search(piece[: match.end() + 60]):
        return None
    limit = _limit(pattern("conditions.tail").sub("", match.group()))
    before, after = piece[: match.start()], piece[match.end() :]
    if after[:1] not in {",", ";", ":", "."}:
        after = after.partition(",")[2]
    rest = tidy((before if len(before) > 12 else before + " " + after.lstrip(" ,")).strip())
    about = _about(rest)
    if not about or not rules.citizen_verb.search(about):
        about = rules.deadline_about
    return Condition(about=about, limit=limit) if limit else None


def _unique(found: list[Condition]) -> tuple[Condition, ...]:
    kept: dict[tuple[str, str | None], Condition] = {}
    for condition in found:
        kept.setdefault((condition.about.lower(), (condition.limit or "").lower() or None), condition)
    return tuple(kept.values())
