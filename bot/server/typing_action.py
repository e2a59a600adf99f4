"""Shows that an answer is being written, where it takes long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from connectors.messaging import MessagingChannel

AFTER_S = 1.0
LOOK_S = 0.25


class TypingAction:
    """Notes what is being answered, and tells the vendor of what takes longer than `after_s`.

    Most answers are there in some hundredths of a second: a call to the vendor for each would cost more than
    the answer. To note one costs nothing; `run` looks from time to time, on the loop.
    """

    def __init__(self, channels: Mapping[str, MessagingChannel], after_s: float = AFTER_S) -> None:
        self._channels = channels
        self._after_s = after_s
        self._working: dict[object, tuple[float, str, str]] = {}

    def begin(self, channel: str, chat: str) -> Callable[[], object]:
        """Note, from any thread, that `chat` waits for an answer; return what to call once it is there."""
        key = object()
        self._working[key] = (time.monotonic(), channel, chat)
        return lambda: self._working.pop(key, None)

    async def run(self) -> None:
        """Show it until cancelled, once for each answer."""
        while True:
            await asyncio.sleep(LOOK_S)
            long = time.monotonic() - self._after_s
            for key, (since, channel, chat) in tuple(self._working.items()):
                waits = self._working.pop(key, None) if since < long else None
                if waits is not None:
                    await self._channels[channel].typing(chat)
