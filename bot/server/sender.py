"""Sends the outbox: each channel's parts in order, with back-off and jitter; what cannot be sent is kept."""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass
from typing import Protocol

from anyio import to_thread
from pydantic import ValidationError

from bot.server.conversations import place_of
from bot.storage.outbox import Outgoing
from connectors.messaging import Gone, MessagingChannel, Part, Postponed, Refused, SendFailed, Unauthorised

logger = logging.getLogger(__name__)


class Outbox(Protocol):
    """What the sender needs of storage."""

    def claim(self, channel: str, owner: str, for_s: float) -> Outgoing | None:
        """Hold the next part to send."""

    def sent(self, part: Outgoing, owner: str) -> bool:
        """Mark it as sent."""

    def postponed(
        self, part: Outgoing, owner: str, delay_s: float, error: str, *, counted: bool = True
    ) -> None:
        """Put it back for later; with `counted` False as if it had not been tried."""

    def died(self, part: Outgoing, owner: str, error: str) -> None:
        """Lay it aside."""

    def gone(self, part: Outgoing, owner: str, error: str) -> None:
        """The person cannot be reached."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How failed sends are repeated.

    The n-th attempt waits `first_s` · 2^(n-1), at most `most_s`, of which a random half; what the vendor
    says (Retry-After) counts where it is longer. After `attempts` it dies. A channel whose token does not
    hold waits `unauthorised_s` without counting attempts.
    """

    first_s: float = 1.0
    most_s: float = 300.0
    attempts: int = 10
    hold_s: float = 60.0
    idle_s: float = 0.2
    unauthorised_s: float = 60.0

    def delay(self, attempt: int, retry_after_s: float | None) -> float:
        """Return the seconds to wait after the `attempt`-th failure (from 1)."""
        step = min(self.most_s, self.first_s * 2.0 ** min(attempt - 1, 30))
        return max(step / 2 + random.uniform(0, step / 2), retry_after_s or 0.0)


class Sender:
    """Tasks that send what waits for one channel; `run` ends when it is cancelled."""

    def __init__(
        self,
        outbox: Outbox,
        channel: MessagingChannel,
        owner: str,
        *,
        backoff: Backoff | None = None,
        tasks: int = 4,
    ) -> None:
        self._outbox = outbox
        self._channel = channel
        self._owner = owner
        self._backoff = backoff or Backoff()
        self._tasks = tasks
        self._more = asyncio.Semaphore(0)
        self.trouble = ""  # why the channel cannot send at all, for health
        self.sent = 0
        self.failed = 0

    def wake(self) -> None:
        """Say, on the loop, that something is to be sent: one task that is idle looks for it."""
        if self._more.locked():
            self._more.release()

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._tasks):
                group.create_task(self._run(f"{self._owner}-{number}"))

    async def _run(self, owner: str) -> None:
        while True:
            try:
                if await self.send_one(owner):
                    continue
            except Exception as error:  # the database is away for a moment: nothing is lost
                logger.error("the outbox cannot be read: %s", place_of(error))
            try:
                # The tasks look in turn: together once in idle_s.
                async with asyncio.timeout(self._backoff.idle_s * self._tasks * random.uniform(0.5, 1.5)):
                    await self._more.acquire()
            except TimeoutError:
                pass

    async def send_one(self, owner: str) -> bool:
        """Send one part; return whether there was one to send."""
        hold = self._backoff.hold_s
        part = await to_thread.run_sync(self._outbox.claim, self._channel.name, owner, hold)
        if part is None:
            return False
        outcome = await self._sent(part)
        await to_thread.run_sync(self._settle, part, owner, outcome)
        return True

    async def _sent(self, part: Outgoing) -> Exception | None:
        if part.chat is None:
            return Gone("there is no address any more")
        try:
            await self._channel.send(part.chat, Part.model_validate(part.body))
        except (SendFailed, ValidationError) as error:
            return error
        except Exception as error:  # a fault of ours: it is repeated, then laid aside, never lost
            logger.error("a part could not be sent: %s", place_of(error))
            return Postponed(f"a fault of ours: {type(error).__name__}")
        return None

    def _settle(self, part: Outgoing, owner: str, outcome: Exception | None) -> None:
        if outcome is None:
            self.trouble = ""
            self.sent += 1
            self._outbox.sent(part, owner)
            return
        self.failed += 1
        reason = f"{type(outcome).__name__}: {outcome}"
        if isinstance(outcome, Gone):
            self._outbox.gone(part, owner, reason)
        elif isinstance(outcome, Unauthorised):
            self.trouble = reason
            logger.error("channel %s cannot send: %s", self._channel.name, outcome)
            self._outbox.postponed(part, owner, self._backoff.unauthorised_s, reason, counted=False)
        elif isinstance(outcome, (Refused, ValidationError)) or part.attempts >= self._backoff.attempts:
            self._outbox.died(part, owner, reason)
        else:
            after = outcome.retry_after_s if isinstance(outcome, Postponed) else None
            self._outbox.postponed(part, owner, self._backoff.delay(part.attempts, after), reason)
