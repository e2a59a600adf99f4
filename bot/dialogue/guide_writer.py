"""Says guides: a step, a question, being stuck, stopping and coming back."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.buttons import move_button, say
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Move
from bot.dialogue.guide import BEFORE_FIRST, AskView, GuideView, StepView, Walk, passed, walk
from bot.dialogue.guide_book import GuideBook
from bot.dialogue.state import ConversationState, GuidePosition
from bot.messages import Button, Link, Picture, Reply
from bot.replies.renderer import Replies, load_labels
from procedures_kb.pictures import Pictures

PRINTED = "/in/huong-dan"  # the page that prints a guide; doors make it an address of their own
MAX_SHELF = 6
MAX_LABEL = 80
Said = tuple[Reply, ConversationState]


@dataclass(frozen=True, slots=True)
class GuideWriter:
    """Walks the guides of `book` and says where somebody stands, with the sentences of `replies`."""

    book: GuideBook
    replies: Replies
    pictures: Pictures
    menu: tuple[Button, ...]

    def turn(self, state: ConversationState, guide: str | None, move: Move, option: str | None) -> Said:
        """Return the reply to a move in `guide` (None: the one at hand), and the state after it."""
        position = self._stored(state, guide)
        view = self.book.view(guide or (position.guide if position else ""))
        if view is None:
            return Reply(self.replies.render("guide_none"), self.menu), state
        if move is Move.START and passed(position) and position is not None:
            return self._begun_before(view, position), _put(state, position)
        walked = walk(view, position, move, option, state.facts)
        if walked.go is not None and walked.position is not None:
            shelved = _put(state, walked.position)
            return self.turn(shelved, walked.go, Move.START, None)
        after = _over(state, view.id) if walked.position is None else _put(state, walked.position)
        after = self._remembering(after, view, walked)
        stays = position is not None and walked.position is not None and position.step == walked.position.step
        stuck = move is Move.STUCK or (move is Move.NEXT and stays)
        begins = position is None or position.step == BEFORE_FIRST or move in {Move.START, Move.RESTART}
        return self._reply(view, walked, move, after, begins=begins, stuck=stuck), after

    def waiting(self, state: ConversationState) -> str | None:
        """Return the line that the guide at hand waits, None where none is at work."""
        position = state.guide
        if position is None or not position.running or position.step == BEFORE_FIRST:
            return None
        view = self.book.view(position.guide)
        if view is None:
            return None
        number = walk(view, position, Move.REPEAT).number
        return self.replies.render("guide_waiting", title=view.title, number=number)

    def beside(self, state: ConversationState, guide: str) -> ConversationState:
        """Return the state with `guide` laid ready: "next" begins it."""
        if self.book.view(guide) is None or (state.guide and state.guide.guide == guide):
            return state
        return _put(state, GuidePosition(guide=guide, step=BEFORE_FIRST))

    def _stored(self, state: ConversationState, guide: str | None) -> GuidePosition | None:
        return next((one for one in state.begun if guide is None or one.guide == guide), None)

    def _begun_before(self, view: GuideView, position: GuidePosition) -> Reply:
        walked = walk(view, position, Move.RESUME)
        text = self.replies.render("guide_begun", title=view.title, number=walked.number, count=walked.count)
        return Reply(text, (move_button(Move.RESUME), move_button(Move.RESTART), say("menu")))

    def _remembering(self, state: ConversationState, view: GuideView, walked: Walk) -> ConversationState:
        position = walked.position
        if position is None:
            return state
        kept = {
            ask.id: position.answers[ask.id]
            for ask in view.asks
            if ask.remembered and ask.id in position.answers
        }
        return state.model_copy(update={"facts": {**state.facts, **kept}}) if kept else state

    # ---- words ---------------------------------------------------------------------------------------------

    def _reply(
        self,
        view: GuideView,
        walked: Walk,
        move: Move,
        state: ConversationState,
        *,
        begins: bool,
        stuck: bool,
    ) -> Reply:
        node = walked.node
        if node is None:
            return self._done(view, state)
        if move is Move.STOP:
            text = self.replies.render(
                "guide_stopped", title=view.title, number=walked.number, count=walked.count
            )
            return Reply(text, (move_button(Move.RESUME), say("menu")))
        parts = [self._opening(view, walked, move, state, begins=begins)]
        links = self._printed(view) if begins else ()
        if isinstance(node, AskView):
            parts.append(self._ask(node, stuck=stuck))
            return Reply(_joined(parts), self._options(node), links)
        if move is Move.STUCK:
            return Reply(self._stuck(node, walked), _stuck_moves())
        parts.append(self._step(node, walked, helper=state.helper))
        return Reply(_joined(parts), _moves(), links, self._picture(node))

    def _opening(
        self, view: GuideView, walked: Walk, move: Move, state: ConversationState, *, begins: bool
    ) -> str | None:
        if walked.at_start:
            return self.replies.render("guide_first")
        if move is Move.SKIP and not begins:
            return self.replies.render("guide_skipped")
        if not begins:
            return None
        return self.replies.render(
            "guide_start",
            title=view.title,
            intro=view.intro,
            count=walked.count,
            needs=view.needs,
            helper=view.helper if state.helper else None,
            source=view.closing,
        )

    def _step(self, step: StepView, walked: Walk, *, helper: bool) -> str:
        return self.replies.render(
            "guide_step",
            number=walked.number,
            count=walked.count,
            do=step.do,
            where=step.where,
            see=step.see,
            own_hands=step.own_hands,
            helping=helper,
            helper=step.helper if helper else None,
        )

    def _ask(self, ask: AskView, *, stuck: bool) -> str:
        labels = [option.label for option in ask.options]
        return self.replies.render("guide_ask", ask=ask.ask, options=labels, help=ask.help if stuck else None)

    def _stuck(self, step: StepView, walked: Walk) -> str:
        key = "guide_stuck" if step.stuck else "guide_stuck_none"
        return self.replies.render(key, number=walked.number, stuck=step.stuck)

    def _done(self, view: GuideView, state: ConversationState) -> Reply:
        back = state.shelf[0] if state.shelf else None
        waiting = self.book.view(back.guide) if back and passed_or_asked(back) else None
        text = self.replies.render(
            "guide_done", done=view.done, source=view.closing, back=waiting.title if waiting else None
        )
        offered = [self.book.view(name) for name in view.next]
        buttons = [
            *([Button(_label("resume", waiting.title), _resume(waiting.id))] if waiting else []),
            *(Button(next_one.title[:MAX_LABEL], _start(next_one.id)) for next_one in offered if next_one),
        ]
        return Reply(text, (*buttons, *(self.menu if not buttons else (say("menu"),))))

    def _options(self, ask: AskView) -> tuple[Button, ...]:
        chosen = tuple(
            Button(option.label[:MAX_LABEL], Command(Kind.OPTION, f"{ask.id}.{option.id}").payload)
            for option in ask.options
        )
        stuck = (move_button(Move.STUCK),) if ask.help else ()
        return (*chosen, *stuck, move_button(Move.STOP))

    def _printed(self, view: GuideView) -> tuple[Link, ...]:
        """Return the link to the page in large letters."""
        return (Link(load_labels().buttons["large_print"], f"{PRINTED}/{view.id}"),)

    def _picture(self, step: StepView) -> Picture | None:
        found = self.pictures.get(step.picture or "")
        return Picture(found.id, found.alt) if found else None


def passed_or_asked(position: GuidePosition) -> bool:
    """Return whether somebody is on the way in a guide: a step is done, or a question was answered."""
    return passed(position) or bool(position.answers) or position.step.startswith("?")


def _put(state: ConversationState, position: GuidePosition) -> ConversationState:
    """Make `position` the guide at hand; another one that was on the way goes on the shelf."""
    old = (state.guide,) if state.guide and passed_or_asked(state.guide) else ()
    others = [one for one in (*old, *state.shelf) if one.guide != position.guide]
    return state.model_copy(update={"guide": position, "shelf": tuple(others[:MAX_SHELF])})


def _over(state: ConversationState, guide: str) -> ConversationState:
    shelf = tuple(one for one in state.shelf if one.guide != guide)
    return state.model_copy(update={"guide": None, "shelf": shelf})


def _moves() -> tuple[Button, ...]:
    return tuple(map(move_button, (Move.NEXT, Move.STUCK, Move.PREVIOUS, Move.REPEAT, Move.STOP)))


def _stuck_moves() -> tuple[Button, ...]:
    return (move_button(Move.NEXT), move_button(Move.REPEAT), say("human"), move_button(Move.STOP))


def _label(move: str, title: str) -> str:
    return f"{load_labels().moves[move]}: {title}"[:MAX_LABEL]


def _start(guide: str) -> str:
    return Command(Kind.GUIDE, guide).payload


def _resume(guide: str) -> str:
    return Command(Kind.RESUME, guide).payload


def _joined(parts: list[str | None]) -> str:
    return "\n\n".join(filter(None, parts))
