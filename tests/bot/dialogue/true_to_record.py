"""Holds a procedure's own way, and the check of its dossier, against its record: what is told wrongly.

Reads the record by itself: nothing here asks the code under test what is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue.guide import AskView, GuideView, StepView
from bot.replies.renderer import load_labels
from procedures_kb.cards import Card, CardCase, papers_named
from procedures_kb.model import (
    Channel,
    Detail,
    DocumentKind,
    Entry,
    Fee,
    FeeStatus,
    Flag,
    How,
    Level,
    OnlineLevel,
    Paper,
    Procedure,
    ProcessingTime,
)
from vietnamese import fold

MOST_WAYS = 40  # combinations of answers of one procedure that are walked
UNKNOWN_WAY = "unknown"
FREE = "mien phi"
LEVEL_WORDS = {
    OnlineLevel.FULL: "làm trọn qua mạng",
    OnlineLevel.PARTIAL: "được một phần",
    OnlineLevel.ONLINE: "không ghi rõ có bước nào phải đến nơi",
    OnlineLevel.NONE: "không nộp qua mạng",
}
BROKEN = re.compile(r"\bNone\b|\{\{|\}\}|\{%|\( *\)|: *\.(?:\s|$)|[^.]\.\.(?:\s|$)|; ;|::")


@dataclass(frozen=True)
class Held:
    """A record with its card, against which texts of `today` are held."""

    procedure: Procedure
    card: Card | None
    today: date


@dataclass(frozen=True)
class Wanted:
    """One paper that a case needs: how it must be called, and the record's paper behind it."""

    say: str
    paper: Paper

    @property
    def shown(self) -> bool:
        return self.paper.kind is DocumentKind.SHOW

    @property
    def shape(self) -> str:
        """The words for the shape that the record wants."""
        shapes, paper = load_labels().shapes, self.paper
        if paper.originals and paper.copies:
            return shapes["both"]
        if paper.copies:
            said = fold(f"{paper.name} {paper.when or ''}")
            return shapes["certified" if "chung thuc" in said or "cong chung" in said else "copy"]
        return shapes["original"] if paper.originals else ""


# ---- what the record says ----------------------------------------------------------------------------------


def ways_told(procedure: Procedure) -> set[str]:
    """Return how the record lets the dossier be handed in; nothing where it does not tell."""
    if procedure.detail is Detail.NAME_ONLY:
        return set()
    ways = {channel.how.value for channel in procedure.channels}
    if procedure.online_level in {OnlineLevel.FULL, OnlineLevel.PARTIAL, OnlineLevel.ONLINE}:
        ways.add(How.ONLINE.value)
    ways |= {e.value for e in procedure.entries if e in {Entry.COUNTER, Entry.POST}}
    if not ways and procedure.documents:
        return {How.COUNTER.value}  # nothing is told of the way: one can always go there with the papers
    return ways - ({How.ONLINE.value} if procedure.online_level is OnlineLevel.NONE else set())


def in_way(paper: Paper, way: str) -> bool:
    """Return whether the paper is wanted where the dossier is handed in that way."""
    return way in load_labels().paper_ways.get(fold(paper.when or ""), (way,))


def wanted(procedure: Procedure, card: Card | None, label: str | None, way: str) -> list[Wanted]:
    """Return the papers of the case with that label (None: the only one), each name once."""
    if card is not None:
        found = [
            Wanted(line.say.rstrip("."), paper)
            for line in card_case(card, label, way).papers
            for paper in papers_named(procedure, line.paper)[:1]
        ]
    else:
        named = case_named(procedure, label, way)
        blocks = [b for b in procedure.documents if b.case is None or same(b.case, named or "")]
        papers = [paper for block in blocks for paper in block.items if paper.kind is not DocumentKind.NOTE]
        found = [Wanted(paper.name, paper) for paper in papers]
    fitting = [one for one in found if in_way(one.paper, way)]
    # One title in two spellings is one paper.
    return list({fold(squeezed(one.say)): one for one in fitting}.values())


def card_case(card: Card, label: str | None, way: str) -> CardCase:
    """Return the case of that label; the only one that can be meant in that way where there is no label."""
    cases = [c for c in card.cases if (c.label == label if label else fits(c.label, way))]
    assert len(cases) == 1, f"{card.code}: {label}: {len(cases)} cases"
    return cases[0]


def case_named(procedure: Procedure, label: str | None, way: str) -> str | None:
    """Return the record's case that is meant where the bot asked for none."""
    named = cases_named(procedure, way)
    return named[0] if label is None and len(named) == 1 else label


