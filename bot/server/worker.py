"""Works the inbox: claims a conversation, computes, stores state and answer at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.dialogue.decision import Action
from bot.messages import Message, MessageKind, Reply
from bot.server.conversations import Parts, place_of
from bot.server.sentences import Sentences
from bot.storage.inbox import Answer, Claimed, LeaseLost
from connectors.messaging import Happened, MessagingChannel

logger = logging.getLogger(__name__)
STOP_S = 5.0
ATTEMPTS = 5  # claims of one message, before it is answered with the sentence "trouble"


class Inbox(Protocol):
    """What the worker needs of storage."""

    def claim(self, owner: str, for_s: float) -> Claimed | None:
        """Hold the conversation with the oldest message; None where none is free."""

    def finish(self, claimed: Claimed, answer: Answer) -> tuple[int, ...]:
        """Store state, answer and mark at once. Raises LeaseLost."""

    def failed(self, claimed: Claimed) -> None:
        """Give the conversation back. Raises LeaseLost."""

    def pass_over(self, claimed: Claimed, before: datetime) -> int:
        """Mark the conversation's other messages sent until `before` as done."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the worker works: seconds of a lease, of sleep when idle, of waiting for parts that load before
    people are told so; hours after which a message is old; free replies of one window, where the channel
    counts them.
    """

    lease_s: float = 30.0
    load_s: float = 60.0
    idle_s: float = 0.2
    old_after: timedelta = timedelta(hours=6)
    free_replies: Mapping[str, int] = field(default_factory=dict)


class Worker:
    """Threads that work the inbox of all channels; `wake` is called when something has come in."""

    def __init__(
        self,
        inbox: Inbox,
        parts: Parts,
        channels: Mapping[str, MessagingChannel],
        sentences: Sentences,
        owner: str,
        *,
        pace: Pace | None = None,
        threads: int = 2,
        paused: Callable[[], str] = lambda: "",
        posted: Callable[[str], None] = lambda _channel: None,
        public_url: str | None = None,
        typing: Callable[[str, str], Callable[[], object]] = lambda _channel, _chat: lambda: None,
    ) -> None:
        self._inbox = inbox
        self._parts = parts
        self._channels = channels
        self._sentences = sentences
        self._owner = owner
        self._pace = pace or Pace()
        self._paused = paused
        self._posted = posted
        self._public_url = public_url
        self._typing = typing
        self._more = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"worker-{n}", daemon=True) for n in range(threads)
        ]
        self.failures = 0

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the messages in work; what is left over is worked when their leases run out."""
        self._stopping.set()
        self._more.set()
        until = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def wake(self) -> None:
        """Say that something has come in."""
        self._more.set()

    def work_one(self) -> bool:
        """Work one message; return whether there was one."""
        claimed = self._inbox.claim(self._owner, self._pace.lease_s)
        if claimed is None:
            return False
        try:
            self._work(claimed)
        except LeaseLost:
            logger.warning("a message took longer than its lease: another worker has it")
        except Exception as error:  # the message goes back; after ATTEMPTS it gets a plain sentence
            self.failures += 1
            logger.error("a message could not be worked: %s", place_of(error))
            self._give_back(claimed)
        return True

    def _run(self) -> None:
        self._await_parts()
        while not self._stopping.is_set():
            self._more.clear()
            try:
                if self.work_one():
                    continue
            except Exception as error:  # the database is away for a moment: nothing is lost
                logger.error("the inbox cannot be read: %s", place_of(error))
            self._more.wait(self._pace.idle_s)

    def _await_parts(self) -> None:
        """Leave what waits in the inbox while the server starts: it is answered a moment later, and well."""
        until = time.monotonic() + self._pace.load_s
        try:
            while self._parts.serving() is None and time.monotonic() < until:
                if self._stopping.wait(self._pace.idle_s):
                    return
        except Exception as error:  # there will be no parts: each message is told so
            logger.error("nothing can answer: %s", place_of(error))

    def _give_back(self, claimed: Claimed) -> None:
        try:
            self._inbox.failed(claimed)
        except LeaseLost:
            logger.warning("a message took longer than its lease: another worker has it")

    def _work(self, claimed: Claimed) -> None:
        answer = self._answer(claimed)
        if self._inbox.finish(claimed, answer):
            self._posted(claimed.channel)

    def _answer(self, claimed: Claimed) -> Answer:
        channel = self._channels.get(claimed.channel)
        if channel is None or claimed.happened == Happened.LEFT:
            return Answer(claimed.state)
        now = datetime.now(UTC)
        if now - claimed.sent_at > self._pace.old_after:
            self._inbox.pass_over(claimed, now - self._pace.old_after)
            return self._said(channel, claimed, Reply(self._sentences.back_again))
        if claimed.happened == Happened.WITHHELD:
            return self._said(channel, claimed, Reply(self._sentences.withheld))
        if self._paused():
            return self._said(channel, claimed, Reply(self._sentences.paused))
        if claimed.attempts >= ATTEMPTS:
            return self._said(channel, claimed, Reply(self._sentences.trouble))
        return self._replied(channel, claimed)

    def _replied(self, channel: MessagingChannel, claimed: Claimed) -> Answer:
        serving = self._parts.serving()
        if serving is None:
            return self._said(channel, claimed, Reply(self._sentences.starting))
        answered = self._typing(claimed.channel, claimed.chat) if claimed.chat else None
        try:
            turn = serving.assistant.reply(claimed.state, claimed.message or _STARTED)
        finally:
            if answered is not None:
                answered()
        if claimed.message is None:
            # The greeting of a new follower may never arrive (an OA's window is closed then): who writes
            # first is told once more that a machine answers.
            return self._said(channel, claimed, turn.reply)
        erases = turn.decision.action is Action.ERASE
        parts = self._parted(channel, claimed, turn.reply)
        return Answer(None if erases else turn.state, parts, erases=erases)

    def _said(self, channel: MessagingChannel, claimed: Claimed, reply: Reply) -> Answer:
        return Answer(claimed.state, self._parted(channel, claimed, reply))

    def _parted(
        self, channel: MessagingChannel, claimed: Claimed, reply: Reply
    ) -> tuple[dict[str, object], ...]:
        limit = self._pace.free_replies.get(claimed.channel)
        left = None if limit is None else max(0, limit - claimed.free_used)
        told = with_whole_links(reply, self._public_url)
        return tuple(part.model_dump(mode="json") for part in channel.parts(told, claimed.quote, left))


def with_whole_links(reply: Reply, public_url: str | None) -> Reply:
    """Return `reply` with links to our own pages made whole, or without them where nobody could open them."""
    whole = (link.at(public_url) for link in reply.links)
    return replace(reply, links=tuple(link for link in whole if not link.own))


_STARTED = Message("say:start", MessageKind.PAYLOAD)  # somebody who only followed is greeted
