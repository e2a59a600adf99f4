"""Telegram's flood limits: one message a second to a chat, thirty a second in all."""

from __future__ import annotations

from collections import OrderedDict

from aiolimiter import AsyncLimiter

# A little below the limits: what leaves here evenly arrives less so.
OVERALL_PER_S = 28
CHAT_SPACING_S = 1.05
_REMEMBERED = 2048


class Pace:
    """Holds a message back until it may go.

    The library's AIORateLimiter knows no limit for a private chat, stops every chat when one is refused, and
    logs each refusal with its trace; so its own foundation, aiolimiter, is used directly. Messages are spaced
    evenly: a bucket of thirty lets sixty pass in its first second.
    """

    def __init__(self, overall_per_s: float = OVERALL_PER_S, chat_spacing_s: float = CHAT_SPACING_S) -> None:
        self._overall = AsyncLimiter(1, 1 / overall_per_s)
        self._spacing = chat_spacing_s
        self._chats: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def turn(self, chat: str) -> None:
        """Return when a message to `chat` may be sent."""
        await self._of(chat).acquire()
        await self._overall.acquire()

    def _of(self, chat: str) -> AsyncLimiter:
        limiter = self._chats.setdefault(chat, AsyncLimiter(1, self._spacing))
        self._chats.move_to_end(chat)
        # The chat unused for longest is long free again: forgetting it changes nothing.
        if len(self._chats) > _REMEMBERED:
            self._chats.popitem(last=False)
        return limiter
