"""The shipped cards as a citizen meets them: overview, buttons, and the checklist of every case."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.assistant import Assistant, Turn
from bot.dialogue.buttons import MAX_CARD_BUTTONS
from bot.dialogue.state import ConversationState
from bot.messages import Message, MessageKind
from bot.search.types import Ranking, Verdict
from procedures_kb import cards
from procedures_kb.cards import Card
from procedures_kb.catalogue import load

MAX_TEXT = 3000  # characters of a reply: what a Zalo message and two screens of a phone hold
MAX_LABEL, MAX_BUTTON, MAX_PAYLOAD = 40, 80, 64


class Nothing:
    """A search that finds nothing: procedures are named by their code."""

    def search(self, text: str, limit: int = 10) -> Ranking:
        return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant.build(load(), Nothing(), None)


@pytest.fixture(scope="module")
def shipped() -> Mapping[str, Card]:
    return cards.load()


def tap(assistant: Assistant, payload: str, state: ConversationState | None = None) -> Turn:
    at = state or ConversationState(introduced=True)
    return assistant.reply(at, Message(payload, MessageKind.PAYLOAD))


def test_every_overview_says_what_it_is_and_for_whom(
    assistant: Assistant, shipped: Mapping[str, Card]
) -> None:
    for card in shipped.values():
        text = tap(assistant, f"pick:{card.code}").reply.text
        assert card.what in text, card.code
        assert f"Dành cho: {card.who}" in text, card.code
        assert f"mã thủ tục {card.code}" in text, card.code
        assert len(text) < MAX_TEXT, (card.code, len(text))


def test_every_button_of_every_overview_fits(assistant: Assistant, shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        buttons = tap(assistant, f"pick:{card.code}").reply.buttons
        assert len(buttons) <= MAX_CARD_BUTTONS, card.code
        assert len({button.title for button in buttons}) == len(buttons), card.code
        for button in buttons:
            limit = MAX_LABEL if button.payload.startswith("case:") else MAX_BUTTON
            assert 0 < len(button.title) <= limit, (card.code, button.title)
            assert len(button.payload.encode()) <= MAX_PAYLOAD


def test_every_case_button_answers_with_its_checklist(
    assistant: Assistant, shipped: Mapping[str, Card]
) -> None:
    tapped = 0
    for card in shipped.values():
        turn = tap(assistant, f"pick:{card.code}")
        offered = [b.payload for b in turn.reply.buttons if b.payload.startswith("case:")]
        wanted = [f"case:{case.id}" for case in card.cases] if len(card.cases) > 1 else []
        assert offered == wanted, card.code
        for case in card.cases:
            reply = tap(assistant, f"case:{case.id}", turn.state).reply
            tapped += 1
            for line in case.papers:
                assert f"• {line.say}" in reply.text, (card.code, case.id)
            for mistake in card.mistakes:
                assert f"• {mistake.say}" in reply.text, (card.code, case.id)
            assert len(reply.text) < MAX_TEXT, (card.code, case.id, len(reply.text))
            assert f"case:{case.id}" not in [b.payload for b in reply.buttons]
    assert tapped > 300


def test_a_card_of_one_case_shows_its_checklist_at_once(
    assistant: Assistant, shipped: Mapping[str, Card]
) -> None:
    single = [card for card in shipped.values() if len(card.cases) == 1]
    assert single
    for card in single:
        text = tap(assistant, f"pick:{card.code}").reply.text
        assert all(f"• {line.say}" in text for line in card.cases[0].papers), card.code


def test_advice_is_marked_as_ours(assistant: Assistant, shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        state = ConversationState(introduced=True, code=card.code)
        text = tap(assistant, f"case:{card.cases[0].id}", state).reply.text
        before, marked, after = text.partition("Lời khuyên của trợ lý, không phải quy định:")
        assert bool(marked) == bool(card.advice), card.code
        assert all(line in after and line not in before for line in card.advice), card.code


def test_the_label_of_a_case_may_be_typed(assistant: Assistant, shipped: Mapping[str, Card]) -> None:
    lost = []
    for card in shipped.values():
        state = tap(assistant, f"pick:{card.code}").state
        for case in card.cases if len(card.cases) > 1 else ():
            decision = assistant.reply(state, Message(case.label.lower())).decision
            if decision.case != case.id:
                lost.append((card.code, case.label, decision.reason))
    assert lost == []


def test_an_unknown_case_does_no_harm(assistant: Assistant) -> None:
    state = ConversationState(introduced=True, code="1.001193")
    assert "mã thủ tục 1.001193" in tap(assistant, "case:nothing", state).reply.text
