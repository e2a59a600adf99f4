"""Whole conversations through the one door, over a small catalogue and a simple search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.assistant import Assistant, Turn
from bot.dialogue.state import ConversationState
from bot.messages import MAX_MESSAGE_CHARACTERS, Message, MessageKind
from bot.nlu.understanding import Understanding
from bot.search.types import Hit, Ranking, Verdict
from procedures_kb.catalogue import Catalogue
from tests.factories import catalogue
from vietnamese import fold, syllables

CONVERSATIONS = yaml.safe_load(Path(__file__).with_name("conversations.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class WordSearch:
    """Ranks families by the share of their name's words that were typed; sure from three quarters on."""

    catalogue: Catalogue

    def search(self, text: str, limit: int = 10) -> Ranking:
        typed = set(syllables(fold(text)))
        hits = []
        for family, members in self.catalogue.families.items():
            words = set(family.split())
            share = len(words & typed) / len(words)
            hits.append(Hit(family, tuple(p.code for p in members), share, share, share))
        best = [h for h in sorted(hits, key=lambda h: -h.score) if h.score >= 0.4][:limit]
        sure = best and best[0].score > 0.75
        verdict = Verdict.ANSWER if sure else Verdict.ASK if best else Verdict.DECLINE
        return Ranking(tuple(best), verdict, 0.9 if best else 0.1, 2.0, len(typed), ("lexical",))


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    small = catalogue()
    return Assistant.build(small, WordSearch(small), None)


def check(turn: Turn, expected: dict[str, Any]) -> None:
    decision = turn.decision
    assert decision.action == expected["action"], decision
    for key in ("code", "guide", "move"):
        if key in expected:
            assert getattr(decision, key) == expected[key], decision
    if "aspects" in expected:
        assert list(decision.aspects) == expected["aspects"]
    for part in expected.get("has", ()):
        assert part in turn.reply.text
    for part in expected.get("hasnt", ()):
        assert part not in turn.reply.text


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda c: str(c["name"]))
def test_conversation(assistant: Assistant, conversation: dict[str, Any]) -> None:
    state = ConversationState()
    for expected in conversation["turns"]:
        kind = MessageKind.PAYLOAD if "tap" in expected else MessageKind.TEXT
        turn = assistant.reply(state, Message(expected.get("tap", expected.get("say", "")), kind))
        check(turn, expected)
        # What is stored is what the next turn begins with, also after a restart.
        state = ConversationState.model_validate_json(turn.state.model_dump_json())


def test_the_same_input_gives_the_same_turn(assistant: Assistant) -> None:
    state, message = ConversationState(), Message("đăng ký khai sinh")
    assert assistant.reply(state, message) == assistant.reply(state, message)


def test_every_button_leads_somewhere(assistant: Assistant) -> None:
    seen: set[str] = set()
    waiting = [assistant.reply(ConversationState(), Message("đăng ký khai sinh"))]
    while waiting:
        turn = waiting.pop()
        for button in turn.reply.buttons:
            assert len(button.payload.encode()) <= 64
            assert len(button.title) <= 80
            if button.payload not in seen:
                seen.add(button.payload)
                waiting.append(assistant.reply(turn.state, Message(button.payload, MessageKind.PAYLOAD)))
                assert waiting[-1].decision.action != "unreadable", button
    assert len(seen) > 40
    assert {payload.partition(":")[0] for payload in seen} >= {"check", "mark", "move", "option", "aspect"}


@pytest.mark.parametrize(
    "message",
    [
        Message("x" * (MAX_MESSAGE_CHARACTERS + 1)),
        Message("", MessageKind.UNSUPPORTED),
        Message("drop:table", MessageKind.PAYLOAD),
        Message("pick:9.999999", MessageKind.PAYLOAD),
        Message("guide:nothing", MessageKind.PAYLOAD),
        Message("\u200b\x00 "),
        Message("🙂🙂🙂"),
    ],
)
def test_what_cannot_be_read_gets_a_useful_reply(assistant: Assistant, message: Message) -> None:
    turn = assistant.reply(ConversationState(introduced=True), message)
    assert turn.decision.action in {"unreadable", "decline", "acknowledge"}
    assert len(turn.reply.text) > 30


def test_a_state_that_names_what_is_gone_does_no_harm(assistant: Assistant) -> None:
    state = ConversationState.model_validate(
        {"code": "1.999999", "history": ["1.999999"], "guide": {"guide": "gone", "step": "x"}}
    )
    for text in ("lệ phí bao nhiêu", "tiếp", "cái đầu tiên tôi hỏi đó"):
        assert assistant.reply(state, Message(text)).reply.text


@dataclass(frozen=True)
class Says:
    """An understander that always says one thing."""

    intent: str
    confidence: float

    def understand(self, text: str) -> Understanding | None:
        return Understanding(self.intent, self.confidence)


def test_nlu_joins_in() -> None:
    small = catalogue()
    joined = Assistant.build(small, WordSearch(small), Says("out_of_scope", 0.95))
    turn = joined.reply(ConversationState(), Message("kể chuyện cười đi"))
    assert turn.decision.action == "refuse"
