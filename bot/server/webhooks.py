"""The doors of the messaging vendors: prove, parse, mask, keep, answer 200. The work is done afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from bot.messages import Message
from bot.privacy import mask
from bot.storage.inbox import InboxFull, Incoming, SqlInbox
from bot.storage.keys import conversation_key
from connectors.messaging import Forged, Happened, Malformed, MessagingChannel, Update

logger = logging.getLogger(__name__)
RETRY_AFTER_S = 10
MAX_ID = 160


class Reception:
    """Takes proven updates of all channels into the inbox."""

    def __init__(self, inbox: SqlInbox, secret: bytes, arrived: Callable[[], None]) -> None:
        self._inbox = inbox
        self._secret = secret
        self._arrived = arrived

    def take(self, channel: str, updates: tuple[Update, ...]) -> int:
        """Keep `updates`, masked; return how many were new. Raises InboxFull."""
        kept = [self._masked(channel, update) for update in updates if _sound(update)]
        if not kept:
            return 0
        new = self._inbox.accept(channel, kept)
        if new:
            self._arrived()
        return new

    def rehearse(self) -> None:
        """Make what the first call would have to wait for: the words to mask by, statements, a connection."""
        now = datetime.now(UTC)
        nobody = Update("", "", "", Happened.MESSAGE, now, Message("Xin chào, số 0912 345 678"))
        self._inbox.rehearse("", self._masked("", nobody))

    def _masked(self, channel: str, update: Update) -> Incoming:
        message = update.message
        return Incoming(
            update_id=update.id,
            conversation=conversation_key(self._secret, channel, update.sender),
            happened=update.happened.value,
            sender=update.sender,
            chat=update.chat,
            message=Message(mask(message.text).text, message.kind) if message else None,
            quote=update.quote,
            sent_at=min(update.sent_at, datetime.now(UTC)),
        )


def _sound(update: Update) -> bool:
    """Return whether what a database keeps can be kept: ids of some length, without NUL."""
    texts = (update.id, update.sender, update.chat, update.quote or "")
    return all("\x00" not in text and len(text) <= MAX_ID for text in texts) and bool(update.id)


def webhook_router(channels: Mapping[str, MessagingChannel], reception: Reception) -> APIRouter:
    """Build `POST /hooks/{channel}` for the channels that are connected."""
    router = APIRouter(prefix="/hooks", tags=["Channels"], include_in_schema=False)

    @router.post("/{name}")
    async def receive(name: str, request: Request) -> dict[str, bool]:
        channel = channels.get(name)
        if channel is None:
            raise HTTPException(404, "this channel is not connected")
        body = await request.body()
        headers = {key.lower(): value for key, value in request.headers.items()}
        try:
            updates = channel.updates(headers, body, datetime.now(UTC))
            await run_in_threadpool(reception.take, name, updates)
        except Forged as error:
            logger.warning("a call of /hooks/%s was refused: %s", name, error)
            raise HTTPException(401, "not proven") from error
        except Malformed as error:
            logger.warning("a call of /hooks/%s could not be read: %s", name, error)
            raise HTTPException(400, "not readable") from error
        except InboxFull as error:
            logger.error("the inbox is full: %s", error)
            wait = {"Retry-After": str(RETRY_AFTER_S)}
            raise HTTPException(503, "full", headers=wait) from error
        return {"ok": True}

    return router
