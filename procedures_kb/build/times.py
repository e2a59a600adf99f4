"""Time limits: the value of the method row, and the cases told in its description."""

from __future__ import annotations

import re
from dataclasses import dataclass

from procedures_kb.build.phrases import hangs, phrase
from procedures_kb.build.rules import pattern, time_rules
from procedures_kb.build.text import capitalise, clean_lines, shorten, strip_bullets, tidy, words
from procedures_kb.build.whens import shorter
from procedures_kb.model import MAX_PHRASE_WORDS, ProcessingTime

_MAX_CASES = 10
_MAX_VALUE = 1000
_CASE_CHARS = 110
_SENTENCE = re.compile(r"(?<=[^\W\d_)]{2})[.;]\s+|;\s*|\s\+\s")


@dataclass(frozen=True)
class ReadTimes:
    """The times of one channel, and whether the source leaves them unclear."""

    times: tuple[ProcessingTime, ...]
    unclear: bool


def unit_of(text: str | None) -> str | None:
    """Return our unit for the portal's ("Ngày làm việc"), None where it is none."""
    return time_rules().units.get((text or "").strip().lower())


def read_times(
    value: float | None, unit: str | None, description: str | None, *, brief: bool = False
) -> ReadTimes:
    """Read one method row; `brief` tells that the description is a note of a few words.

    A value without a unit is not served (trap 3): the description is asked instead, and the row is unclear
    when it does not answer.
    """
    known = unit_of(unit)
    described = times_in(description, brief=brief)
    known = _said_unit(value, known, described)
    main: ProcessingTime | None = None
    only_case = None if described else _whole_case(description)
    if value is not None and known is not None and value <= _MAX_VALUE:
        main = _main(value, known, description).model_copy(update={"case": only_case})
    if main and _belongs_to_case(main, described):
        main = None
    told = [time for time in described if time.case or main is None]
    times = unique_times(([main] if main else []) + told)
    return ReadTimes(times[: _MAX_CASES + 1], unclear=not times and (value is not None))


def _said_unit(value: float | None, unit: str | None, described: list[ProcessingTime]) -> str | None:
    """Return the unit that the description gives the row's own value, where that is the more exact one."""
    said = any(t.case is None and t.value == value and t.unit == "working_day" for t in described)
    return "working_day" if unit == "day" and said else unit


def _belongs_to_case(main: ProcessingTime, described: list[ProcessingTime]) -> bool:
    """Return whether the row's value is that of one described case, and another is told for each piece."""
    same = [time for time in described if time.value == main.value]
    each = [time for time in described if (time.case or "").startswith(time_rules().each)]
    return bool(same and all(time.case for time in same) and each)


def _main(value: float, unit: str, description: str | None) -> ProcessingTime:
    told = " ".join(clean_lines(description))
    immediate = bool(time_rules().immediate.search(told)) and (unit in {"hour", "minute"} or value <= 1)
    if value == 0:
        return ProcessingTime(immediate=True) if immediate else ProcessingTime(value=0, unit=unit)
    return ProcessingTime(value=value, unit=unit, immediate=immediate)


def _whole_case(description: str | None) -> str | None:
    """A description that is nothing but a case ("Đối với …") belongs to the row's own value."""
    lines = clean_lines(description)
    told = time_rules().lead.match(strip_bullets(lines[0])) if len(lines) == 1 else None
    if told is None:
        return None
    case = phrase(tidy(told[1]), limit=_CASE_CHARS) or ""
    return capitalise(case) if len(case) >= 4 else None


def settled(times: list[ProcessingTime]) -> tuple[ProcessingTime, ...]:
    """Return one time without a case, first, and the others only with theirs.

    A case that takes as long as the main time is told only where another case differs from it.
    """
    bare = next((time for time in times if time.case is None), None)
    cased = [time for time in times if time.case is not None]
    if bare is not None and all(_span(time) == _span(bare) for time in cased):
        cased = []
    return unique_times(([bare] if bare else []) + cased)


