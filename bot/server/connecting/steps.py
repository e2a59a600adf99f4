"""The steps that every channel's connection is made of."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.server.connecting.door import Answered, Door, Knock, knock
from bot.server.connecting.screen import Screen
from bot.server.connecting.words import Both, ChannelWords, Trouble, Words
from bot.settings import Settings
from connectors.messaging import Gone, Refused, SendFailed, Unauthorised

RECENT = timedelta(minutes=15)
LOOK_S = 0.5

Heard = Callable[[datetime], str | None]
Listen = Callable[[float], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asks for: `to` is the chat of the test message, `wait_s` how long to wait for one.

    `replace`: take a bot over whose messages go elsewhere; `test`: send a test message.
    """

    to: str | None = None
    wait_s: float = 120.0
    replace: bool = False
    test: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """One channel to be connected. `heard` gives the chat of its newest message since a time (UTC)."""

    settings: Settings
    words: Words
    own: ChannelWords
    channel: str
    screen: Screen
    wanted: Wanted
    heard: Heard

    def say(self, text: Both, **values: object) -> None:
        """Show a text, filled in."""
        self.screen.say(text.filled(**values))

    def trouble(self, text: Both, **values: object) -> Trouble:
        """Return the exception that says `text`."""
        return Trouble(text.filled(**values))


def webhook_url(job: Job) -> str:
    """Return the public address of the channel's webhook. Raises Trouble where there is none."""
    public = job.settings.public_url
    if public is None:
        raise job.trouble(job.words.public_url_missing)
    host = urlsplit(public).hostname or ""
    if not _is_public(host):
        raise job.trouble(job.words.public_url_inside, host=host)
    return f"{public.rstrip('/')}/hooks/{job.channel}"


def new_secret(job: Job, name: str) -> str:
    """Make a webhook secret and show the line for `.env`; it is shown this once and stored nowhere."""
    made = secrets.token_urlsafe(32)
    job.say(job.words.secret_made)
    job.screen.show(f"{name}={made}")
    return made


def may_take(job: Job, before: str, ours: str) -> None:
    """Say where messages went before. Raises Trouble where that is elsewhere and was not to be replaced."""
    if not before or _same(before, ours):
        return
    where = place(before)
    if not job.wanted.replace:
        raise job.trouble(job.words.webhook_elsewhere, where=where)
    job.say(job.words.webhook_replaced, where=where)


def place(url: str) -> str:
    """Return an address without what may be secret in it.

    >>> place("https://user:pw@other.example/hook?key=1"), place("")
    ('https://other.example/…', '-')
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…" if parts.hostname else "-"


def is_set(job: Job, now_at: str, ours: str) -> None:
    """Say that the webhook is set. Raises Trouble where the vendor tells another address."""
    if not _same(now_at, ours):
        raise job.trouble(job.words.webhook_not_kept, vendor=job.own.vendor, where=place(now_at))
    job.say(job.words.webhook_set, url=ours)


async def see_door(job: Job, call: Knock, secret_name: str, *, quiet: bool = False) -> None:
    """Call our own webhook and say how it answers, unless it was said before (`quiet`).

    Raises Trouble where no message can arrive; what may lie at this machine's own network is only said.
    """
    answered = await knock(call)
    text = _door_text(job, answered, call.url, secret_name)
    if answered.door in {Door.OTHER_SECRET, Door.NOT_CONNECTED}:
        raise Trouble(text)
    if not quiet:
        job.screen.say(text)


async def send_test(
    job: Job,
    send: Callable[[str], Awaitable[object]],
    listen: Listen,
    explain: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Send the test message to --to, or to the one whom `listen` finds within --wait seconds.

    `explain` may say better than we why nobody was heard: it raises Trouble. Raises Trouble.
    """
    if not job.wanted.test:
        job.say(job.words.test_skipped)
        return
    chat = job.wanted.to or await listen(0.0)
    if chat is None and job.wanted.wait_s > 0:
        job.say(job.own.write_now)
        job.say(job.words.waiting, seconds=round(job.wanted.wait_s))
        chat = await listen(job.wanted.wait_s)
    if chat is None:
        if explain is not None:
            await explain()
        raise job.trouble(job.words.nobody_wrote)
    with vendor_troubles(job):
        await send(chat)
    job.say(job.words.test_sent)


def listener(job: Job, *, fresh_only: bool) -> Listen:
    """Return what waits for a message that the running server has taken.

    `fresh_only`: one that came before now proves nothing, as the secret is new.
    """
    since = datetime.now(UTC) - (timedelta() if fresh_only else RECENT)

    async def listen(wait_s: float) -> str | None:
        end = time.monotonic() + wait_s
        while True:
            found = await asyncio.to_thread(job.heard, since)
            left = end - time.monotonic()
            if found is not None or left <= 0:
                return found
            await asyncio.sleep(min(LOOK_S, left))

    return listen


@contextmanager
def vendor_troubles(job: Job) -> Iterator[None]:
    """Turn the channel's failures into Trouble."""
    try:
        yield
    except Unauthorised:
        trouble = job.trouble(job.own.token_wrong)
    except Gone:
        trouble = job.trouble(job.words.test_gone)
    except Refused as error:
        trouble = job.trouble(job.words.test_refused, vendor=job.own.vendor, reason=error)
    except SendFailed as error:
        trouble = job.trouble(job.words.vendor_away, vendor=job.own.vendor, reason=error)
    else:
        return
    raise trouble  # outside of `except`, so that nothing is carried along as the context


def _door_text(job: Job, answered: Answered, url: str, secret_name: str) -> Both:
    words = job.words
    texts = {
        Door.OPEN: words.door_open,
        Door.OTHER_SECRET: words.door_other_secret,
        Door.NOT_CONNECTED: words.door_not_connected,
        Door.TROUBLE: words.door_trouble,
        Door.CERTIFICATE: words.door_certificate,
        Door.UNREACHABLE: words.door_unreachable,
    }
    return texts[answered.door].filled(
        name=secret_name, url=url, status=answered.detail, reason=answered.detail
    )


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))
