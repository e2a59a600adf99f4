"""Turns a decision into words, choices and the next state. Pure: the same input gives the same turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.places import PlaceWriter
from bot.dialogue.answers.writer import aspect_names
from bot.dialogue.buttons import Buttons, move_button, say
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Action, Decision, Move
from bot.dialogue.guide import BEFORE_FIRST, GuideView, find_guide, walk
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.signals import Readability, Signals
from bot.dialogue.situations import tell_apart
from bot.dialogue.state import Aspect, Choice, ConversationState, GuidePosition
from bot.dialogue.thresholds import Thresholds
from bot.messages import MAX_MESSAGE_CHARACTERS, Button, Link, Reply
from bot.replies.renderer import Replies, load_labels
from procedures_kb.life_events import Task
from procedures_kb.model import Flag

PORTAL = "https://dichvucong.gov.vn"
MAX_HISTORY = 10
_KEEPS_QUESTION = {Action.ASK_BACK, Action.REFUSE_PII, Action.ACKNOWLEDGE, Action.UNREADABLE}
Composed = tuple[Reply, ConversationState]


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes turns with the sentences of `replies` about the procedures of `known`."""

    known: Knowledge
    replies: Replies
    writer: AnswerWriter
    buttons: Buttons
    places: PlaceWriter
    limits: Thresholds

    def compose(
        self, state: ConversationState, signals: Signals, decision: Decision, topic: str | None
    ) -> Composed:
        """Return the reply and the state after it. `topic` is what a question asked back is narrowed with."""
        reply, after = self._by_action(state, signals, decision, topic)
        if decision.action not in _KEEPS_QUESTION:
            pending = after.pending_aspects if decision.action is Action.ANSWER else ()
            update = {"asked_about": None, "ask_rounds": 0, "pending_aspects": pending}
            after = after.model_copy(update=update)
        if decision.action is Action.ERASE:
            return reply, ConversationState(introduced=True)
        menu = tuple(Choice(payload=button.payload) for button in reply.buttons)
        if menu or decision.action is not Action.REFUSE_PII:
            after = after.model_copy(update={"menu": menu})
        return self._introduced(state, decision, reply), after.model_copy(update={"introduced": True})

    def _by_action(
        self, state: ConversationState, signals: Signals, decision: Decision, topic: str | None
    ) -> Composed:
        if decision.action is Action.ANSWER:
            return self._answer(state, signals, decision)
        if decision.action is Action.ASK_BACK:
            return self._ask_back(state, decision, topic)
        if decision.action is Action.GUIDE:
            return self._guide(state, decision)
        if decision.action is Action.LIFE_EVENT:
            return self._life_event(decision), state
        if decision.action is Action.BEYOND:
            return self._beyond(decision), state
        return self._simple(state, signals, decision), state

    # ---- a procedure ---------------------------------------------------------------------------------------

    def _answer(self, state: ConversationState, signals: Signals, decision: Decision) -> Composed:
        procedure = self.known.catalogue.by_code[decision.codes[0]]
        parts = [self.writer.answer(procedure, decision.aspects, decision.case)]
        if decision.choices:
            parts.insert(0, self.replies.render("tentative", name=procedure.short_name))
        if len(decision.codes) > 1 and procedure.levels and not procedure.has(Flag.LOCAL_VERSION):
            level = load_labels().level_adjectives[procedure.levels[0].value]
            parts.append(self.replies.render("other_levels", level=level))
        if signals.province and not self.known.centres.covers(signals.province):
            covered = self.known.centres.covered.name
            parts.append(self.replies.render("other_province", province=signals.province, covered=covered))
        if signals.commune and Aspect.PLACE in decision.aspects:
            parts.append(self.places.commune(signals.commune.found))
        guide, waiting = self._guide_beside(state, decision)
        if waiting:
            parts.append(waiting)
        history = (*(code for code in state.history if code != procedure.code), procedure.code)
        if procedure.code in state.history:
            history = state.history
        after = state.model_copy(
            update={
                "code": procedure.code,
                "history": history[-MAX_HISTORY:],
                "pending_aspects": decision.aspects if decision.choices else (),
                "guide": guide,
            }
        )
        link = Link(load_labels().buttons["portal_page"], procedure.source.url)
        return Reply("\n\n".join(parts), self.buttons.under(procedure, decision), (link,)), after

    def _guide_beside(
        self, state: ConversationState, decision: Decision
    ) -> tuple[GuidePosition | None, str | None]:
        """Return the guide after an answer: the procedure's own where its steps were asked, else the old."""
        if decision.guide is not None and self._view(decision.guide) is not None:
            return GuidePosition(guide=decision.guide, step=BEFORE_FIRST), None
        position = state.guide
        view = self._view(position.guide) if position else None
        if position is None or view is None or not position.running or position.step == BEFORE_FIRST:
            return position, None
        number = view.index(position.step) + 1
        return position, self.replies.render("guide_waiting", title=view.title, number=number)

    # ---- asking back ---------------------------------------------------------------------------------------

    def _ask_back(self, state: ConversationState, decision: Decision, topic: str | None) -> Composed:
        pending = decision.aspects or state.pending_aspects
        if not decision.choices:
            key = "ask_which" if decision.aspects else "ask_topic"
            text = self.replies.render(key, aspects=aspect_names(decision.aspects))
            rounds = state.ask_rounds + (0 if decision.aspects else 1)
            return Reply(text), state.model_copy(update={"pending_aspects": pending, "ask_rounds": rounds})
        buttons = self.buttons.choices(decision.choices)
        cards = self.writer.cards
        apart = tell_apart([button.title for button in buttons])
        choices = [
            (button.title, cards.sibling_hint(code, decision.choices) or hint)
            for button, code, hint in zip(buttons, decision.choices, apart.hints, strict=True)
        ]
        question = cards.question(decision.choices) or apart.question
        twins = self.buttons.one_family(decision.choices)
        if twins:
            name = self.known.catalogue.by_code[decision.choices[0]].short_name
            question = self.replies.render("ask_level", name=name)
        again = state.ask_rounds > 0
        text = self.replies.render("ask_back", choices=choices, question=question, again=again)
        if decision.likely is not None:
            first = self.known.catalogue.by_code[decision.likely]
            told = self.writer.answer(first, decision.aspects)
            text = f"{text}\n\n{self.replies.render('ask_back_likely')}\n{told}"
        asked = " ".join(dict.fromkeys(f"{state.asked_about or ''} {topic or ''}".split())) or None
        after = state.model_copy(
            update={"pending_aspects": pending, "ask_rounds": state.ask_rounds + 1, "asked_about": asked}
        )
        if twins:
            # Which level is open, which procedure is not: who goes on without choosing means the nearest one.
            after = after.model_copy(
                update={"code": decision.choices[0], "asked_about": None, "ask_rounds": 0}
            )
        return Reply(text, (*buttons, say("none"))), after

    # ---- life events ---------------------------------------------------------------------------------------

    def _life_event(self, decision: Decision) -> Reply:
        event = self.known.events.by_id.get(decision.event or "")
        may_serve = self.known.catalogue.may_serve
        tasks = [task for task in event.tasks if may_serve(task.code)] if event else []
        if event is None or not tasks:
            return Reply(self.replies.render("menu"), self._menu_buttons())
        buttons = self.buttons.choices(tuple(task.code for task in tasks))
        named = [(button.title, task) for button, task in zip(buttons, tasks, strict=True)]
        text = self.replies.render("life_event", event=event, tasks=named, dates=self._dates(tasks))
        return Reply(text, buttons)

    def _dates(self, tasks: list[Task]) -> str:
        """Return source and day of most of the records behind `tasks`: each answer tells its own."""
        days = Counter(self.known.catalogue.by_code[task.code].source.retrieved for task in tasks)
        return self.writer.dated(days.most_common(1)[0][0])

    # ---- what we do not have -------------------------------------------------------------------------------

    def _beyond(self, decision: Decision) -> Reply:
        subject = self.known.beyond.by_id[decision.beyond or ""]
        near = tuple(code for code in decision.choices if self.known.catalogue.may_serve(code))
        buttons = self.buttons.choices(near)
        names = [button.title for button in buttons]
        text = self.replies.render("beyond", subject=subject.subject, who=subject.who, choices=names)
        return Reply(text, buttons or self._menu_buttons())

    # ---- guides --------------------------------------------------------------------------------------------

    def _view(self, name: str) -> GuideView | None:
        return find_guide(name, self.known.guides, self.known.catalogue, self.replies)

    def _guide(self, state: ConversationState, decision: Decision) -> Composed:
        view = self._view(decision.guide) if decision.guide else None
        if view is None or decision.move is None:
            return Reply(self.replies.render("guide_none"), self._menu_buttons()), state
        here = state.guide if state.guide and state.guide.guide == view.id else None
        steps = walk(view, here, decision.move)
        text = self._guide_text(view, steps.number, decision.move, steps.at_start, steps.position is None)
        buttons = self._guide_buttons(decision.move, over=steps.position is None)
        return Reply(text, buttons), state.model_copy(update={"guide": steps.position})

    def _guide_text(self, view: GuideView, number: int, move: Move, at_start: bool, over: bool) -> str:
        count = len(view.steps)
        if over:
            return "\n\n".join(filter(None, (self.replies.render("guide_done", done=view.done), view.source)))
        if move is Move.STOP:
            return self.replies.render("guide_stopped", number=number, count=count)
        step = view.steps[number - 1]
        if move is Move.STUCK:
            key = "guide_stuck" if step.stuck else "guide_stuck_none"
            return self.replies.render(key, number=number, stuck=step.stuck)
        parts = [
            self.replies.render(
                "guide_step", number=number, count=count, do=step.do, where=step.where, see=step.see
            )
        ]
        if move is Move.START:
            needs = ", ".join(view.needs)
            parts.insert(0, self.replies.render("guide_start", title=view.title, count=count, needs=needs))
            parts.extend(filter(None, (view.source,)))
        if at_start:
            parts.insert(0, self.replies.render("guide_first"))
        return "\n\n".join(parts)

    def _guide_buttons(self, move: Move, *, over: bool) -> tuple[Button, ...]:
        if over:
            return self._menu_buttons()
        if move is Move.STOP:
            return (move_button(Move.RESUME), say("menu"))
        moves = (Move.NEXT, Move.PREVIOUS, Move.REPEAT, Move.STUCK, Move.STOP)
        return tuple(move_button(m) for m in moves if not (m is Move.STUCK and move is Move.STUCK))

    # ---- everything else -----------------------------------------------------------------------------------

    def _simple(self, state: ConversationState, signals: Signals, decision: Decision) -> Reply:
        procedure = self.known.catalogue.by_code.get(state.code or "")
        values: Mapping[str, object] = {
            "name": procedure.short_name if procedure else None,
            "code": procedure.code if procedure else None,
            "has_procedure": procedure is not None,
            "limit": MAX_MESSAGE_CHARACTERS,
            "number": load_labels().emergencies[signals.emergency or "police"],
        }
        if decision.action is Action.CENTRE and signals.commune:
            return self.places.centre(signals.commune.found)
        key = _UNREADABLE.get(signals.readability, decision.action.value)
        if decision.action is Action.HAND_OFF and state.ask_rounds >= self.limits.ask_rounds:
            key = "decline_after_rounds"
        offers: Mapping[Action, Callable[[], tuple[Button, ...]]] = {
            Action.GREET: self._menu_buttons,
            Action.MENU: self._menu_buttons,
            Action.REFUSE: self._menu_buttons,
            Action.UNREADABLE: self._menu_buttons,
            Action.FEEDBACK: lambda: (say("human"), say("menu")),
            Action.DECLINE: lambda: (say("centre"), say("human"), say("menu")),
            Action.SCAM: lambda: self._guide_offer("scam_warning", "guide_scam"),
            Action.TRACK: lambda: self._guide_offer("portal_track", "track"),
            Action.CENTRE: lambda: self._guide_offer("find_commune_centre", "centre"),
        }
        buttons = offers.get(decision.action, tuple)()
        links: tuple[Link, ...] = ()
        if decision.action in {Action.DECLINE, Action.CENTRE, Action.TRACK, Action.COMPLAINT}:
            links = (Link(load_labels().buttons["portal"], PORTAL),)
        return Reply(self.replies.render(key, **values), buttons, links)

    def _menu_buttons(self) -> tuple[Button, ...]:
        return (
            *self._guide_offer("portal_submit", "guide_portal"),
            *self._guide_offer("vneid_activate_level2", "guide_vneid"),
            say("track"),
            say("centre"),
        )

    def _guide_offer(self, guide: str, label: str) -> tuple[Button, ...]:
        if guide not in self.known.guides:
            return ()
        return (Button(load_labels().buttons[label], Command(Kind.GUIDE, guide).payload),)

    def _introduced(self, state: ConversationState, decision: Decision, reply: Reply) -> Reply:
        """Say in the first reply that this is a machine; help in an emergency stands before it."""
        if state.introduced:
            return reply
        parts = [self.replies.render("introduction"), reply.text]
        if decision.action is Action.EMERGENCY:
            parts.reverse()
        return Reply("\n\n".join(parts), reply.buttons, reply.links)


_UNREADABLE = {
    Readability.EMPTY: "unreadable_empty",
    Readability.LONG: "unreadable_long",
    Readability.KIND: "unreadable_kind",
}
