"""Every guide as it is walked: the written ones, and each procedure's own way."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from bot.dialogue.answers.formatting import day
from bot.dialogue.answers.writer import AnswerWriter
from bot.dialogue.guide import AskView, GuideView, OptionView, StepView, StuckView
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.procedure_steps import code_of
from bot.dialogue.walkthrough import compose
from bot.replies.renderer import Replies
from procedures_kb.guides import Guide

KEPT = 512  # composed ways; one is some 50 kB and takes some milliseconds


class GuideBook:
    """Looks up guides by id; safe to share between threads."""

    def __init__(self, known: Knowledge, replies: Replies, writer: AnswerWriter) -> None:
        self._known = known
        self._replies = replies
        self._writer = writer
        self._written = {guide.id: self._of(guide) for guide in known.guides.values()}
        self._composed = lru_cache(maxsize=KEPT)(self._compose)

    def view(self, name: str) -> GuideView | None:
        """Return the guide of that id, written or a procedure's own; None where there is none (any more)."""
        code = code_of(name)
        if code is None:
            return self._written.get(name)
        if code not in self._known.catalogue.by_code or not self._known.catalogue.may_serve(code):
            return None
        return self._composed(code, self._writer.today())

    def _compose(self, code: str, _today: date) -> GuideView:
        procedure = self._known.catalogue.by_code[code]
        card = self._writer.cards.card(code)
        source = self._writer.source(procedure)
        return compose(procedure, card, self._writer.brief, self._replies, source)

    def _of(self, guide: Guide) -> GuideView:
        sources = {source.id: source for source in guide.sources}
        told = [
            self._replies.render("guide_source", what=source.what, checked=day(source.checked))
            for source in sources.values()
        ]
        return GuideView(
            id=guide.id,
            title=guide.title,
            needs=guide.needs,
            steps=tuple(
                StepView(
                    step.id,
                    step.do,
                    step.where,
                    step.see,
                    tuple(StuckView(stuck.when, stuck.then) for stuck in step.stuck),
                    dict(step.when),
                    step.picture,
                    step.own_hands,
                    step.helper,
                )
                for step in guide.steps
            ),
            done=guide.done,
            asks=tuple(
                AskView(
                    ask.id,
                    ask.ask,
                    tuple(OptionView(o.id, o.label, o.words, o.go) for o in ask.options),
                    ask.help,
                    ask.remembered,
                )
                for ask in guide.asks
            ),
            helper=guide.helper,
            next=guide.next,
            intro=guide.goal,
            closing=told[0],
        )
