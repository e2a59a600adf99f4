"""Turns a decision into words, choices and the next state. Pure: the same input gives the same turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.places import PlaceWriter
from bot.dialogue.answers.writer import aspect_names
from bot.dialogue.buttons import Buttons, guide_offer, mark_button, menu_buttons, move_button, say
from bot.dialogue.check_writer import CheckWriter
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Action, Decision, Mark, Move
from bot.dialogue.guide_writer import GuideWriter
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.signals import Readability, Signals
from bot.dialogue.situations import tell_apart
from bot.dialogue.state import Aspect, Choice, ConversationState
from bot.dialogue.thresholds import Thresholds
from bot.messages import MAX_MESSAGE_CHARACTERS, Button, Link, Reply
from bot.replies.renderer import Replies, load_labels
from procedures_kb.life_events import Task
from procedures_kb.model import Flag, Procedure

PORTAL = "https://dichvucong.gov.vn"
MAX_HISTORY = 10
_KEEPS_QUESTION = {Action.ASK_BACK, Action.REFUSE_PII, Action.ACKNOWLEDGE, Action.UNREADABLE}
_NO_REMINDER = {Action.GUIDE, Action.CHECK, Action.ERASE, Action.EMERGENCY}
Composed = tuple[Reply, ConversationState]


@dataclass(frozen=True, slots=True)
class Composer:
    """Writes turns with the sentences of `replies` about the procedures of `known`."""

    known: Knowledge
    replies: Replies
    writer: AnswerWriter
    buttons: Buttons
    places: PlaceWriter
    guides: GuideWriter
    checks: CheckWriter
    limits: Thresholds

    def compose(
        self, state: ConversationState, signals: Signals, decision: Decision, topic: str | None
    ) -> Composed:
        """Return the reply and the state after it. `topic` is what a question asked back is narrowed with."""
        reply, after = self._by_action(state, signals, decision, topic)
        reply = self._waiting(reply, after, decision)
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
        if decision.action is Action.GUIDE and decision.move is not None:
            return self._guide(state, decision, decision.move)
        if decision.action is Action.CHECK and decision.mark is not None:
            return self.checks.turn(state, decision.code, decision.mark, decision.option)
        if decision.action is Action.HELPER:
            return self._helper(state)
        if decision.action is Action.LIFE_EVENT:
            return self._life_event(decision), state
        if decision.action is Action.BEYOND:
            return self._beyond(decision), state
        return self._simple(state, signals, decision), self._ready(state, decision)

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
        history = (*(code for code in state.history if code != procedure.code), procedure.code)
        if procedure.code in state.history:
            history = state.history
        after = state.model_copy(
            update={
                "code": procedure.code,
                "history": history[-MAX_HISTORY:],
                "pending_aspects": decision.aspects if decision.choices else (),
            }
        )
        if decision.guide is not None:
            after = self.guides.beside(after, decision.guide)
        link = Link(load_labels().buttons["portal_page"], procedure.source.url)
        return Reply("\n\n".join(parts), self.buttons.under(procedure, decision), (link,)), after

    # ---- guides and helpers --------------------------------------------------------------------------------

    def _guide(self, state: ConversationState, decision: Decision, move: Move) -> Composed:
        reply, after = self.guides.turn(state, decision.guide, move, decision.option)
        if after.check is not None:  # one thing at a time
            after = after.model_copy(update={"check": after.check.model_copy(update={"running": False})})
        return reply, after

    def _ready(self, state: ConversationState, decision: Decision) -> ConversationState:
        """Lay the guide of a brief answer ready for "next", where no other one is at work."""
        busy = state.guide is not None and state.guide.running
        return state if busy or decision.guide is None else self.guides.beside(state, decision.guide)

    def _offered(self, decision: Decision) -> tuple[Button, ...]:
        """Return the button of the guide that may be meant, nothing where none may."""
        guide = self.known.guides.get(decision.guide or "")
        if guide is None:
            return ()
        title = self.replies.render("guide_offered", title=guide.short_title)
        return (Button(title, Command(Kind.GUIDE, guide.id).payload),)

    def _helper(self, state: ConversationState) -> Composed:
        helping = not state.helper
        text = self.replies.render("helper_on" if helping else "helper_off")
        buttons = (*self._menu_buttons(), say("helper_off")) if helping else self._menu_buttons()
        return Reply(text, buttons), state.model_copy(update={"helper": helping})

    def _waiting(self, reply: Reply, after: ConversationState, decision: Decision) -> Reply:
        """Say under an answer to something else that a guide or a check waits, and offer the way back."""
        if decision.action in _NO_REMINDER:
            return reply
        line = self.checks.waiting(after)
        button = mark_button(Mark.RESUME)
        if line is None:
            line, button = self.guides.waiting(after), move_button(Move.RESUME)
        if line is None:
            return reply
        buttons = reply.buttons if decision.action is Action.ASK_BACK else (*reply.buttons, button)
        return replace(reply, text=f"{reply.text}\n\n{line}", buttons=buttons)

    # ---- asking back ---------------------------------------------------------------------------------------

    def _ask_back(self, state: ConversationState, decision: Decision, topic: str | None) -> Composed:
        pending = decision.aspects or state.pending_aspects
        if not decision.choices:
            key = "ask_which" if decision.aspects else "ask_topic"
            text = self.replies.render(key, aspects=aspect_names(decision.aspects))
            rounds = state.ask_rounds + (0 if decision.aspects else 1)
            return Reply(text), state.model_copy(update={"pending_aspects": pending, "ask_rounds": rounds})
        buttons = (*self.buttons.choices(decision.choices), *self._offered(decision))
        cards = self.writer.cards
        apart = tell_apart([button.title for button in buttons[: len(decision.choices)]])
        choices = [
            (button.title, cards.sibling_hint(code, decision.choices) or hint)
            for button, code, hint in zip(buttons, decision.choices, apart.hints, strict=False)
        ]
        choices += [(button.title, None) for button in self._offered(decision)]
        question = cards.question(decision.choices) or apart.question
        twins = self.buttons.one_family(decision.choices)
        if twins:
            name = self.known.catalogue.by_code[decision.choices[0]].short_name
            question = self.replies.render("ask_level", name=name)
        again = state.ask_rounds > 0
        text = self.replies.render("ask_back", choices=choices, question=question, again=again)
        if decision.likely is not None:
            first = self.known.catalogue.by_code[decision.likely]
            told = self.writer.answer(first, decision.aspects) if decision.aspects else self._brief(first)
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

    def _brief(self, procedure: Procedure) -> str:
        brief = self.writer.brief
        return self.replies.render(
            "brief",
            who=brief.who(procedure),
            time=brief.time(procedure),
            fee=brief.fee(procedure, hint=False),
            source=self.writer.source(procedure),
        )

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

    # ---- everything else -----------------------------------------------------------------------------------

    def _simple(self, state: ConversationState, signals: Signals, decision: Decision) -> Reply:
        procedure = self.known.catalogue.by_code.get(state.code or "")
        values: Mapping[str, object] = {
            "name": procedure.short_name if procedure else None,
            "code": procedure.code if procedure else None,
            "has_procedure": procedure is not None,
            "introduced": state.introduced,
            "limit": MAX_MESSAGE_CHARACTERS,
            "number": load_labels().emergencies[signals.emergency or "police"],
        }
        if decision.action is Action.CENTRE and signals.commune:
            return self.places.centre(signals.commune.found)
        if decision.action is Action.DECLINE and procedure is not None and state.asked_about is None:
            text = self.replies.render("decline_in_hand", name=procedure.short_name)
            return Reply(text, (*self.buttons.under(procedure, decision), say("menu")))
        key = _UNREADABLE.get(signals.readability, decision.action.value)
        if decision.action is Action.HAND_OFF and state.ask_rounds >= self.limits.ask_rounds:
            key = "decline_after_rounds"
        offers: Mapping[Action, Callable[[], tuple[Button, ...]]] = {
            Action.GREET: self._menu_buttons,
            Action.MENU: self._menu_buttons,
            Action.REFUSE: self._menu_buttons,
            Action.UNREADABLE: self._menu_buttons,
            Action.FEEDBACK: lambda: (say("human"), say("menu")),
            Action.DECLINE: lambda: (
                *self._offered(decision),
                say("centre"),
                say("human"),
                say("menu"),
            ),
        }
        buttons = offers.get(decision.action, tuple)()
        if (label := _GUIDE_LABELS.get(decision.action)) and decision.guide:
            buttons = guide_offer(self.known.guides, decision.guide, label)
        links: tuple[Link, ...] = ()
        if decision.action in {Action.DECLINE, Action.CENTRE, Action.TRACK, Action.COMPLAINT}:
            links = (Link(load_labels().buttons["portal"], PORTAL),)
        return Reply(self.replies.render(key, **values), buttons, links)

    def _menu_buttons(self) -> tuple[Button, ...]:
        return menu_buttons(self.known.guides)

    def _introduced(self, state: ConversationState, decision: Decision, reply: Reply) -> Reply:
        """Say in the first reply that this is a machine; help in an emergency stands before it."""
        if state.introduced:
            return reply
        parts = [self.replies.render("introduction"), reply.text]
        if decision.action is Action.EMERGENCY:
            parts.reverse()
        return replace(reply, text="\n\n".join(parts))


# The button of the guide that says step by step what such a turn says in brief (the policy names the guide).
_GUIDE_LABELS = {
    Action.SCAM: "guide_scam",
    Action.TRACK: "track",
    Action.CENTRE: "centre",
    Action.COMPLAINT: "complain",
}
_UNREADABLE = {
    Readability.EMPTY: "unreadable_empty",
    Readability.LONG: "unreadable_long",
    Readability.KIND: "unreadable_kind",
}
