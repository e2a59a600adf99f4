"""Time limits: the value of the method row, and the cases told in its description."""

from __future__ import annotations

import re
from dataclasses import dataclass

from procedures_kb.build.phrases import phrase
from procedures_kb.build.rules import pattern, time_rules
from procedures_kb.build.text import capitalise, clean_lines, strip_bullets, tidy
from procedures_kb.model import ProcessingTime

_MAX_CASES = 6
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


def read_times(value: float | None, unit: str | None, description: str | None) -> ReadTimes:
    """Read one method row.

    A value without a unit is not served (trap 3): the description is asked instead, and the row is unclear
    when it does not answer.
    """
    known = unit_of(unit)
    described = times_in(description)
    main: ProcessingTime | None = None
    only_case = None if described else _whole_case(description)
    if value is not None and known is not None and value <= _MAX_VALUE:
        main = _main(value, known, description).model_copy(update={"case": only_case})
    if main and _belongs_to_case(main, described):
        main = None
    told = [time for time in described if time.case or main is None]
    times = unique_times(([main] if main else []) + told)
    return ReadTimes(times[: _MAX_CASES + 1], unclear=not times and (value is not None))


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
        twins = [
            time for time in row[1:] if _span(time) == _span(row[0]) or (row[0].immediate and time.immediate)
        ]
        if row and row[0].case is None and len(twins) == 1:
            times += [
                row[0].model_copy(update={"case": twins[0].case}),
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


def _span(time: ProcessingTime) -> tuple[float | None, str | None]:
    return time.value, time.unit


def unique_times(times: list[ProcessingTime]) -> tuple[ProcessingTime, ...]:
    """Return `times` once each; a caseless repeat of a told value is dropped."""
    kept: list[ProcessingTime] = []
    for time in times:
        same = [k for k in kept if (k.value, k.unit, k.case) == (time.value, time.unit, time.case)]
        if same or (time.case is None and any((k.value, k.unit) == (time.value, time.unit) for k in kept)):
            continue
        kept.append(time)
    return tuple(kept)


def times_in(text: str | None) -> list[ProcessingTime]:
    """Return every time limit told in `text`, each with the case it stands in, in reading order."""
    found: list[ProcessingTime] = []
    lead = ""
    for line in clean_lines(text):
        for raw in _SENTENCE.split(line):
            sentence = strip_bullets(raw)
            if sentence.endswith(":") and not time_rules().duration.search(sentence):
                lead = sentence
                continue
            found += _in_sentence(sentence, lead)
    return found[:_MAX_CASES]


def _in_sentence(sentence: str, lead: str) -> list[ProcessingTime]:
    rules = time_rules()
    if rules.no_limit.search(sentence) or rules.no_time.search(sentence):
        return []
    times: list[ProcessingTime] = []
    matches = list(rules.duration.finditer(sentence))
    for at, match in enumerate(matches):
        value = float(match[1].replace(",", "."))
        unit = rules.units[re.sub(r"\s+", " ", match[2].lower())]
        if value == 0 or value > _MAX_VALUE or is_clock(sentence, match):
            continue
        after = sentence[match.end() :]
        if not times:
            per = pattern("times.per").match(after)
            own = after[: matches[at + 1].start() - match.end()] if at + 1 < len(matches) else after
            case = f"{rules.each} {per[1].strip()}" if per else _case(sentence[: match.start()], own, lead)
            times.append(ProcessingTime(case=case, value=value, unit=unit))
        elif told := rules.other_case.match(after):
            case = phrase(tidy(told[1]), limit=_CASE_CHARS)
            times += [ProcessingTime(case=capitalise(case), value=value, unit=unit)] if case else []
    if not times and (now := rules.immediate.search(sentence)):
        before = sentence[: now.start()]
        times.append(ProcessingTime(case=_case(before, "", lead), immediate=True))
    return times


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
    case = phrase(tidy(strip_bullets(raw)), limit=_CASE_CHARS) or ""
    case = pattern("times.number").sub("", case)
    case = tidy(re.sub(r":? ?trong thời (?:hạn|gian)$", "", case, flags=re.IGNORECASE))
    return capitalise(case) if len(case) >= 4 and not rules.empty_case.match(case) else None
