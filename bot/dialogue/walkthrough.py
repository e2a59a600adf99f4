"""Every procedure's own way, composed: record and card give the facts, `walkthrough.yaml` the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.dialogue.answers.brief import Brief
from bot.dialogue.dossier import CaseView, Dossier, Need, Way, dossier_of
from bot.dialogue.guide import AskView, GuideView, OptionView, StepView, StuckView
from bot.dialogue.procedure_steps import guide_id
from bot.replies import renderer
from bot.replies.renderer import Replies, load_labels
from procedures_kb.cards import Card
from procedures_kb.model import Detail, Entry, FeeStatus, How, Level, OnlineLevel, Procedure, Record, Text
from procedures_kb.yaml_files import read_model
from vietnamese import fold

UNKNOWN_WAY = "unknown"
CASE, WAY = "case", "way"
MOST_ATTACHED = 8  # papers one step each; more share steps, so that the way stays walkable
_GOES_ONLINE = {OnlineLevel.FULL, OnlineLevel.PARTIAL, OnlineLevel.ONLINE}


class BrokenWalkthrough(ValueError):
    """`walkthrough.yaml` cannot be used; the message names the place and the reason."""


class _Stuck(Record):
    when: Text
    then: Text


class StepTemplate(Record):
    """One step of the way in words. `if_` "paid": only where the record does not say that it is free."""

    id: Text
    ways: tuple[Literal["online", "counter", "post", "unknown"], ...]
    each: Literal["case", "paper"] | None = None
    if_: Literal["paid"] | None = Field(default=None, alias="if")
    do: Text
    where: Text
    see: Text
    stuck: tuple[_Stuck, ...] = ()
    picture: str | None = None
    own_hands: bool = False
    helper: Text | None = None


class _WayOption(Record):
    label: Text
    words: tuple[Text, ...] = ()


class _Ask(Record):
    ask: Text
    help: Text
    options: Mapping[str, _WayOption] = {}


class Words(Record):
    """The file `walkthrough.yaml`."""

    asks: Mapping[str, _Ask]
    intro: Text
    needs: Mapping[str, Text]
    done: Text
    steps: tuple[StepTemplate, ...]


@lru_cache(maxsize=1)
def load_words() -> Words:
    """Read the file. Raises BrokenWalkthrough."""
    file = Path(renderer.__file__).with_name("walkthrough.yaml")
    return read_model(file, Words, BrokenWalkthrough)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper as a template is given it."""

    say: str
    shape: str
    when: str | None
    alternatives: tuple[str, ...]

    @classmethod
    def of(cls, need: Need) -> PaperLine:
        """Return the line of `need`; a card's own words already say shape and condition."""
        if need.own_words:
            return cls(need.say, "", None, ())
        shape = load_labels().shapes[need.shape.value].split(",")[0]
        named = f" {fold(need.say)} "
        told = f" {fold(shape)} " in named if shape else False
        when = need.paper.when if need.optional else None
        return cls(need.say, "" if told else shape, when, need.paper.alternatives)


def compose(
    procedure: Procedure, card: Card | None, brief: Brief, replies: Replies, closing: str | None
) -> GuideView:
    """Return the way of `procedure` as a guide; `closing` names source and date."""
    return _Composing(procedure, dossier_of(procedure, card), brief, replies).view(closing)


def ways_of(procedure: Procedure) -> tuple[str, ...]:
    """Return how its dossier can be handed in: values of Way, or UNKNOWN_WAY where the record tells none."""
    hows = {channel.how for channel in procedure.channels}
    online = How.ONLINE in hows or procedure.online_level in _GOES_ONLINE
    if procedure.detail is Detail.NAME_ONLY:
        return (UNKNOWN_WAY,)
    entries = procedure.entries
    found = (
        *((Way.ONLINE.value,) if online and procedure.online_level is not OnlineLevel.NONE else ()),
        *((Way.COUNTER.value,) if How.COUNTER in hows or Entry.COUNTER in entries else ()),
        *((Way.POST.value,) if How.POST in hows or Entry.POST in entries else ()),
    )
    if not found and procedure.documents:
        return (Way.COUNTER.value,)  # the papers are known: one can always go there with them
    return found or (UNKNOWN_WAY,)