def cases_named(procedure: Procedure, way: str) -> list[str]:
    """Return the record's cases that can be meant in that way, each once."""
    return list(
        {
            squeezed(b.case).casefold(): b.case for b in procedure.documents if b.case and fits(b.case, way)
        }.values()
    )


def fits(label: str, way: str) -> bool:
    """Return whether a case of that name can be meant where the dossier is handed in that way."""
    return way == How.ONLINE.value or not any(word in fold(label) for word in load_labels().online_words)


def same(one: str, other: str) -> bool:
    return squeezed(one).casefold() == squeezed(other).casefold()


def uncovered(procedure: Procedure, card: Card, label: str | None, way: str) -> list[str]:
    """Return the papers that the record wants always and that no line of the card's case stands for."""
    case = card_case(card, label, way)
    lines = [paper for line in case.papers for paper in papers_named(procedure, line.paper)]
    spared = [paper for name in case.without for paper in papers_named(procedure, name)]
    always = [paper for block in procedure.documents if block.case is None for paper in block.items]
    return [
        paper.name
        for paper in always
        if paper.kind is DocumentKind.SUBMIT
        and paper.when is None
        and paper not in lines
        and paper not in spared
    ]


def channels_of(procedure: Procedure, way: str) -> Sequence[Channel]:
    own = [channel for channel in procedure.channels if channel.how.value == way]
    return own or procedure.channels


def statuses(procedure: Procedure, way: str | None = None) -> set[FeeStatus]:
    """Return what may be said of the fee; a record that contradicts itself is never free."""
    channels = procedure.channels if way is None else channels_of(procedure, way)
    found = {channel.fee_status for channel in channels}
    if procedure.has(Flag.FEE_CONFLICT) and FeeStatus.FREE in found:
        found = (found - {FeeStatus.FREE}) | {FeeStatus.CONFLICTING}
    return found


def amounts(procedure: Procedure, way: str, today: date) -> list[str]:
    """Return the amounts to be paid now, as citizens write them."""
    channels = [c for c in channels_of(procedure, way) if c.fee_status is not FeeStatus.FREE]
    return [written(fee) for c in channels for fee in c.fees if fee.amount and not _over(fee, today)]


def written(fee: Fee) -> str:
    unit = "đồng" if fee.currency == "VND" else fee.currency
    return f"{fee.amount:,}".replace(",", ".") + f" {unit}"


def _over(fee: Fee, today: date) -> bool:
    return fee.valid_to is not None and fee.valid_to < today


def durations(procedure: Procedure, way: str | None = None) -> list[str]:
    """Return the time limits, each once."""
    channels = procedure.channels if way is None else channels_of(procedure, way)
    told = [_duration(time) for channel in channels for time in channel.times]
    return list(dict.fromkeys(filter(None, told)))


def _duration(time: ProcessingTime) -> str | None:
    if time.value is None or time.unit is None:
        return "làm ngay trong ngày" if time.immediate else None
    return f"{time.value:g}".replace(".", ",") + f" {load_labels().units[time.unit]}"


def own_words(procedure: Procedure) -> list[str]:
    """Return the record's own words about fees, which may speak of who pays nothing."""
    fees = [fee for channel in procedure.channels for fee in channel.fees]
    return [fold(text) for fee in fees for text in (fee.case, fee.note, fee.unit) if text]


def says_free(text: str, procedure: Procedure) -> bool:
    """Return whether `text` itself calls something free, apart from the record's own words."""
    said = fold(text)
    for words in sorted(own_words(procedure), key=len, reverse=True):
        said = said.replace(words, " ")
    return FREE in said


def dated(procedure: Procedure) -> str:
    day = procedure.source.retrieved
    return f"{day.month}/{day.year}" if day.day == 1 else f"{day.day}/{day.month}/{day.year}"


def squeezed(text: str) -> str:
    return " ".join(text.split())


# ---- the way -----------------------------------------------------------------------------------------------


def ways_through(view: GuideView) -> Iterator[tuple[dict[str, str], tuple[StepView, ...]]]:
    """Yield the answers and the steps of every way, MOST_WAYS at most."""
    waiting: list[dict[str, str]] = [{}]
    given = 0
    while waiting and given < MOST_WAYS:
        answers = waiting.pop()
        nodes = view.nodes(answers)
        last = nodes[-1]
        if isinstance(last, AskView) and last.option(answers.get(last.id)) is None:
            waiting += [{**answers, last.id: option.id} for option in reversed(last.options)]
            continue
        given += 1
        yield answers, tuple(node for node in nodes if isinstance(node, StepView))


