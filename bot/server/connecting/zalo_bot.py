"""`troly connect zalo-bot`: the token, the webhook with its secret, a test message."""

from __future__ import annotations

import re

from bot.server.connecting.door import Knock, knock_of
from bot.server.connecting.steps import (
    Job,
    is_set,
    listener,
    may_take,
    new_secret,
    see_door,
    send_test,
    vendor_troubles,
    webhook_url,
)
from connectors.messaging import Refused
from connectors.zalo.bot_api import MAX_SECRET, MIN_SECRET, ZaloBotApi
from connectors.zalo.errors import BadToken
from connectors.zalo.signatures import BOT_HEADER

SECRET = "TROLY_ZALO_BOT_SECRET"  # noqa: S105  (a variable's name)
_SECRET = re.compile(rf"[!-~]{{{MIN_SECRET},{MAX_SECRET}}}")


async def connect(job: Job) -> None:
    """Connect the Zalo bot of the settings. Raises Trouble."""
    api = _api(job)
    try:
        await _known(job, api)
        url = webhook_url(job)
        kept = _kept_secret(job)
        await _take(job, api, url, kept)
        secret = kept or new_secret(job, SECRET)
        await _set(job, api, url, secret)
        call = _knock(url, secret)
        if kept:
            await see_door(job, call, SECRET)

        async def explain() -> None:
            await see_door(job, call, SECRET, quiet=bool(kept))

        async def send(chat: str) -> None:
            await api.send_message(chat, job.words.test_message)

        await send_test(job, send, listener(job, fresh_only=not kept), explain)
        job.say(job.words.done, vendor=job.own.vendor)
        if not kept:
            job.say(job.words.remember_line, line=f"{SECRET}=")
    finally:
        await api.aclose()


def _api(job: Job) -> ZaloBotApi:
    token = job.settings.zalo_bot_token
    if token is None:
        raise job.trouble(job.own.token_missing)
    try:
        return ZaloBotApi(token.get_secret_value(), job.settings.zalo_bot_url)
    except BadToken:
        trouble = job.trouble(job.own.token_odd)
    raise trouble


async def _known(job: Job, api: ZaloBotApi) -> None:
    with vendor_troubles(job):
        try:
            me = await api.get_me()
        except Refused:  # it has no parameters: only the token can be wrong
            trouble = job.trouble(job.own.token_wrong)
        else:
            job.say(job.words.token_holds, bot=f"{me.account_name} ({me.id})")
            return
    raise trouble


def _kept_secret(job: Job) -> str | None:
    kept = job.settings.zalo_bot_secret
    if kept is None:
        return None
    secret = kept.get_secret_value()
    if not _SECRET.fullmatch(secret):
        raise job.trouble(job.words.secret_odd, name=SECRET, least=MIN_SECRET, kind="A-Z a-z 0-9 - _")
    return secret


async def _take(job: Job, api: ZaloBotApi, url: str, kept: str | None) -> None:
    """See that the bot is ours to take. What Zalo says where no webhook was ever set is not documented."""
    with vendor_troubles(job):
        try:
            before = (await api.get_webhook_info()).url
        except Refused:
            before = ""
    may_take(job, before, url)


async def _set(job: Job, api: ZaloBotApi, url: str, secret: str) -> None:
    with vendor_troubles(job):
        try:
            await api.set_webhook(url, secret)
            now_at = (await api.get_webhook_info()).url
        except Refused as error:
            refused = job.trouble(job.words.webhook_refused, vendor=job.own.vendor, url=url, reason=error)
        else:
            is_set(job, now_at, url)
            return
    raise refused


def _knock(url: str, secret: str) -> Knock:
    return knock_of(url, {BOT_HEADER: secret}, {"ok": True, "result": {"event_name": "troly.connect"}})