@dataclass(frozen=True)
class _Composing:
    procedure: Procedure
    dossier: Dossier
    brief: Brief
    replies: Replies

    def view(self, closing: str | None) -> GuideView:
        words, procedure = load_words(), self.procedure
        ways = self._ways
        common = self._values(None)
        steps = [step for template in words.steps for step in self._steps(template, ways)]
        return GuideView(
            id=guide_id(procedure.code),
            title=procedure.short_name,
            needs=self._needs(ways),
            steps=tuple(steps),
            done=self.replies.fill(words.done, **common),
            asks=tuple(self._asks(ways)),
            intro=self.replies.fill(words.intro, post=Way.POST.value in ways, **common),
            closing=closing,
        )

    def _asks(self, ways: Sequence[str]) -> Iterator[AskView]:
        words = load_words().asks
        if len(ways) > 1:
            ask = words[WAY]
            options = tuple(OptionView(way, ask.options[way].label, ask.options[way].words) for way in ways)
            yield AskView(WAY, ask.ask, options, ask.help)
        asked: dict[str, tuple[CaseView, ...]] = {}
        for way in ways if ways != (UNKNOWN_WAY,) else ():
            ask_id, cases = self._cases(way)
            if len(cases) > 1:
                asked.setdefault(ask_id, cases)
        for ask_id, cases in asked.items():
            options = tuple(OptionView(case.id, case.label) for case in cases)
            yield AskView(ask_id, words[CASE].ask, options, words[CASE].help)

    def _cases(self, way: str) -> tuple[str, tuple[CaseView, ...]]:
        """Return the cases for that way, and the id of the question that tells them apart."""
        cases = self.dossier.by_way(Way(way))
        return CASE if cases == self.dossier.cases else f"{CASE}_{way}", cases

    def _needs(self, ways: Sequence[str]) -> tuple[str, ...]:
        words = load_words().needs
        fee, time = self.brief.fee(self.procedure, hint=False), self.brief.time(self.procedure)
        wanted = {
            "online": Way.ONLINE.value in ways,
            "papers": ways != (UNKNOWN_WAY,),
            "fee": fee is not None,
            "time": time is not None,
        }
        return tuple(
            self.replies.fill(text, fee=fee, time=time) for key, text in words.items() if wanted[key]
        )

    def _steps(self, template: StepTemplate, ways: Sequence[str]) -> Iterator[StepView]:
        own = [way for way in template.ways if way in ways]
        if not own:
            return
        for way in own if template.if_ or template.each else own[:1]:
            covered = (way,) if template.if_ or template.each else tuple(own)
            if template.if_ == "paid" and self._free(way):
                continue
            when = {WAY: covered} if set(covered) != set(ways) else {}
            yield from self._expanded(template, way, when, only_one=len(own) == 1)

    def _expanded(
        self, template: StepTemplate, way: str, when: Mapping[str, tuple[str, ...]], *, only_one: bool
    ) -> Iterator[StepView]:
        if template.each is None:
            yield self._step(template, template.id, way, when, {})
            return
        ask_id, cases = self._cases(way)
        for case in cases or (CaseView("", "", ()),):
            needs = case.by_way(Way(way))
            own = when if len(cases) < 2 else {**when, ask_id: (case.id,)}
            told = case.id if len(cases) > 1 else ""
            stem = ".".join(filter(None, (template.id, "" if only_one else way, told)))
            if template.each == "case":
                values = {
                    "papers": [PaperLine.of(need) for need in needs if not need.shown_only],
                    "show": [PaperLine.of(need) for need in needs if need.shown_only],
                    "notes": case.notes,
                    "rest": self.dossier.rest,
                }
                yield self._step(template, stem, way, own, values)
                continue
            attached = [need for need in needs if not need.shown_only]
            size = max(1, ceil(len(attached) / MOST_ATTACHED))
            for start in range(0, len(attached), size):
                group = attached[start : start + size]
                values = {"papers": [PaperLine.of(need) for need in group]}
                yield self._step(template, f"{stem}.{group[0].id}", way, own, values)

    def _step(
        self,
        template: StepTemplate,
        step_id: str,
        way: str,
        when: Mapping[str, tuple[str, ...]],
        values: Mapping[str, object],
    ) -> StepView:
        known = {**self._facts[way], **values}
        return StepView(
            id=step_id,
            do=self.replies.fill(template.do, **known),
            where=self.replies.fill(template.where, **known),
            see=self.replies.fill(template.see, **known),
            stuck=tuple(StuckView(s.when, self.replies.fill(s.then, **known)) for s in template.stuck),
            when=when,
            picture=template.picture,
            own_hands=template.own_hands,
            helper=template.helper,
        )

    @cached_property
    def _ways(self) -> tuple[str, ...]:
        return ways_of(self.procedure)

    @cached_property
    def _facts(self) -> Mapping[str, Mapping[str, object]]:
        """What the templates are given, by way."""
        return {way: self._values(way) for way in self._ways}

    def _values(self, way: str | None) -> dict[str, object]:
        procedure, how = self.procedure, _how(way)
        unknown = self._ways == (UNKNOWN_WAY,)
        return {
            "name": procedure.short_name,
            "official": procedure.name,
            "code": procedure.code,
            "level": "name_only" if unknown else procedure.online_level.value,
            "place": self._place(way),
            "fees": self._fees(how),
            "time": self.brief.time(procedure, how),
            "forms": self._forms(),
            "results": [result.name for result in procedure.results],
        }

    def _place(self, way: str | None) -> str | None:
        if way != Way.ONLINE.value:
            return self.brief.counters(self.procedure)
        if Level.COMMUNE in self.procedure.levels:
            return self.replies.render("agency_commune")
        return self.brief.who(self.procedure)

    def _forms(self) -> list[str]:
        openings = load_labels().form_openings
        papers = [need.paper for case in self.dossier.cases for need in case.by_way(Way.ONLINE)]
        named = [paper.name for paper in papers if paper.form or fold(paper.name).startswith(openings)]
        return list(dict.fromkeys(named))[:2]

    def _fees(self, how: How | None) -> str:
        blocks = self.brief.fees_told(self.procedure, how) if how else ()
        return self.replies.render("fee", blocks=blocks)

    def _free(self, way: str) -> bool:
        blocks = self.brief.fees(self.procedure, _how(way))
        return bool(blocks) and {block.status for block in blocks} == {FeeStatus.FREE.value}


def _how(way: str | None) -> How | None:
    return How(way) if way in set(How) else None
