"""Steps in our own words: which acts a text tells of, by whom, in what case, and in what time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from procedures_kb.build.phrases import is_fragment, phrase
from procedures_kb.build.rules import Act, pattern, step_rules, time_rules
from procedures_kb.build.text import capitalise, clean_lines, shorten, strip_bullets, tidy
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
_SHORT_CASE = 8


@dataclass(frozen=True)
class _Sentence:
    text: str
    case: str | None  # the special case it is told for; "" where that has no short name


@dataclass(frozen=True)
class _Found:
    act: Act
    sentence: str
    at: int
    case: str | None = None


def read_steps(
    text: str | None, results: tuple[Result, ...], ways: tuple[str, ...], *, free: bool = False
) -> tuple[Step, ...]:
    """Return the steps that `text` tells of, in the order of a dossier's life, at most eight.

    The first is the citizen's preparation, the last the result. An act told only for a special case says so,
    or is left out. `ways` are the channels of the record ("counter", "post", "online");
    where the procedure is `free`, nobody is told to pay.
    """
    found: dict[str, _Found] = {}
    for at, sentence in enumerate(_told(text)):
        for act in _acts_of(sentence.text):
            new = _Found(act, sentence.text, at, _case_of(act, sentence))
            known = found.get(act.key)
            if known is None or _better(new, known):
                found[act.key] = new
    if not found:
        return ()
    for key, holds in (("notify", "submit" in found), ("pay", free)):
        if holds:
            found.pop(key, None)
    for act in step_rules().acts:
        if act.key in step_rules().always_acts or (act.key == "submit" and "notify" not in found):
            found.setdefault(act.key, _Found(act, "", 0))
    kept = [f for f in found.values() if not (f.case == "" and f.act.key in step_rules().sometimes_acts)]
    chosen = _fewer(sorted(kept, key=lambda f: f.act.order))
    return tuple(_step(f, results, ways) for f in chosen)


def _better(new: _Found, known: _Found) -> bool:
    """What holds for everybody goes before what holds in a case; what names its time before what does not."""
    if (new.case is None) != (known.case is None):
        return new.case is None
    return new.act.timed and not _limit(known) and bool(_limit(new))


def _told(text: str | None) -> Iterator[_Sentence]:
    """Yield the sentences with the special case that each stands in; a case holds until the next bullet."""
    case: str | None = None
    for line in clean_lines(text):
        bullet = bool(re.match(r"\s*(?:[-+*•]|\(?[a-zivx\d]{1,4}[.)]|Bước)\s*", line))
        if bullet:
            case = None
        for sentence in _sentences(line):
            if not pattern("steps.normal").match(sentence):
                match = pattern("steps.special").match(sentence)
                if match:
                    case = _named(match[1])
                    if sentence.rstrip().endswith(":"):
                        continue
                elif not bullet and case is not None and not pattern("steps.context").match(sentence):
                    case = None
            else:
                case = None
            bullet = False
            yield _Sentence(sentence, case)


def _case_of(act: Act, sentence: _Sentence) -> str | None:
    """Return the case of an act: the sentence's own, or one told right before the act."""
    if sentence.case is not None:
        return sentence.case
    match = act.pattern.search(sentence.text)
    head = sentence.text[: match.start()] if match else ""
    special = list(pattern("steps.special").finditer(head))
    if not special or len(head) - special[-1].end() > 60:
        return None
    return _named(special[-1][1])


def _named(case: str) -> str:
    """Return the case as a clause of a few words with a verb; empty where it cannot be said so briefly."""
    said = phrase(tidy(case), max_words=_SHORT_CASE)
    return said if said and len(said.split()) > 2 and not is_fragment(said) else ""


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
        result = _result(results)
        issued = rules.issue_text if result and rules.is_text.match(result) else say
        say = issued.format(result=result) if result else rules.issue_default
    if "{place}" in say:
        say = _with_place(say, found.sentence, ways)
    if act.key == "pay" and pattern("steps.if_due").search(found.sentence):
        say = rules.if_due.format(say=say)
    limit = _limit(found) if act.timed else None
    if limit:
        told = rules.lasting if act.key == "publish" else rules.within
        say = _if_short(f"{say} {told.format(limit=limit)}", say)
    if found.case and act.key in rules.sometimes_acts:
        cased = rules.in_case.format(say=say, case=found.case[0].lower() + found.case[1:])
        say = _if_short(cased, rules.sometimes.format(say=say))
    return Step(actor=_actor(found), act=capitalise(shorten(say, 150, MAX_PHRASE_WORDS)), document=None)


def _if_short(wanted: str, other: str) -> str:
    return wanted if len(wanted.split()) <= MAX_PHRASE_WORDS else other


def _result(results: tuple[Result, ...]) -> str | None:
    for result in results:
        name = result.name
        rules = step_rules()
        if len(name.split()) <= 12 and rules.handed.match(name) and not rules.refusal.search(name):
            return name[0].lower() + name[1:] if name[1:2].islower() else name
    return None


def _with_place(say: str, sentence: str, ways: tuple[str, ...]) -> str:
    rules = step_rules()
    place = pattern("steps.place").search(sentence)
    if say.endswith("{place}") and say != "{place}" and not say.startswith("Nộp"):
        return say.format(place=place[1]) if place else say.format(place="cơ quan tiếp nhận")
    told = [rules.channel_words[way] for way in ("counter", "post", "online") if way in ways]
    where = rules.at.format(place=place[1]) if place else ""
    how = f" ({', '.join(told[:-1])} hoặc {told[-1]})" if len(told) > 1 else f" ({told[0]})" if told else ""
    return _if_short(say.format(place=where + how), say.format(place=where))


def _actor(found: _Found) -> str:
    rules = step_rules()
    if found.act.by == "citizen":
        match = rules.citizen.search(found.sentence[:90])
        named = match.group() if match and match.start() < 40 else rules.citizen_default
        return capitalise(named)
    before = found.act.pattern.search(found.sentence)
    head = found.sentence[: before.start() + 1] if before else ""
    named_all = [
        m for m in rules.officer.finditer(head) if not pattern("steps.of").search(head, 0, m.start())
    ]
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
    value = near[1].replace(",", ".").lstrip("0") or "0"
    return f"{value} {near[2].lower()}"


def deciding_agency(text: str | None) -> str | None:
    """Return the office that a text names most often as the one who acts, None where it names none."""
    counts: dict[str, int] = {}
    for sentence in _sentences(text):
        for match in step_rules().officer.finditer(sentence):
            name = capitalise(match.group())
            if not re.match(
                r"(?:Cán bộ|Công chức|Trung tâm|Bộ phận|Cơ quan có thẩm|Hội đồng|Thủ tướng|Tổ chức)", name
            ):
                counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else None


def issue_sentences(text: str | None) -> str:
    """Return the sentences that tell of the result being issued, where a missing time limit may stand."""
    acts = [act for act in step_rules().acts if act.key in {"issue", "signbook"}]
    told = [s for s in _sentences(text) if any(act.pattern.search(s) for act in acts)]
    return "\n".join(s for s in told if not step_rules().refusal.search(s))