def joined(rows: list[tuple[ProcessingTime, ...]]) -> tuple[ProcessingTime, ...]:
    """Join the rows of one channel: where they differ, each row's own time takes the case that it tells."""
    mains = {_span(row[0]) for row in rows if row and row[0].case is None}
    if len(mains) < 2:
        return settled([time for row in rows for time in row])
    times: list[ProcessingTime] = []
    for row in rows:
        twins = [time for time in row[1:] if _alike(time, row[0])]
        if row and row[0].case is None and len(twins) == 1:
            own = twins[0] if twins[0].value == row[0].value else row[0]
            times += [
                own.model_copy(update={"case": twins[0].case, "immediate": row[0].immediate}),
                *(t for t in row[1:] if t not in twins),
            ]
        else:
            times += row
    bare = [time for time in times if time.case is None]
    vague = {id(time) for time in bare[1:]}
    some = time_rules().some_cases
    return unique_times(
        [time.model_copy(update={"case": some}) if id(time) in vague else time for time in times]
    )


def _alike(time: ProcessingTime, other: ProcessingTime) -> bool:
    """Return whether two times are the same limit; a source mixes days with working days."""
    if time.immediate and other.immediate:
        return True
    days = {"day", "working_day"}
    return time.value == other.value and (time.unit == other.unit or {time.unit, other.unit} == days)


def _span(time: ProcessingTime) -> tuple[float | None, str | None]:
    return time.value, time.unit


def unique_times(times: list[ProcessingTime]) -> tuple[ProcessingTime, ...]:
    """Return `times` once each; a caseless repeat of a told value is dropped."""
    kept: list[ProcessingTime] = []
    some = time_rules().some_cases
    for time in sorted(times, key=lambda t: t.case == some):
        if time.case == some and any(_alike(time, other) for other in kept):
            continue
        same = [k for k in kept if (k.value, k.unit, k.case) == (time.value, time.unit, time.case)]
        if same or (time.case is None and any((k.value, k.unit) == (time.value, time.unit) for k in kept)):
            continue
        kept.append(time)
    return tuple(kept)


def times_in(text: str | None, *, brief: bool = False) -> list[ProcessingTime]:
    """Return every time limit told in `text`, each with the case it stands in, in reading order.

    In a `brief` note the few words before a time are its case.
    """
    found: list[ProcessingTime] = []
    lead = ""
    for line in clean_lines(text):
        remote = False
        for raw in _SENTENCE.split(line):
            sentence = strip_bullets(raw)
            if sentence.endswith(":") and not time_rules().duration.search(sentence):
                lead = sentence
                continue
            remote = remote or bool(pattern("times.remote").match(sentence))
            found += [_placed(time, remote) for time in _in_sentence(sentence, lead, brief=brief)]
    return found[:_MAX_CASES]


def _placed(time: ProcessingTime, remote: bool) -> ProcessingTime:
    """Say of a longer limit that it holds for remote places, where the sentences before say so."""
    rules = time_rules()
    if not remote:
        return time
    case = f"{rules.remote}, {rules.extended.lower()}" if time.case == rules.extended else rules.remote
    return time.model_copy(update={"case": case})