def told_wrongly(held: Held, view: GuideView) -> Iterator[str]:
    """Yield what the walk-through tells otherwise than the record, or not at all."""
    procedure, card = held.procedure, held.card
    yield from _frame(procedure, view)
    asked = {ask.id: ask for ask in view.asks}
    way_ask = asked.get("way")
    told = ways_told(procedure)
    offered = {option.id for option in way_ask.options} if way_ask else told
    if offered != told:
        yield f"ways: {sorted(offered)}, the record has {sorted(told)}"
    yield from _cases(procedure, card, view, told)
    for answers, steps in ways_through(view):
        way = answers.get("way") or (next(iter(told)) if told else UNKNOWN_WAY)
        chosen = next((asked[a].option(o) for a, o in answers.items() if a.startswith("case")), None)
        label = chosen.label if chosen else None
        for wrong in _way(held, steps, way, label):
            yield f"{way}, {label or 'only case'}: {wrong}"


def _frame(procedure: Procedure, view: GuideView) -> Iterator[str]:
    intro, needs = view.intro or "", " | ".join(view.needs)
    level = LEVEL_WORDS.get(procedure.online_level)
    if procedure.detail is Detail.NAME_ONLY:
        level = "mới có tên việc này"
    elif "mới có tên" in intro and procedure.documents:
        yield "intro: says that only the name is known, and the record has papers"
    if level and level not in intro:
        yield f"intro: not the level {procedure.online_level}: {intro!r}"
    if procedure.code not in (view.closing or "") or dated(procedure) not in (view.closing or ""):
        yield f"source: {view.closing!r}"
    if not needs and procedure.detail is Detail.FULL:
        yield "needs: nothing"
    yield from _brief(procedure, needs)


def _cases(procedure: Procedure, card: Card | None, view: GuideView, ways: set[str]) -> Iterator[str]:
    """Every case of card or record can be chosen, in every way in which it can be meant."""
    for way in sorted(ways):
        named = [c.label for c in card.cases if fits(c.label, way)] if card else cases_named(procedure, way)
        asks = [ask for ask in view.asks if ask.id in {"case", f"case_{way}"}]
        offered = [option.label for ask in asks[-1:] for option in ask.options]
        for label in named if len(named) > 1 else ():
            if not any(same(label, one) for one in offered):
                yield f"{way}: the case {label!r} cannot be chosen"


def _brief(procedure: Procedure, needs: str) -> Iterator[str]:
    """Fee and time limit among what is told first."""
    told = statuses(procedure)
    if told == {FeeStatus.FREE}:
        if "lệ phí: miễn phí" not in needs:
            yield "needs: free in the record, and not told"
    elif FREE in fold(needs):
        yield f"needs: calls free what is {sorted(told)}"
    limits = durations(procedure)
    if limits and not any(limit in needs for limit in limits):
        yield f"needs: no time limit of {limits}"
    if limits and _longest(procedure) not in needs:
        yield f"needs: not the longest time limit {_longest(procedure)} of {limits}"


def _longest(procedure: Procedure) -> str:
    hours = {"minute": 1 / 60, "hour": 1, "working_day": 33, "day": 24, "month": 720, "year": 8760}
    times = [t for c in procedure.channels for t in c.times if _duration(t)]
    longest = max(times, key=lambda t: (t.value or 0) * hours.get(t.unit or "hour", 0))
    return _duration(longest) or ""


def _way(held: Held, steps: Sequence[StepView], way: str, label: str | None) -> Iterator[str]:
    procedure = held.procedure
    by_id = {step.id: step for step in steps}
    for step in steps:
        texts = (step.do, step.where or "", step.see or "", *(s.then for s in step.stuck))
        yield from (f"{step.id}: broken text {text!r}" for text in texts if BROKEN.search(text))
        if not (step.do and step.where and step.see):
            yield f"{step.id}: a part is missing"
    if not 3 <= len(steps) <= 30:
        yield f"{len(steps)} steps"
    if len({step.do for step in steps}) < len(steps):
        yield "the same step twice"
    yield from _results(procedure, by_id)
    code_step = {How.ONLINE.value: "search", How.COUNTER.value: "number", UNKNOWN_WAY: "search"}.get(way)
    if code_step and procedure.code not in _do(by_id, code_step):
        yield "the code is not told where it is needed"
    if way != UNKNOWN_WAY:
        yield from _place(procedure, by_id, way)
        yield from _papers(held, steps, way, label)
    yield from _pay(held, steps, way)


def _do(by_id: Mapping[str, StepView], step_id: str) -> str:
    return by_id[step_id].do if step_id in by_id else ""


