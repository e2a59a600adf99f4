"""The road of messages through the channels: reception, worker, senders, and the broom behind them."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from anyio import to_thread
from sqlalchemy import Engine

from bot.server.channels import TELEGRAM, ZALO_OA, build_channels
from bot.server.conversations import Parts, place_of
from bot.server.sender import Backoff, Sender
from bot.server.sentences import Sentences
from bot.server.typing_action import TypingAction
from bot.server.webhooks import Reception
from bot.server.worker import Pace, Worker
from bot.settings import Settings
from bot.storage.inbox import SqlInbox
from bot.storage.outbox import SqlOutbox
from bot.storage.sealing import Seal
from bot.storage.tokens import SqlTokens
from connectors.messaging import MessagingChannel, Unauthorised, Update

if TYPE_CHECKING:
    from connectors.telegram.channel import TelegramChannel

logger = logging.getLogger(__name__)
SWEEP_S = 600.0
KEEP_DAYS = 30  # of worked rows without words: for as long a redelivery is known again
SEAL_PURPOSE = "delivery"


@dataclass(frozen=True, slots=True)
class Stores:
    """The tables of delivery in one database."""

    inbox: SqlInbox
    outbox: SqlOutbox
    oa_tokens: SqlTokens

    @classmethod
    def of(cls, engine: Engine, secret: bytes, settings: Settings) -> Stores:
        """Return the stores of `engine`; what is sealed is sealed under `secret`."""
        seal = Seal(secret, SEAL_PURPOSE)
        inbox = SqlInbox(
            engine,
            seal,
            most_waiting=settings.inbox_max,
            most_each=settings.inbox_max_each,
            most_a_minute=settings.inbox_max_minute,
        )
        return cls(inbox, SqlOutbox(engine, seal), SqlTokens(engine, seal, ZALO_OA))


class Delivery:
    """Everything that runs for the channels of one server process."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        parts: Parts,
        *,
        sentences: Sentences,
        secret: bytes,
        channels: Mapping[str, MessagingChannel] | None = None,
    ) -> None:
        self._settings = settings
        self.stores = stores
        self.channels = build_channels(settings, stores.oa_tokens) if channels is None else dict(channels)
        owner = f"{socket.gethostname()[:12]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._typing = TypingAction(self.channels)
        self.worker = Worker(
            stores.inbox,
            parts,
            self.channels,
            sentences,
            owner,
            pace=Pace(
                lease_s=settings.lease_seconds,
                old_after=timedelta(hours=settings.old_after_hours),
                free_replies={ZALO_OA: settings.zalo_oa_free_replies},
            ),
            threads=settings.workers,
            paused=lambda: settings.paused,
            posted=self._posted,
            public_url=settings.public_url,
            typing=self._typing.begin,
        )
        self.reception = Reception(stores.inbox, secret, self.worker.wake)
        backoff = Backoff(hold_s=settings.send_seconds)
        self.senders = {
            name: Sender(stores.outbox, channel, owner, backoff=backoff)
            for name, channel in self.channels.items()
        }
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self.fatal = ""  # why the process has to end with an error

    async def start(self) -> None:
        """Begin, on the running loop; nothing runs where no channel is connected."""
        if not self.channels:
            return
        self._loop = asyncio.get_running_loop()
        await to_thread.run_sync(self.reception.rehearse)
        self.worker.start()
        running = [self._kept(f"sender of {name}", sender.run) for name, sender in self.senders.items()]
        running.append(self._kept("broom", self._sweep))
        running.append(self._kept("typing action", self._typing.run))
        if self._settings.telegram_polling and TELEGRAM in self.channels:
            running.append(self._kept("polling", self._poll))
        self._tasks = [self._loop.create_task(work) for work in running]

    async def stop(self) -> None:
        """End: what is in work is finished, what waits stays in the database."""
        self._stop.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._loop is not None:
            await to_thread.run_sync(self.worker.stop)
        for channel in self.channels.values():
            await channel.aclose()

    def health(self) -> dict[str, int | str]:
        """Return what waits and what could not be sent, and the trouble of each channel ("" for none)."""
        if not self.channels:
            return {}
        inbox, outbox = self.stores.inbox.counts(), self.stores.outbox.counts()
        trouble = self.trouble()
        return {
            "inbox_waiting": inbox.get("new", 0),
            "outbox_waiting": outbox.get("waiting", 0) + outbox.get("sending", 0),
            "dead": outbox.get("dead", 0),
            "sent_again": outbox.get("resent", 0),
            **{f"channel_{name}": trouble.get(name, "") for name in self.channels},
        }

    def trouble(self) -> dict[str, str]:
        """Return, by channel, why it cannot send or renew its token; only those in trouble."""
        found = {name: sender.trouble for name, sender in self.senders.items() if sender.trouble}
        if ZALO_OA in self.channels and (failure := self.stores.oa_tokens.failure()):
            found[ZALO_OA] = failure
        return found

    def _posted(self, channel: str) -> None:
        """Wake the channel's sender from a worker's thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self.senders[channel].wake)

    async def _kept(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a task for as long as the server runs: what ends it is logged, and it begins again."""
        while True:
            try:
                await run()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.error("the %s stopped: %s", name, place_of(error))
            await asyncio.sleep(1)

    async def _sweep(self) -> None:
        while True:
            await to_thread.run_sync(self._swept)
            await asyncio.sleep(SWEEP_S)

    def _swept(self) -> None:
        now = datetime.now(UTC)
        old = now - timedelta(days=KEEP_DAYS)
        self.stores.outbox.forget(now - timedelta(hours=self._settings.dead_hours), old)
        self.stores.inbox.forget(old)

    async def _poll(self) -> None:
        from connectors.telegram.failures import PollingConflict
        from connectors.telegram.polling import poll

        channel: TelegramChannel = self.channels[TELEGRAM]  # type: ignore[assignment]

        async def keep(update: Update) -> None:
            await to_thread.run_sync(self.reception.take, TELEGRAM, (update,))

        try:
            await poll(channel, keep, self._stop)
        except (PollingConflict, Unauthorised) as error:
            self.fatal = f"Telegram cannot be asked for messages: {error}"
            logger.error("%s", self.fatal)
            signal.raise_signal(signal.SIGTERM)  # the server ends in order, then with status 1
            await self._stop.wait()
