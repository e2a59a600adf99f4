"""Conditions and deadlines: what each is about, and its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from procedures_kb.build.phrases import hangs, is_fragment, phrase
from procedures_kb.build.rules import condition_rules, paper_rules, pattern, step_rules
from procedures_kb.build.text import capitalise, clean_lines, has_letters, strip_bullets, tidy, words
from procedures_kb.model import MAX_PHRASE_WORDS, Condition

_MAX = 14
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
    if labelled := _labelled(piece):
        return labelled
    found: list[Condition] = []
    occasion, before = "", 0
    for match in list(rules.limit.finditer(piece))[:3]:
        said = piece[before : match.start()].strip(" ,;.(")
        if pattern("conditions.occasion").match(said) and "," not in said and match.end() < len(piece) - 20:
            told = re.sub(r"^(?:thì )?(?:trong )?(?:trường hợp|nếu|khi) ", "", said, flags=re.IGNORECASE)
            occasion, before = rules.occasion.format(said=f"{told} {match.group()}"), match.end()
            continue
        said = pattern("conditions.done").sub(r"\1", said)
        tail = pattern("conditions.tail").search(match.group())
        end = match.start() + tail.start() if tail else match.end()
        about = _about_limit(f"{occasion}, {said}" if occasion else said, piece[end:])
        limit = _limit(piece[match.start() : end], "" if tail else piece[end : end + 1])
        if limit and about is None and not pattern("conditions.case").match(said):
            about = _by_unit(limit)
        if about and limit:
            found.append(Condition(about=about, limit=limit))
        occasion, before = "", match.end()
    if found:
        return found
    about = _statement(piece)
    return [Condition(about=about)] if about else []


def _labelled(piece: str) -> list[Condition]:
    """Return the limits that each have their own group behind them ("từ 4 km (tiểu học), 7 km (THCS)")."""
    limits = list(condition_rules().limit.finditer(piece))
    groups = [pattern("conditions.label").match(piece, match.end()) for match in limits]
    if len(limits) < 2 or not all(groups):
        return []
    subject = phrase(piece[: limits[0].start()].strip(" ,;.("))
    other = re.match(r"\s*(hoặc [^;.,]{4,60})$", piece[groups[-1].end() :]) if groups[-1] else None
    found: list[Condition] = []
    for match, group in zip(limits, groups, strict=True):
        label = tidy((group[1] or group[2]).strip()) if group else ""
        about = capitalise(f"{subject} ({label})") if subject else capitalise(label)
        limit = _limit(f"{match.group()} {other[1]}" if other else match.group())
        if limit and label and words(about) <= MAX_PHRASE_WORDS:
            found.append(Condition(about=about, limit=limit))
    return found if len(found) == len(limits) else []


def _about_limit(before: str, after: str) -> str | None:
    """Return what a number is about: what stands before it, nearest first, else what follows it."""
    rules = condition_rules()
    before = strip_bullets(tidy(rules.lead.sub("", strip_bullets(before))))
    options = [before, *_tails(before)] if words(before) > 1 else []
    for option in options:
        said = phrase(option)
        bare = said and pattern("conditions.bare").match(said)
        if said and not bare and words(option) <= MAX_PHRASE_WORDS and len(said) > 6:
            told = _in_its_case(before, option, said)
            return capitalise(told) if told else None
    after = tidy(
        rules.lead.sub("", strip_bullets(pattern("conditions.from_day").sub("", after).strip(" ,;:")))
    )
    joined = f"{before} {after}".strip()
    said = phrase(joined, statement=True)
    if said is None and not pattern("conditions.case").match(before):
        said = phrase(after, statement=True) or _duty(after) or phrase(before)
    if said and len(said) >= 4 and has_letters(said) and not pattern("conditions.bare").match(said):
        return capitalise(said)
    return None


def _in_its_case(before: str, option: str, said: str) -> str | None:
    """Return `said` with the case that stands before it; None where it cannot be said with it."""
    case = pattern("conditions.case").match(before)
    if case is None or option == before:
        return said
    told = tidy(before[case.end() :])
    if words(told) > MAX_PHRASE_WORDS:
        told = tidy(pattern("conditions.cause").sub("", told))
    return told if words(told) <= MAX_PHRASE_WORDS and not hangs(told) else None


def _by_unit(limit: str) -> str | None:
    """Return what a bare number is about by its unit ("18 tuổi": the age); None for the other units."""
    units = condition_rules().by_unit
    return next(
        (about for unit, about in units.items() if re.search(rf"{re.escape(unit)}(?!\w)", limit)), None
    )


def _tails(text: str) -> list[str]:
    """Return the endings of `text` that begin at a clause of their own, longest first."""
    return [strip_bullets(text[match.end() :]) for match in pattern("conditions.tail_start").finditer(text)]


def _statement(piece: str) -> str | None:
    """Return a condition without a number; None where it would be a fragment."""
    rules = condition_rules()
    text = strip_bullets(tidy(rules.lead.sub("", strip_bullets(piece))))
    said = phrase(text, statement=True)
    noise = pattern("conditions.noise").match(text) or rules.limit.match(text)
    empty = said and words(text) > words(said) and pattern("conditions.empty").search(said)
    if said is None or noise or empty or is_fragment(said) or words(said) < 3:
        return None
    lost = words(said) <= 4 < words(text) - 8
    at = text.find(said)
    qualified = pattern("conditions.qualified").match(text[at + len(said) :]) if at >= 0 else None
    if qualified:
        told = f"{said}, {paper_rules().except_vague}"
        return capitalise(told) if qualified[1] and words(told) <= MAX_PHRASE_WORDS else None
    if lost or (rules.skip_short.match(said) and words(text) > MAX_PHRASE_WORDS):
        return None
    return capitalise(said)


def _limit(text: str, following: str = "") -> str | None:
    """Return a limit of at most 15 words; a date of reckoning that breaks off is left out."""
    limit = tidy(text)
    if words(limit) > MAX_PHRASE_WORDS:
        limit = pattern("conditions.within").sub("", limit)
    broken = bool(following.strip(" ,;.:()")) or hangs(limit) or words(limit) > MAX_PHRASE_WORDS
    reckoned = pattern("conditions.from_day").search(limit)
    if broken and reckoned:
        whole = phrase(limit) if not following.strip(" ,;.:()") else None
        limit = (
            whole
            if whole and words(whole) > words(limit[: reckoned.start()]) + 4
            else limit[: reckoned.start()]
        )
    number = pattern("conditions.number").match(limit)
    said = phrase(limit) or _first_occasion(limit)
    said = said or (phrase(number.group()) if number else None)
    return said if said and re.search(r"\d", said) else None


def _first_occasion(limit: str) -> str | None:
    """Return a limit before " hoặc ", where another occasion follows; None where that is not whole."""
    first, other, _ = limit.partition(" hoặc ")
    return first if other and words(first) <= MAX_PHRASE_WORDS and not hangs(first) else None


def deadline_in(piece: str) -> Condition | None:
    """Return the citizen's deadline that `piece` tells, None where it binds an office or tells none."""
    rules = condition_rules()
    match = rules.deadline.search(piece)
    if match is None or rules.filler.search(piece) or not rules.citizen_verb.search(piece):
        return None
    if "ngày thứ" not in match.group() and rules.officer.search(piece[: match.end() + 60]):
        told = _without_addressee(piece)
        return deadline_in(told) if told != piece else None
    limit = _limit(pattern("conditions.tail").sub("", match.group()))
    before, after = piece[: match.start()], piece[match.end() :]
    cut = pattern("conditions.tail").search(match.group())
    if cut:
        after = cut.group() + after
    about = _duty(after) or _duty(before)
    bound = step_rules().citizen.search(piece) or pattern("conditions.marker").search(after)
    if about is None and bound:
        about = rules.deadline_about
    return Condition(about=about, limit=limit) if limit and about else None


def _without_addressee(piece: str) -> str:
    """Return what a citizen does without the office that it is done before ("nộp hồ sơ đến cơ quan …")."""
    rules = condition_rules()
    told = pattern("conditions.addressee").sub("", piece.rpartition(": ")[2])
    match = rules.deadline.search(told)
    return told if match and step_rules().citizen.search(told[: match.start()]) else piece


def _duty(text: str) -> str | None:
    """Return what the citizen has to do, from the verb on ("đăng ký khai sinh cho con")."""
    marker = pattern("conditions.marker").search(text)
    match = pattern("conditions.duty").search(text, marker.end() if marker else 0)
    said = phrase(text[match.start() :]) if match else None
    return capitalise(said) if said and words(said) > 1 and not hangs(said) else None


def _unique(found: list[Condition]) -> tuple[Condition, ...]:
    kept: dict[tuple[str, str | None], Condition] = {}
    for condition in found:
        kept.setdefault((condition.about.lower(), (condition.limit or "").lower() or None), condition)
    return tuple(kept.values())
