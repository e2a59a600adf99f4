"""`troly connect …`: connects a messaging channel and says in plain words what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

if TYPE_CHECKING:
    from bot.server.connecting.steps import Job
    from bot.server.connecting.words import Words
    from bot.settings import Settings
    from bot.storage.tokens import SqlTokens

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Connect a channel: check its token, set its webhook, send a test message.",
)

To = Annotated[str | None, typer.Option("--to", help="Chat that gets the test message.")]
Wait = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for somebody to write.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take the bot over from another server.")]
Test = Annotated[bool, typer.Option("--test/--no-test", help="Send a test message.")]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options that all channels have."""

    to: str | None
    wait: float
    replace: bool
    test: bool


@app.command("zalo-bot")
def zalo_bot(to: To = None, wait: Wait = 120, replace: Replace = False, test: Test = True) -> None:
    """Connect the Zalo bot of TROLY_ZALO_BOT_TOKEN: token, webhook with a secret, test message.

    Exits with 0 once it is connected, with 1 and what to do otherwise.
    """
    with _plain_words() as words:
        from bot.server.connecting.zalo_bot import connect

        with _job("zalo_bot", words, _Asked(to, wait, replace, test)) as (job, _):
            asyncio.run(connect(job))


@app.command()
def telegram(
    to: To = None,
    wait: Wait = 120,
    replace: Replace = False,
    test: Test = True,
    polling: Annotated[
        bool, typer.Option("--polling", help="Ask Telegram for messages: no public address is needed.")
    ] = False,
) -> None:
    """Connect the Telegram bot of TROLY_TELEGRAM_TOKEN: token, commands, webhook or polling, test message.

    Exits with 0 once it is connected, with 1 and what to do otherwise.
    """
    with _plain_words() as words:
        from bot.server.connecting.telegram import connect

        with _job("telegram", words, _Asked(to, wait, replace, test)) as (job, _):
            asyncio.run(connect(job, polling=polling or job.settings.telegram_polling))


@app.command("zalo-oa")
def zalo_oa(
    *,
    to: To = None,
    wait: Wait = 120,
    test: Test = True,
    check: Annotated[bool, typer.Option("--check", help="Only tell how things stand.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Ask for the permission anew.")] = False,
    callback: Annotated[
        str | None, typer.Option(help="Callback address of the app, where it is not TROLY_PUBLIC_URL.")
    ] = None,
) -> None:
    """Connect the Zalo Official Account: permission, webhook, test message; also after a pair was lost.

    Exits with 0 once it is connected, with 1 and what to do otherwise.
    """
    with _plain_words() as words:
        from bot.server.connecting import zalo_oa as oa

        with _job("zalo_oa", words, _Asked(to, wait, False, test)) as (job, tokens):
            if check:
                oa.check(job, tokens)
            else:
                asyncio.run(oa.connect(job, tokens, again=again, callback=callback))


@contextmanager
def _plain_words() -> Iterator[Words]:
    """Turn whatever goes wrong into one sentence in both languages and exit status 1."""
    from bot.server.connecting.screen import Screen
    from bot.server.connecting.words import Both, Trouble, load_words
    from bot.server.conversations import place_of
    from bot.settings import UnusableSecret
    from bot.storage.database import DatabaseUnavailable
    from bot.storage.sealing import Unsealable

    words = load_words()
    text: Both
    try:
        yield words
    except Trouble as error:
        text = error.text
    except UnusableSecret as error:
        text = words.key_unusable.filled(reason=error)
    except DatabaseUnavailable as error:
        text = words.database_away.filled(reason=error)
    except Unsealable:
        text = words.stored_unreadable
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # a fault of ours: its text, and its frames, may hold a token
        text = words.unexpected.filled(place=place_of(error))
    else:
        return
    Screen().fail(text)
    raise typer.Exit(1)


@contextmanager
def _job(channel: str, words: Words, asked: _Asked) -> Iterator[tuple[Job, SqlTokens]]:
    """Give the job of one channel and the OA's tokens, on the database of the settings."""
    from bot.server.connecting.screen import Screen
    from bot.server.connecting.steps import Job, Wanted
    from bot.server.delivery import SEAL_PURPOSE, Stores
    from bot.storage.addresses import SqlAddresses
    from bot.storage.database import open_database
    from bot.storage.sealing import Seal

    settings = _settings(words)
    secret = settings.signing_key()
    engine = open_database(settings.database_url)
    addresses = SqlAddresses(engine, Seal(secret, SEAL_PURPOSE))
    try:
        job = Job(
            settings=settings,
            words=words,
            own=getattr(words, channel),
            channel=channel,
            screen=Screen(),
            wanted=Wanted(asked.to, asked.wait, asked.replace, asked.test),
            heard=lambda since: addresses.newest(channel, since),
        )
        yield job, Stores.of(engine, secret, settings).oa_tokens
    finally:
        engine.dispose()


def _settings(words: Words) -> Settings:
    """Return the settings. Raises Trouble for a wrong one, which names the variable and not its value."""
    from bot.server.connecting.words import Trouble
    from bot.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]
    name = str(wrong["loc"][0]) if wrong["loc"] else ""
    if name == "public_url":
        raise Trouble(words.public_url_not_https)
    raise Trouble(words.setting_wrong.filled(name=f"TROLY_{name.upper()}", reason=wrong["msg"]))