def _results(procedure: Procedure, by_id: Mapping[str, StepView]) -> Iterator[str]:
    receive = _do(by_id, "receive")
    yield from (
        f"result not told: {r.name}" for r in procedure.results if squeezed(r.name) not in squeezed(receive)
    )


def _place(procedure: Procedure, by_id: Mapping[str, StepView], way: str) -> Iterator[str]:
    do = _do(by_id, {"online": "agency", "counter": "go", "post": "send"}[way])
    agency = procedure.agency or ""
    centre = "Trung tâm Phục vụ hành chính công"
    if procedure.has(Flag.AGENCY_ELSEWHERE) and agency and agency in do:
        yield f"place: an agency of another province: {do!r}"
    if not do:
        yield "place: no step says where"
    named = [agency] if agency and not procedure.has(Flag.AGENCY_ELSEWHERE) else []
    if Level.COMMUNE in procedure.levels:
        named += ["xã, phường"]
    if Level.PROVINCE in procedure.levels:
        named += [centre, load_labels().levels["province"]]
    if named and way == How.ONLINE.value and not any(name in do for name in named):
        yield f"place: none of {named}: {do!r}"
    local = {Level.COMMUNE, Level.PROVINCE} & set(procedure.levels)
    if way != How.ONLINE.value and local and centre not in do and (not agency or agency not in do):
        yield f"place: neither centre nor agency: {do!r}"


def _papers(held: Held, steps: Sequence[StepView], way: str, label: str | None) -> Iterator[str]:
    procedure, card = held.procedure, held.card
    needed = wanted(procedure, card, label, way)
    steps_of = {kind: [s for s in steps if s.id.split(".")[0] == kind] for kind in ("papers", "attach")}
    if len(steps_of["papers"]) != 1:
        yield f"{len(steps_of['papers'])} steps of papers"
        return
    lines = bullets(steps_of["papers"][0].do)
    yield from _compared("papers", [one.say for one in needed], lines)
    shown_part = steps_of["papers"][0].do.partition("cho xem, không phải nộp:")[2]
    shown = bullets(shown_part)
    for one in needed:
        if one.shown != any(starts(line, one.say) for line in shown):
            yield f"papers: {one.say!r} is {'only' if one.shown else 'not only'} shown"
    attached = [line for step in steps_of["attach"] for line in _attached(step.do)]
    due = [one.say for one in needed if not one.shown] if way == How.ONLINE.value else []
    yield from _compared("attach", due, attached)
    if card is not None:
        yield from (f"no line of the card for {name!r}" for name in uncovered(procedure, card, label, way))


def bullets(text: str) -> list[str]:
    return [squeezed(line.strip()[2:]) for line in text.splitlines() if line.strip().startswith("• ")]


def _attached(do: str) -> list[str]:
    return bullets(do) or [squeezed(do.partition("gắn ảnh vào hồ sơ:")[2])]


def _compared(where: str, names: Sequence[str], lines: Sequence[str]) -> Iterator[str]:
    """Hold lines against names: each has its line, and no line is without a name."""
    yield from (f"{where}: missing {n!r}" for n in names if not any(starts(line, n) for line in lines))
    yield from (f"{where}: invented {line!r}" for line in lines if not any(starts(line, n) for n in names))
    if len(lines) != len(names):
        yield f"{where}: {len(lines)} lines for {len(names)} papers"


def starts(line: str, name: str) -> bool:
    """Return whether the line names that paper: nothing but shape, condition or a full stop may follow."""
    name = squeezed(name)
    shapes = "|".join(re.escape(shape.split(",")[0]) for shape in load_labels().shapes.values() if shape)
    return re.fullmatch(rf"{re.escape(name)}( \((?:{shapes})\))?( – .*)?\.?", line) is not None


def _pay(held: Held, steps: Sequence[StepView], way: str) -> Iterator[str]:
    procedure = held.procedure
    pays = [step for step in steps if step.id.startswith("pay")]
    if way == UNKNOWN_WAY:
        return
    if statuses(procedure, way) == {FeeStatus.FREE}:
        yield from (f"pay: free, and {step.id} is there" for step in pays)
        return
    if len(pays) != 1:
        yield f"pay: {len(pays)} steps for {sorted(statuses(procedure, way))}"
        return
    text = pays[0].do
    yield from (f"pay: {a} is not told" for a in amounts(procedure, way, held.today) if a not in text)
    if FeeStatus.FREE not in statuses(procedure, way) and says_free(text, procedure):
        yield f"pay: calls free what is {sorted(statuses(procedure, way))}: {text!r}"
