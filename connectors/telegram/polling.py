"""Asks Telegram for updates, for offices without a public HTTPS address. One process a bot."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from connectors.messaging import Malformed, Postponed, Unauthorised, Update
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.failures import PollingConflict
from connectors.telegram.setup import remove_webhook

WAIT_S = 50
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
FAREWELL_S = 3.0

HandOver = Callable[[Update], Awaitable[None]]
T = TypeVar("T")

logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """The operator wants an end."""


async def poll(channel: TelegramChannel, hand_over: HandOver, stop: asyncio.Event) -> None:
    """Hand over updates in their order until `stop` is set.

    An update counts as received only once `hand_over` has returned; where it raises, the update comes again
    after a pause, so hand-over must bear doubles. A webhook is removed first, as Telegram allows either.
    Raises PollingConflict and Unauthorised: then the process must end, with a status that is not zero.
    """
    await _Poll(channel, hand_over, stop).run()


class _Poll:
    def __init__(self, channel: TelegramChannel, hand_over: HandOver, stop: asyncio.Event) -> None:
        self._channel = channel
        self._hand_over = hand_over
        self._stop = stop
        self._offset: int | None = None
        self._failures = 0

    async def run(self) -> None:
        try:
            while not await self._patiently(self._remove_webhook):
                pass
            while not self._stop.is_set():
                await self._patiently(self._round)
        except _Stopped:
            pass
        await self._farewell()

    async def _remove_webhook(self) -> None:
        await self._unless_stopped(remove_webhook(self._channel))

    async def _round(self) -> None:
        for raw in await self._unless_stopped(self._channel.fetch(self._offset, WAIT_S)):
            if self._stop.is_set():
                return
            id_ = _id(raw)
            for update in self._read(raw):
                await self._hand_over(update)
            self._offset = id_ + 1
        self._failures = 0

    def _read(self, raw: object) -> tuple[Update, ...]:
        try:
            return self._channel.read(raw, datetime.now(UTC))
        except Malformed as error:
            # It would come again for ever.
            logger.warning("an update is skipped: %s", error)
            return ()

    async def _patiently(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do `work` and return True; after a failure that may pass, pause and return False."""
        try:
            await work()
            return True
        except Postponed as error:
            logger.warning("polling pauses: %s", error)
            await self._pause(error.retry_after_s)
        except (PollingConflict, Unauthorised, _Stopped):
            raise
        except Exception as error:
            logger.error("polling: %s; what was not handed over will come again", type(error).__name__)
            await self._pause(None)
        return False

    async def _pause(self, at_least_s: float | None) -> None:
        self._failures += 1
        longest = min(FIRST_PAUSE_S * 2 ** min(self._failures, 10), LONGEST_PAUSE_S)
        pause = max(at_least_s or 0.0, random.uniform(longest / 2, longest))
        await self._unless_stopped(asyncio.sleep(pause))

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        """Return what `work` gives. Raises _Stopped, with `work` given up, as soon as an end is wanted."""
        doing = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({doing, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise _Stopped
            return doing.result()
        finally:
            doing.cancel()
            ending.cancel()
            await asyncio.gather(doing, ending, return_exceptions=True)

    async def _farewell(self) -> None:
        """Confirm what has been handed over, so that it does not come again."""
        if self._offset is None:
            return
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._channel.fetch(self._offset, 0)
        except Exception as error:
            logger.info("the last updates may come again: %s", type(error).__name__)


def _id(raw: object) -> int:
    id_ = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(id_, int):
        raise Postponed("telegram: an update without its id")
    return id_
