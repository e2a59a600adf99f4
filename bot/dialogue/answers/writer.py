"""Writes the answer to each aspect of a procedure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.dialogue.answers import views
from bot.dialogue.answers.brief import Brief, has_own_counter
from bot.dialogue.answers.cards import CardWriter, Facts
from bot.dialogue.answers.formatting import day
from bot.dialogue.answers.quoting import Wordings, quote
from bot.dialogue.procedure_steps import StepText, steps_of
from bot.dialogue.state import Aspect
from bot.replies.renderer import Replies, load_labels
from procedures_kb.model import (
    Condition,
    Detail,
    DocumentKind,
    Entry,
    Flag,
    How,
    OnlineLevel,
    Paper,
    Procedure,
)
from vietnamese import fold, spaced, syllables

MAX_PAPERS = 24
MAX_LEGAL_TEXTS = 12
STALE_AFTER_DAYS = 180


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Answers from a record with the sentences of `replies`, and quotes from `wordings` where there are any.

    Data taken more than `stale_after_days` before `today` is called old.
    """

    replies: Replies
    cards: CardWriter
    wordings: Wordings | None = None
    stale_after_days: int = STALE_AFTER_DAYS
    today: Callable[[], date] = date.today

    @property
    def brief(self) -> Brief:
        """The facts in a few words."""
        return Brief(self.replies, self.today)

    def answer(self, procedure: Procedure, aspects: Sequence[Aspect], case: str | None = None) -> str:
        """Return the answer to every aspect asked (none: the overview), ending with source, code and date.

        `case` is a case of the procedure's card: its checklist is the answer then.
        """
        if procedure.detail is Detail.NAME_ONLY or procedure.has(Flag.LOCAL_VERSION):
            return f"{self._without_facts(procedure, aspects)}\n\n{self.source(procedure)}"
        card = self.cards.card(procedure.code)
        chosen = card.case(case) if card is not None else None
        if card is not None and chosen is not None:
            parts = [self.cards.checklist(procedure, card, chosen)]
        else:
            parts = [self._aspect(procedure, aspect) for aspect in aspects] or [self._overview(procedure)]
        if Aspect.DOCUMENTS in aspects and (mistakes := self.cards.mistakes(procedure.code)):
            parts.append(mistakes)
        if procedure.has(Flag.DISTRICT_LEVEL):
            parts += self._district_gone("\n".join(parts))
        return "\n\n".join([*parts, self.source(procedure)])

    def _district_gone(self, text: str) -> list[str]:
        """Return the sentence on the abolished district level, where `text` names it unexplained."""
        gone = self.replies.render("district_gone")
        words = spaced(fold(text))
        names_it = any(word in words for word in load_labels().district_words)
        return [gone] if names_it and gone not in text else []

    def source(self, procedure: Procedure) -> str:
        """Return the line that names source, code and day of the data."""
        return self.dated(procedure.source.retrieved, procedure.code)

    def dated(self, retrieved: date, code: str | None = None) -> str:
        """Return the line that names source and day of the data; the month where no day is known."""
        month = self.replies.render("month", month=retrieved.month, year=retrieved.year)
        exact = self.replies.render("day", day=day(retrieved))
        return self.replies.render(
            "source",
            source=self.replies.render("source_portal"),
            code=code,
            updated=month if retrieved.day == 1 else exact,
            old=(self.today() - retrieved).days > self.stale_after_days,
        )

    def _without_facts(self, procedure: Procedure, aspects: Sequence[Aspect]) -> str:
        """Name the procedure and say why no facts follow: none at hand, or another province's (trap 5)."""
        key = "local_version" if procedure.has(Flag.LOCAL_VERSION) else "name_only"
        return self.replies.render(
            key, name=procedure.name, code=procedure.code, aspects=aspect_names(aspects)
        )

    def _overview(self, procedure: Procedure) -> str:
        card = self.cards.card(procedure.code)
        if card is not None:
            facts = Facts(self.brief.who(procedure), self.brief.time(procedure), self.brief.fee(procedure))
            return self.cards.overview(procedure, card, facts)
        return self.replies.render(
            "overview",
            name=procedure.name,
            who=self.brief.who(procedure),
            time=self.brief.time(procedure),
            fee=self.brief.fee(procedure),
            papers=views.count_papers(procedure),
            names=views.few_papers(procedure),
            closing=self.replies.render("overview_closing"),
        )

    def _aspect(self, procedure: Procedure, aspect: Aspect) -> str:
        heading = load_labels().aspects[aspect.value].heading
        title = self.replies.render("answer_heading", heading=heading, name=procedure.short_name)
        writers: Mapping[Aspect, Callable[[Procedure], str | None]] = {
            Aspect.DOCUMENTS: self._documents,
            Aspect.FEE: self._fee,
            Aspect.TIME: self._time,
            Aspect.PLACE: self._place,
            Aspect.ONLINE: self._online,
            Aspect.FORM: self._form,
            Aspect.RESULT: self._result,
            Aspect.CONDITIONS: self._conditions,
            Aspect.LEGAL_BASIS: self._legal_basis,
            Aspect.STEPS: self._steps,
        }
        body = writers[aspect](procedure)
        quoted = quote(self.replies, self.wordings, procedure, aspect)
        if body is None and quoted is None:
            body = self.replies.render("missing_aspect")
        return "\n".join(filter(None, (title, body, quoted)))

    def _documents(self, procedure: Procedure) -> str:
        blocks, hidden = _shortened(views.papers(procedure.documents))
        if not blocks:
            return self.replies.render("documents_none")
        return self.replies.render("documents", blocks=blocks, hidden=hidden)

    def _fee(self, procedure: Procedure) -> str | None:
        blocks = self.brief.fees(procedure)
        return self.replies.render("fee", blocks=blocks) if blocks else None

    def _time(self, procedure: Procedure) -> str | None:
        blocks = views.times(self.replies, procedure.channels)
        unclear = procedure.has(Flag.TIME_UNCLEAR) and not blocks
        deadlines = [c for c in procedure.conditions if _is_deadline(c)]
        if not blocks and not unclear and not deadlines:
            return None
        return self.replies.render("time", blocks=blocks, unclear=unclear, deadlines=deadlines)

    def _place(self, procedure: Procedure) -> str | None:
        hows = {channel.how for channel in procedure.channels}
        agency = None if procedure.has(Flag.AGENCY_ELSEWHERE) else procedure.agency
        at_agency = agency is not None and has_own_counter(agency)
        return (
            self.replies.render(
                "place",
                counters=self.brief.counters(procedure),
                agency=None if at_agency else agency,
                online=How.ONLINE in hows or Entry.PORTAL in procedure.entries,
                post=How.POST in hows,
                district=self.replies.render("district_gone") if procedure.has(Flag.DISTRICT_LEVEL) else "",
            )
            or None
        )

    def _online(self, procedure: Procedure) -> str:
        level = procedure.online_level
        labels = load_labels().channels
        others = [labels[c.how.value].lower() for c in procedure.channels if c.how is not How.ONLINE]
        return self.replies.render(
            "online",
            level=level.value,
            others=list(dict.fromkeys(others)) or [labels["counter"].lower()],
            can=level in {OnlineLevel.FULL, OnlineLevel.PARTIAL, OnlineLevel.ONLINE},
            code=procedure.code,
        )

    def _form(self, procedure: Procedure) -> str:
        found = [p for case in procedure.documents for p in case.items if _is_form(p)]
        unique = list({(paper.name, paper.form): paper for paper in found}.values())
        if not unique:
            return self.replies.render("form_none")
        return self.replies.render("form", papers=unique)

    def _result(self, procedure: Procedure) -> str | None:
        names = [result.name for result in procedure.results]
        return self.replies.render("result", names=names) if names else None

    def _conditions(self, procedure: Procedure) -> str | None:
        audience = ", ".join(procedure.audience)
        if not procedure.conditions and not audience:
            return None
        return self.replies.render("conditions", lines=procedure.conditions, audience=audience)

    def _legal_basis(self, procedure: Procedure) -> str | None:
        texts = procedure.legal_basis
        if not texts:
            return None
        hidden = max(0, len(texts) - MAX_LEGAL_TEXTS)
        return self.replies.render("legal_basis", texts=texts[:MAX_LEGAL_TEXTS], hidden=hidden)

    def _steps(self, procedure: Procedure) -> str:
        steps: tuple[StepText, ...] = steps_of(procedure, self.replies)
        return self.replies.render("steps", steps=steps)


def aspect_names(aspects: Sequence[Aspect]) -> str:
    """Return the aspects' names as words in a sentence."""
    return ", ".join(load_labels().aspects[aspect.value].heading.lower() for aspect in aspects)


def _is_deadline(condition: Condition) -> bool:
    """Return whether the condition limits the citizen's own time ("trong 60 ngày kể từ ngày sinh")."""
    words = set(syllables(condition.limit or ""))
    return bool(words & set(load_labels().time_words)) and any(word.isdecimal() for word in words)


def _is_form(paper: Paper) -> bool:
    if paper.kind is not DocumentKind.SUBMIT:
        return False
    return paper.form is not None or fold(paper.name).startswith(load_labels().form_openings)


def _shortened(blocks: Sequence[views.PaperBlock]) -> tuple[tuple[views.PaperBlock, ...], int]:
    """Keep the first MAX_PAPERS papers over all cases; return them and how many were left out."""
    kept: list[views.PaperBlock] = []
    left, hidden = MAX_PAPERS, 0
    for block in blocks:
        hidden += max(0, len(block.submit) - left)
        if left > 0:
            kept.append(replace(block, submit=block.submit[:left]))
        left -= len(block.submit)
    return tuple(kept), hidden