def _in_sentence(sentence: str, lead: str, *, brief: bool) -> list[ProcessingTime]:
    rules = time_rules()
    if rules.no_limit.search(sentence):
        return []
    longer = pattern("times.extended").search(sentence)
    if rules.no_time.search(sentence) and not longer:
        return []
    times: list[ProcessingTime] = []
    matches = list(rules.duration.finditer(sentence))
    for at, match in enumerate(matches):
        value = float(match[1].replace(",", "."))
        unit = rules.units[re.sub(r"\s+", " ", match[2].lower())]
        if value == 0 or value > _MAX_VALUE or is_clock(sentence, match):
            continue
        end = matches[at + 1].start() if at + 1 < len(matches) else len(sentence)
        if longer and match.start() >= longer.end() - 1:
            case: str | None = rules.extended
        elif not times:
            case = _first_case(sentence, match, end, lead, brief=brief)
        else:
            between, after = sentence[matches[at - 1].end() : match.start()], sentence[match.end() :]
            case = _further_case(between, after, brief=brief)
            if case is None:
                continue
        times.append(ProcessingTime(case=case, value=value, unit=unit))
    if not times and (now := rules.immediate.search(sentence)):
        before = sentence[: now.start()]
        times.append(ProcessingTime(case=_case(before, "", lead), immediate=True))
    return times


def _first_case(sentence: str, match: re.Match[str], end: int, lead: str, *, brief: bool) -> str | None:
    """Return the case of a sentence's first time: told before it, or behind it up to `end`."""
    per = pattern("times.per").match(sentence, match.end())
    if per:
        return f"{time_rules().each} {per[1].strip()}"
    case = _case(sentence[: match.start()], sentence[match.end() : end], lead)
    if case is not None or not brief:
        return case
    named = pattern("times.named").fullmatch(sentence[: match.start()])
    behind = pattern("times.behind").match(sentence, match.end())
    return _checked(named[1]) if named else _checked(behind[1]) if behind else None


def _further_case(between: str, after: str, *, brief: bool) -> str | None:
    """Return the case of another time of a sentence ("xã 5 ngày, Sở 7 ngày"; "hoặc 7 ngày đối với nhà ở")."""
    told = time_rules().other_case.match(after) or pattern("times.between").fullmatch(between)
    if told is None and brief:
        told = pattern("times.behind").match(after)
    return _checked(told[1]) if told else None


def is_clock(sentence: str, duration: re.Match[str]) -> bool:
    """Return whether "15 giờ" is a time of day ("sau 15 giờ") and not a duration."""
    return duration[2].lower() == "giờ" and bool(
        re.search(r"(?:sau|trước|lúc|từ|đến)\s*$", sentence[: duration.start()])
    )


def _case(before: str, after: str, lead: str) -> str | None:
    rules = time_rules()
    head = rules.limit_words.sub("", before.strip(" ,:-")).strip(" ,:-")
    stage = rules.stage.search(before)
    in_case = rules.lead.search(head)
    after = rules.from_when.sub("", after)
    in_tail = rules.lead.search(after)
    label = re.match(r"^([^:]{4,100}):", before)
    if pattern("times.whole").search(before):
        stage = label = None
    raw = ""
    if in_case:
        raw = in_case[1]
    elif in_tail:
        raw = in_tail[1]
    elif stage:
        raw = stage[1]
    elif label:
        raw = label[1]
    elif lead:
        told = rules.lead.search(lead)
        raw = told[1] if told else ""
    said = _checked(raw)
    if said is None and (stage or label) and not in_case and not in_tail:
        short = capitalise(shorten(tidy(strip_bullets(raw)), _CASE_CHARS, MAX_PHRASE_WORDS))
        said = None if hangs(short) or rules.empty_case.match(short) or len(short) < 4 else short
    unsaid = (in_case or in_tail) and said is None and words(raw) > MAX_PHRASE_WORDS
    return rules.some_cases if unsaid and not pattern("times.dossier").match(raw) else said


def _checked(raw: str) -> str | None:
    """Return a case as a phrase; None where it is too long, or says nothing."""
    text = tidy(strip_bullets(raw))
    case = phrase(text, limit=_CASE_CHARS) or phrase(shorter(text), limit=_CASE_CHARS) or ""
    case = pattern("times.number").sub("", case)
    case = tidy(re.sub(r"(?::? ?trong thời (?:hạn|gian)|\s+thì)$", "", case, flags=re.IGNORECASE))
    return capitalise(case) if len(case) >= 4 and not time_rules().empty_case.match(case) else None
