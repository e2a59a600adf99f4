"""The typing action: shown once where an answer takes long, never where it is quick."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast

from bot.server.typing_action import TypingAction
from connectors.messaging import MessagingChannel


class Channel:
    """Notes to whom typing was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    async def typing(self, chat: str) -> None:
        """Note `chat`."""
        self.shown.append(chat)


async def watched(action: TypingAction, seconds: float) -> None:
    """Let `action` look for so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(action.run(), seconds)


def test_is_shown_once_while_somebody_waits_long() -> None:
    channel = Channel()
    action = TypingAction({"zalo_bot": cast("MessagingChannel", channel)}, after_s=0.0)
    action.begin("zalo_bot", "7")
    asyncio.run(watched(action, 0.7))
    assert channel.shown == ["7"]


def test_is_not_shown_for_an_answer_that_is_there_or_comes_soon() -> None:
    channel = Channel()
    action = TypingAction({"zalo_bot": cast("MessagingChannel", channel)}, after_s=60)
    answered = action.begin("zalo_bot", "7")
    answered()
    answered()  # nothing to end any more
    action.begin("zalo_bot", "8")
    asyncio.run(watched(action, 0.4))
    assert channel.shown == []
