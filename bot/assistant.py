"""The assistant: one door, `reply(state, message) -> Turn`. It knows no channel, no HTTP, no database."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.cards import CardWriter
from bot.dialogue.answers.places import PlaceWriter
from bot.dialogue.answers.quoting import Wordings
from bot.dialogue.answers.writer import STALE_AFTER_DAYS
from bot.dialogue.buttons import Buttons, menu_buttons
from bot.dialogue.check_writer import CheckWriter
from bot.dialogue.composer import Composer
from bot.dialogue.decision import Action, Decision
from bot.dialogue.guide_book import GuideBook
from bot.dialogue.guide_writer import GuideWriter
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.policy import decide
from bot.dialogue.reading import Reader
from bot.dialogue.state import ConversationState
from bot.dialogue.thresholds import Thresholds, load_thresholds
from bot.messages import Message, Reply
from bot.nlu.keywords import Keywords
from bot.nlu.understanding import Understander
from bot.replies.renderer import Replies
from bot.search.types import Ranking, Search
from procedures_kb.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: the reply, the state after it, and why (decision and the ranking behind it)."""

    reply: Reply
    state: ConversationState
    decision: Decision
    ranking: Ranking | None


@dataclass(frozen=True, slots=True)
class Assistant:
    """Immutable; a better search or a newer catalogue makes a new one (DESIGN, decision 5)."""

    reader: Reader
    composer: Composer
    limits: Thresholds

    @classmethod
    def build(
        cls,
        catalogue: Catalogue,
        search: Search,
        understander: Understander | None,
        *,
        wordings: Wordings | None = None,
        stale_after_days: int = STALE_AFTER_DAYS,
        known: Knowledge | None = None,
    ) -> Assistant:
        """Join the parts. Reads the data files of replies and keywords, and those of Knowledge if not given.

        `wordings` are the portal's own sentences of an operator's import; records older than
        `stale_after_days` are called old in the answer.

        Raises the error of a data file that is broken (pydantic.ValidationError, BrokenGuide, ValueError).
        """
        replies, limits = Replies.load(), load_thresholds()
        known = Knowledge.load(catalogue) if known is None else known.with_catalogue(catalogue)
        cards = CardWriter(known.cards, catalogue, replies)
        writer = AnswerWriter(replies, cards, wordings, stale_after_days)
        places = PlaceWriter(known.centres, replies)
        buttons = Buttons(catalogue, cards)
        book = GuideBook(known, replies, writer)
        guides = GuideWriter(book, replies, known.pictures, menu_buttons(known.guides))
        checks = CheckWriter(catalogue, writer, replies)
        reader = Reader(known, Keywords.load(), search, understander, book)
        composer = Composer(known, replies, writer, buttons, places, guides, checks, limits)
        return cls(reader, composer, limits)

    def reply(self, state: ConversationState, message: Message) -> Turn:
        """Answer `message`, which has been masked already, in the conversation that `state` stands for."""
        state = self._without_lost(state)
        signals = self.reader.read(state, message)
        decision = decide(state, signals, self.limits)
        topic = self.reader.topic(signals) if decision.action is Action.ASK_BACK else None
        reply, after = self.composer.compose(state, signals, decision, topic)
        return Turn(reply, after, decision, signals.ranking)

    def _without_lost(self, state: ConversationState) -> ConversationState:
        """Forget procedures that a newer catalogue no longer has."""
        known = self.reader.known.catalogue.by_code
        if all(code in known for code in (*state.history, *filter(None, (state.code,)))):
            return state
        history = tuple(code for code in state.history if code in known)
        code = state.code if state.code in known else None
        return state.model_copy(update={"code": code, "history": history})
