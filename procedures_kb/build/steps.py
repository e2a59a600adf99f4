"""Steps in our own words: which acts a text tells of, by whom, and in what time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from procedures_kb.build.rules import Act, pattern, step_rules, time_rules
from procedures_kb.build.text import capitalise, clean_lines, shorten, strip_bullets
from procedures_kb.build.times import is_clock
from procedures_kb.model import MAX_PHRASE_WORDS, Result, Step

MAX_STEPS = 8
_SENTENCE = re.compile(r"(?<=[^\W\d_)]{2})\.\s+(?=[A-ZÀ-ỸĐ(+*-])|;\s*")
_STEP_NO = re.compile(r"(?=(?:^|\s)(?:[a-zđ]\)\s*)?Bước \d)")
_LESS_USEFUL = (
    "forward",
    "inspect_after",
    "form",
    "refer",
    "record",
    "council",
    "complete",
    "online_login",
    "consult",
    "pay_notice",
    "receive",
    "appraise",
    "supplement",
)


@dataclass(frozen=True)
class _Found:
    act: Act
    sentence: str
    at: int


def read_steps(text: str | None, results: tuple[Result, ...], ways: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the steps that `text` tells of, in the order of a dossier's life, at most eight.

    `ways` are the channels of the record ("counter", "post", "online"), named with the submission.
    """
    found: dict[str, _Found] = {}
    for at, sentence in enumerate(_sentences(text)):
        for act in _acts_of(sentence):
            known = found.get(act.key)
            if known is None or (act.timed and not _limit(known) and _limit(_Found(act, sentence, at))):
                found[act.key] = _Found(act, sentence, at)
    chosen = _fewer(sorted(found.values(), key=lambda f: f.act.order))
    return tuple(_step(f, results, ways) for f in chosen)


def _sentences(text: str | None) -> Iterator[str]:
    for line in clean_lines(text):
        for chunk in _STEP_NO.split(line):
            for raw in _SENTENCE.split(chunk):
                sentence = strip_bullets(re.sub(r"^\s*(?:[a-zđ]\)\s*)?Bước \d+[.:]?\s*", "", raw))
                if len(sentence) > 6:
                    yield sentence


def _acts_of(sentence: str) -> Iterator[Act]:
    for act in step_rules().acts:
        if act.pattern.search(sentence):
            yield act


def _fewer(found: list[_Found]) -> list[_Found]:
    """Keep at most eight acts: the administration's inner ones go first."""
    for key in _LESS_USEFUL:
        if len(found) <= MAX_STEPS:
            break
        found = [f for f in found if f.act.key != key]
    return found if len(found) <= MAX_STEPS else found[: MAX_STEPS - 1] + found[-1:]


def _step(found: _Found, results: tuple[Result, ...], ways: tuple[str, ...]) -> Step:
    rules = step_rules()
    act = found.act
    say = act.say
    if "{result}" in say:
        say = say.format(result=_result(results))
    if "{place}" in say:
        say = _with_place(say, found.sentence, ways)
    if act.key in rules.sometimes_acts and rules.sometimes_when.match(found.sentence):
        say = rules.sometimes.format(say=say)
    limit = _limit(found) if act.timed else None
    if limit:
        told = rules.lasting if act.key == "publish" else rules.within
        timed = f"{say} {told.format(limit=limit)}"
        say = timed if len(timed.split()) <= MAX_PHRASE_WORDS else say
    return Step(actor=_actor(found), act=capitalise(shorten(say, 150, MAX_PHRASE_WORDS)), document=None)


def _result(results: tuple[Result, ...]) -> str:
    for result in results:
        name = result.name
        rules = step_rules()
        if len(name.split()) <= 12 and rules.handed.match(name) and not rules.refusal.search(name):
            return name[0].lower() + name[1:] if name[1:2].islower() else name
    return "kết quả giải quyết"


def _with_place(say: str, sentence: str, ways: tuple[str, ...]) -> str:
    rules = step_rules()
    place = pattern("steps.place").search(sentence)
    if say.endswith("{place}") and say != "{place}" and not say.startswith("Nộp"):
        return say.format(place=place[1]) if place else say.format(place="cơ quan tiếp nhận")
    told = [rules.channel_words[way] for way in ("counter", "post", "online") if way in ways]
    where = rules.at.format(place=place[1]) if place else ""
    how = f" ({', '.join(told[:-1])} hoặc {told[-1]})" if len(told) > 1 else f" ({told[0]})" if told else ""
    full = say.format(place=where + how)
    return full if len(full.split()) <= MAX_PHRASE_WORDS else say.format(place=where)


def _actor(found: _Found) -> str:
    rules = step_rules()
    if found.act.by == "citizen":
        match = rules.citizen.search(found.sentence[:90])
        named = match.group() if match and match.start() < 40 else rules.citizen_default
        return capitalise(named)
    before = found.act.pattern.search(found.sentence)
    head = found.sentence[: before.start() + 1] if before else ""
    named_all = list(rules.officer.finditer(head))
    return capitalise(named_all[-1].group()) if named_all else rules.officer_default


def _limit(found: _Found) -> str | None:
    if not found.act.timed:
        return None
    rules = time_rules()
    match = found.act.pattern.search(found.sentence)
    durations = [d for d in rules.duration.finditer(found.sentence) if not is_clock(found.sentence, d)]
    if not durations or not match:
        return None
    near = min(durations, key=lambda d: abs(d.start() - match.start()))
    if abs(near.start() - match.start()) > 220:
        return None
    value = near[1].replace(",", ".")
    return f"{value} {near[2].lower()}"


def deciding_agency(text: str | None) -> str | None:
    """Return the office that a text names most often as the one who acts, None where it names none."""
    counts: dict[str, int] = {}
    for sentence in _sentences(text):
        for match in step_rules().officer.finditer(sentence):
            name = capitalise(match.group())
            if not re.match(
                r"(?:Cán bộ|Công chức|Trung tâm|Bộ phận|Cơ quan có thẩm|Hội đồng|Thủ tướng)", name
            ):
                counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else None


def issue_sentences(text: str | None) -> str:
    """Return the sentences that tell of the result being issued, where a missing time limit may stand."""
    acts = [act for act in step_rules().acts if act.key in {"issue", "signbook"}]
    told = [s for s in _sentences(text) if any(act.pattern.search(s) for act in acts)]
    return "\n".join(s for s in told if not step_rules().refusal.search(s))
