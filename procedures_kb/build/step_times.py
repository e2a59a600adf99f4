"""Time limits that only the steps tell, for rows that give none or give a number without its unit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from procedures_kb.build.rules import pattern, time_rules
from procedures_kb.build.steps import issue_sentences
from procedures_kb.build.text import clean_lines
from procedures_kb.build.times import times_in
from procedures_kb.model import ProcessingTime

_MAX_VALUE = 1000


def times_of_steps(steps: str | None, values: Iterable[float | None]) -> tuple[ProcessingTime, ...]:
    """Return the time limit of the steps, surest first: the day itself, the row's own number, the result's.

    `values` are the numbers of the rows that came without a unit.
    """
    told = " ".join(clean_lines(steps))
    if pattern("times.same_day").search(told):
        later = ProcessingTime(case=time_rules().after_three, value=1, unit="working_day")
        return ProcessingTime(immediate=True), later
    counted = list(pattern("times.counted").finditer(told))
    known = [value for value in dict.fromkeys(values) if value is not None and 1 < value <= _MAX_VALUE]
    for value in known:
        own = [m for m in counted if _number(m) == value]
        if own:
            return (_time(own[0]),)
    handled = pattern("times.handled").search(told)
    if handled and not known:
        return (_time(handled),)
    issued = times_in(issue_sentences(steps))[:1]
    # The limit of one stage is not the whole: a number twice as large speaks against it.
    return tuple(time for time in issued if not known or (time.value or 0) * 2 >= max(known))


def _number(match: re.Match[str]) -> float:
    return float(match[1].replace(",", "."))


def _time(match: re.Match[str]) -> ProcessingTime:
    unit = time_rules().units[re.sub(r"\s+", " ", match[2].lower())]
    return ProcessingTime(value=_number(match), unit=unit)
