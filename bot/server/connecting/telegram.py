"""`troly connect telegram`: the token, the menu of commands, webhook or polling, a test message."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from bot.server import channels
from bot.server.connecting.door import Knock, knock_of
from bot.server.connecting.steps import (
    Job,
    Listen,
    is_set,
    listener,
    may_take,
    new_secret,
    see_door,
    send_test,
    vendor_troubles,
    webhook_url,
)
from connectors.messaging import Part
from connectors.telegram import setup
from connectors.telegram.channel import SECRET_HEADER, TelegramChannel
from connectors.telegram.failures import PollingConflict

SECRET = "TROLY_TELEGRAM_SECRET"  # noqa: S105  (a variable's name)
POLLING = "TROLY_TELEGRAM_POLLING=true"
LONG_POLL_S = 20.0
NEWS = timedelta(hours=1)
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


async def connect(job: Job, *, polling: bool) -> None:
    """Connect the Telegram bot of the settings; `polling`: without a webhook. Raises Trouble."""
    kept = _kept_secret(job)
    token = job.settings.telegram_token
    if token is None:
        raise job.trouble(job.own.token_missing)
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise job.trouble(job.own.token_odd)
    channel = channels.telegram(job.settings)
    try:
        with vendor_troubles(job):
            me = await setup.identity(channel)
        job.say(job.words.token_holds, bot=f"{me.name} (t.me/{me.username})")
        await (_poll(job, channel) if polling else _hook(job, channel, kept))
        job.say(job.words.done, vendor=job.own.vendor)
        if polling and not job.settings.telegram_polling:
            job.say(job.words.remember_line, line=POLLING)
        elif not polling and not kept:
            job.say(job.words.remember_line, line=f"{SECRET}=")
    finally:
        await channel.aclose()


async def _hook(job: Job, channel: TelegramChannel, kept: str | None) -> None:
    url = webhook_url(job)
    with vendor_troubles(job):
        before = await setup.webhook_state(channel)
    may_take(job, before.url, url)
    secret = kept or new_secret(job, SECRET)
    setting = job.settings.model_copy(update={"telegram_secret": SecretStr(secret)})
    hooked = channels.telegram(setting)
    try:
        await _set(job, hooked, url)
    finally:
        await hooked.aclose()
    await _register(job, channel)
    call = _knock(url, secret)

    if kept:
        await see_door(job, call, SECRET)

    async def explain() -> None:
        await see_door(job, call, SECRET, quiet=bool(kept))

    await send_test(job, _send(channel), listener(job, fresh_only=not kept), explain)


async def _set(job: Job, channel: TelegramChannel, url: str) -> None:
    with vendor_troubles(job):
        try:
            state = await setup.set_webhook(channel, url)
        except setup.SetupFailed as error:
            refused = job.trouble(job.words.webhook_refused, vendor=job.own.vendor, url=url, reason=error)
        else:
            is_set(job, state.url, url)
            advice = state.advice()
            if advice and state.last_error_at and datetime.now(UTC) - state.last_error_at < NEWS:
                job.say(job.words.delivery_trouble, advice=advice)
            return
    raise refused


async def _poll(job: Job, channel: TelegramChannel) -> None:
    with vendor_troubles(job):
        before = await setup.webhook_state(channel)
    public = job.settings.public_url
    may_take(job, before.url, f"{public.rstrip('/')}/hooks/{job.channel}" if public else "")
    with vendor_troubles(job):
        await setup.remove_webhook(channel)
    job.say(job.words.polling_set)
    await _register(job, channel)
    # Where the settings say polling, the running server asks; a second one asking would end it.
    listen = listener(job, fresh_only=False) if job.settings.telegram_polling else _asking(job, channel)
    if not job.settings.telegram_polling:
        job.say(job.words.polling_line)
        job.screen.show(POLLING)
    await send_test(job, _send(channel), listen)


async def _register(job: Job, channel: TelegramChannel) -> None:
    with vendor_troubles(job):
        await setup.register_commands(channel)
    job.say(job.words.commands_set)


def _asking(job: Job, channel: TelegramChannel) -> Listen:
    async def listen(wait_s: float) -> str | None:
        end = time.monotonic() + wait_s
        while True:
            left = max(0.0, end - time.monotonic())
            with vendor_troubles(job):
                try:
                    update = await setup.first_update(channel, min(left, LONG_POLL_S))
                except PollingConflict:
                    break
            if update is not None or left <= 0:
                return update.chat if update else None
        raise job.trouble(job.words.polling_conflict)

    return listen


def _send(channel: TelegramChannel) -> Callable[[str], Awaitable[None]]:
    async def send(chat: str) -> None:
        await channel.send(chat, Part(text=setup.load_words().connected))

    return send


def _kept_secret(job: Job) -> str | None:
    kept = job.settings.telegram_secret
    if kept is None:
        return None
    if not _SECRET.fullmatch(kept.get_secret_value()):
        raise job.trouble(job.words.secret_odd, name=SECRET, least=16, kind="A-Z a-z 0-9 - _")
    return kept.get_secret_value()


def _knock(url: str, secret: str) -> Knock:
    return knock_of(url, {SECRET_HEADER: secret}, {"update_id": 0})
