"""The taps that Telegram still shows as "loading": each is answered once, when work on it shows."""

from __future__ import annotations

from collections import OrderedDict

_CHATS = 1024
_OF_ONE_CHAT = 5


class Taps:
    """Ids of unanswered callback queries by chat, the newest of the newest chats.

    Kept in memory only: a forgotten one stops loading by itself after a while.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def add(self, chat: str, tap: str) -> None:
        """Remember `tap`."""
        known = self._ids.pop(chat, ())
        self._ids[chat] = (*(id_ for id_ in known if id_ != tap), tap)[-_OF_ONE_CHAT:]
        if len(self._ids) > _CHATS:
            self._ids.popitem(last=False)

    def take(self, chat: str) -> tuple[str, ...]:
        """Return the unanswered taps of `chat` and forget them."""
        return self._ids.pop(chat, ())
