"""`troly ask`: one question, one answer, nothing kept."""

from __future__ import annotations

import dataclasses
import json
import time

from bot.dialogue.state import ConversationState
from bot.messages import Message
from bot.privacy import mask
from bot.server.board import Board, Part, State
from bot.server.conversations import outcome_of
from bot.server.wiring import Wired, wire
from bot.settings import Settings
from connectors.contract import Outcome

LOADING_S = 60.0
NLU_S = 1.0  # Rasa is there at once or not at all: nobody waits for it to load
_STEP_S = 0.05


def ask_once(settings: Settings, question: str, behind: Wired | None = None) -> Outcome | None:
    """Return the answer of the best parts that come up; None where nothing can answer.

    `behind` replaces the real parts (tests). Raises UnusableSecret and DatabaseUnavailable for what the
    operator has to repair first.
    """
    wired = behind or wire(settings)
    wired.parts.start()
    try:
        if not wired.parts.wait(LOADING_S):
            return None
        _wait_while_loading(wired.board, Part.MODEL, LOADING_S)
        _wait_while_loading(wired.board, Part.NLU, NLU_S)
        serving = wired.parts.serving()
        if serving is None:
            return None
        turn = serving.assistant.reply(ConversationState(), Message(mask(question).text))
        return outcome_of(serving, turn.reply, turn.decision)
    finally:
        wired.parts.stop()


def outcome_json(outcome: Outcome) -> str:
    """Return the whole outcome as JSON text: reply, decision, sources with their days."""
    return json.dumps(dataclasses.asdict(outcome), ensure_ascii=False, indent=2)


def _wait_while_loading(board: Board, part: Part, patience: float) -> None:
    end = time.monotonic() + patience
    while board.statuses()[part].state is State.LOADING and time.monotonic() < end:
        time.sleep(_STEP_S)
