"""Says the check of a dossier: its questions, and in the end what is missing and in which shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dialogue.answers.writer import AnswerWriter
from bot.dialogue.buttons import mark_button, say
from bot.dialogue.check import ASK_CASE, ASK_WAY, FINISHED, Checked, Outcome, mark, outcome
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Mark
from bot.dialogue.dossier import Dossier, Need, Shape, Way, dossier_of
from bot.dialogue.state import CheckPosition, ConversationState
from bot.dialogue.walkthrough import UNKNOWN_WAY, load_words, ways_of
from bot.messages import Button, Link, Reply
from bot.replies.renderer import Replies, load_labels
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, Flag, How, Procedure
from vietnamese import fold

SHEET = "/in/ho-so"  # the page that prints the outcome; doors make it an address of their own
Said = tuple[Reply, ConversationState]


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One paper of the outcome: what it is called, in which shape, and what may stand for it."""

    say: str
    shape: str
    when: str | None
    alternatives: tuple[str, ...]
    compared: bool  # a plain copy: the counter compares it with the original
    missing: bool = False  # not at hand yet, of what is only shown


@dataclass(frozen=True, slots=True)
class Sheet:
    """The outcome as it is told and printed."""

    name: str
    code: str
    case: str
    way: Way
    have: tuple[NeedLine, ...]
    lack: tuple[NeedLine, ...]
    open: tuple[NeedLine, ...]
    show: tuple[NeedLine, ...]
    lack_shown: bool
    fee: str
    time: str | None
    place: str | None
    rest: str | None
    notes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class CheckWriter:
    """Asks and tells with the sentences of `replies` about the procedures of `catalogue`."""

    catalogue: Catalogue
    writer: AnswerWriter
    replies: Replies

    def turn(self, state: ConversationState, code: str | None, move: Mark, option: str | None) -> Said:
        """Return the reply to `move` in the check of `code`, and the state after it."""
        procedure = self.catalogue.by_code.get(code or "")
        if procedure is None or not self.catalogue.may_serve(procedure.code):
            return Reply(self.replies.render("check_which")), state
        dossier, ways = self._parts(procedure)
        if not dossier.cases or not ways:
            text = self.replies.render("check_none", name=procedure.short_name, code=procedure.code)
            source = self.writer.source(procedure)
            return Reply(f"{text}\n\n{source}", (say("centre"), say("human")), _page(procedure)), state
        checked = mark(dossier, ways, state.check, move, option)
        guide = state.guide.model_copy(update={"running": False}) if state.guide else None
        after = state.model_copy(update={"check": checked.position, "code": procedure.code, "guide": guide})
        if move is Mark.STOP:
            text = self.replies.render("check_stopped", name=procedure.short_name)
            return Reply(text, (mark_button(Mark.RESUME), say("menu"))), after
        return self._reply(procedure, dossier, ways, checked, first=move is Mark.START), after

    def waiting(self, state: ConversationState) -> str | None:
        """Return the line that the check at hand waits, None where none is at work."""
        position = state.check
        if position is None or not position.running or position.at == FINISHED:
            return None
        procedure = self.catalogue.by_code.get(position.code)
        return self.replies.render("check_waiting", name=procedure.short_name) if procedure else None

    def sheet(self, position: CheckPosition) -> Sheet | None:
        """Return the outcome to be printed; None where the procedure, way or case are unknown."""
        procedure = self.catalogue.by_code.get(position.code)
        if procedure is None or not self.catalogue.may_serve(procedure.code):
            return None
        dossier, ways = self._parts(procedure)
        found = outcome(dossier, ways, position)
        return self._sheet(procedure, dossier, found) if found else None

    def _parts(self, procedure: Procedure) -> tuple[Dossier, tuple[Way, ...]]:
        told = procedure.detail is Detail.FULL and not procedure.has(Flag.LOCAL_VERSION)
        ways = tuple(Way(way) for way in ways_of(procedure) if way != UNKNOWN_WAY) if told else ()
        return dossier_of(procedure, self.writer.cards.card(procedure.code)), ways

    def _reply(
        self, procedure: Procedure, dossier: Dossier, ways: Sequence[Way], checked: Checked, *, first: bool
    ) -> Reply:
        opening = self.replies.render("check_start", name=procedure.short_name) if first else None
        if checked.position.at == ASK_WAY:
            words = load_words().asks["way"]
            titles = [(words.options[way].label, f"way.{way}") for way in checked.ways]
            return self._choice(opening, words.ask, titles)
        if checked.position.at == ASK_CASE:
            titles = [(case.label, f"case.{case.id}") for case in checked.cases]
            return self._choice(opening, load_words().asks["case"].ask, titles)
        if checked.need is not None:
            question = self.replies.render(
                "check_paper",
                number=checked.number,
                count=checked.count,
                paper=_line(checked.need),
                show=checked.need.shown_only,
            )
            optional = checked.need.optional or bool(checked.need.paper.alternatives)
            marks = (Mark.HAVE, Mark.LACK, *((Mark.OTHER,) if optional else ()), Mark.BACK, Mark.SUMMARY)
            return Reply("\n\n".join(filter(None, (opening, question))), tuple(map(mark_button, marks)))
        found = outcome(dossier, ways, checked.position)
        if found is None:
            return Reply(self.replies.render("check_which"))
        return self._told(procedure, self._sheet(procedure, dossier, found), checked.position)

    def _choice(self, opening: str | None, question: str, titles: list[tuple[str, str]]) -> Reply:
        text = self.replies.render(
            "guide_ask", ask=question, options=[title for title, _ in titles], help=None
        )
        buttons = tuple(Button(title, Command(Kind.MARK, value).payload) for title, value in titles)
        return Reply("\n\n".join(filter(None, (opening, text))), (*buttons, mark_button(Mark.STOP)))

    def _told(self, procedure: Procedure, sheet: Sheet, position: CheckPosition) -> Reply:
        text = self.replies.render("check_outcome", sheet=sheet)
        walk = Button(load_labels().buttons["walk"], Command(Kind.GUIDE, f"procedure:{sheet.code}").payload)
        buttons = (walk, mark_button(Mark.START), mark_button(Mark.BACK), say("centre"))
        printed = Link(load_labels().buttons["print_sheet"], sheet_path(position))
        return Reply(text, buttons, (printed, *_page(procedure)))

    def _sheet(self, procedure: Procedure, dossier: Dossier, found: Outcome) -> Sheet:
        how = How(found.way.value)
        several = len(dossier.by_way(found.way)) > 1
        return Sheet(
            name=procedure.short_name,
            code=procedure.code,
            case=found.case.label if several else "",
            way=found.way,
            have=_lines(found.have, shown=False),
            lack=_lines(found.lack, shown=False),
            open=_lines(found.open, shown=False),
            show=(
                *_lines(found.have, shown=True),
                *(replace(line, missing=True) for line in _lines(found.lack, shown=True)),
                *_lines(found.open, shown=True),
            ),
            lack_shown=any(need.shown_only for need in (*found.lack, *found.open)),
            fee=self.replies.render("fee", blocks=self.writer.brief.fees_told(procedure, how)),
            time=self.writer.brief.time(procedure, how),
            place=self.writer.brief.counters(procedure),
            rest=dossier.rest,
            notes=found.case.notes,
            source=self.writer.source(procedure),
        )


def sheet_path(position: CheckPosition) -> str:
    """Return the path of the printed outcome: what was said stands in it, so nothing has to be stored."""
    told = {
        "cach": position.way,
        "truong-hop": position.case,
        "co": ".".join(position.have),
        "thieu": ".".join(position.lack),
        "bo": ".".join(position.other),
    }
    query = "&".join(f"{key}={value}" for key, value in told.items() if value)
    return f"{SHEET}/{position.code}" + (f"?{query}" if query else "")


def _line(need: Need) -> NeedLine:
    shape = load_labels().shapes[need.shape.value]
    if fold(shape.split(",")[0]) in fold(need.say):
        shape = ""  # its name says so already
    return NeedLine(
        need.say,
        shape,
        None if need.own_words else need.paper.when,
        () if need.own_words else need.paper.alternatives,
        compared=need.shape is Shape.COPY,
    )


def _lines(needs: Sequence[Need], *, shown: bool) -> tuple[NeedLine, ...]:
    return tuple(_line(need) for need in needs if need.shown_only is shown)


def _page(procedure: Procedure) -> tuple[Link, ...]:
    return (Link(load_labels().buttons["portal_page"], procedure.source.url),)
