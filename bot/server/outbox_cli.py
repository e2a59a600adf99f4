"""`troly outbox …`: what could not be sent, and sending it again. No words and no ids of people are shown."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.server.channels import TELEGRAM, ZALO_BOT, ZALO_OA
from bot.server.cli import plain_errors, read_settings

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.storage.outbox import Dead, SqlOutbox

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="See what could not be sent, and send it again."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ALL = 1_000_000
CHANNELS = (ZALO_BOT, ZALO_OA, TELEGRAM)
ORDER = ("waiting", "sending", "sent", "dead")


@app.command("list")
def list_dead(
    channel: Annotated[
        str | None, typer.Option(help="Only this channel: zalo_bot, zalo_oa, telegram.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The latest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the parts that could not be sent, the latest first; a part is one message to a person.

    One whose words were deleted (TROLY_DEAD_HOURS after it failed) cannot be sent again.
    """
    wanted = _channel(channel)
    with plain_errors():
        settings = read_settings()
        found = [dead for dead in _outbox(settings).dead(ALL) if wanted in {None, dead.channel}]
    keep = timedelta(hours=settings.dead_hours)
    if as_json:
        typer.echo(json.dumps([_line(dead, keep) for dead in found[:limit]], ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("nothing: every message was sent, or is still being sent (troly outbox counts)")
        return
    _print(found[:limit], keep)
    if len(found) > limit:
        typer.echo(f"… and {len(found) - limit} more: --limit {len(found)}")
    able = sum(dead.has_text for dead in found)
    typer.echo(
        f"{len(found)} could not be sent, {able} can be sent again: troly outbox replay ID… (or --all)"
    )


@app.command()
def replay(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Parts of the list.")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="All that can be sent again.")] = False,
) -> None:
    """Send parts again that could not be sent; the running server does it within seconds.

    Exits with 1 where none could be put back.
    """
    if bool(ids) == all_of_them:
        raise typer.BadParameter("name the parts (troly outbox list), or all of them with --all")
    with plain_errors():
        outbox = _outbox(read_settings())
        known = {dead.id: dead.has_text for dead in outbox.dead(ALL)}
        count = outbox.replay(None if all_of_them else tuple(ids or ()))
    for part in sorted(set(ids or ())):
        if part not in known:
            typer.echo(f"{part}: not in the list of what could not be sent", err=True)
        elif not known[part]:
            typer.echo(f"{part}: its words were deleted, so it cannot be sent again", err=True)
    if count:
        typer.echo(f"{count} put back: the running server sends them within seconds")
        return
    typer.echo("nothing was put back")
    if ids or known:
        raise typer.Exit(1)


@app.command()
def counts(as_json: AsJson = False) -> None:
    """Count the messages to people: waiting, being sent, sent, dead; and how many were sent twice."""
    with plain_errors():
        found = _outbox(read_settings()).counts()
    whole = {name: found.get(name, 0) for name in (*ORDER, "resent")}
    if as_json:
        typer.echo(json.dumps(whole))
        return
    meanings = {"dead": "could not be sent", "resent": "sent again because a send was not marked"}
    for name, count in whole.items():
        typer.echo(f"{count:>8} {name}" + (f" ({meanings[name]})" if name in meanings else ""))


def _outbox(settings: Settings) -> SqlOutbox:
    from bot.server.delivery import Stores
    from bot.storage.database import open_database

    return Stores.of(open_database(settings.database_url), settings.signing_key(), settings).outbox


def _channel(name: str | None) -> str | None:
    if name is None:
        return None
    plain = name.replace("-", "_")
    if plain not in CHANNELS:
        raise typer.BadParameter(f"unknown channel; one of {', '.join(CHANNELS)}")
    return plain


def _print(found: list[Dead], keep: timedelta) -> None:
    table = Table("id", "channel", "failed at", "attempts", "can be sent again", "why")
    for dead in found:
        until = f"until {(dead.died_at + keep).astimezone():%Y-%m-%d %H:%M}" if dead.has_text else "no"
        when = f"{dead.died_at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(str(dead.id), dead.channel, when, str(dead.attempts), until, escape(dead.error))
    Console().print(table)


def _line(dead: Dead, keep: timedelta) -> dict[str, object]:
    return {
        "id": dead.id,
        "channel": dead.channel,
        "failed_at": dead.died_at.isoformat(timespec="seconds"),
        "attempts": dead.attempts,
        "why": dead.error,
        "can_be_sent_again": dead.has_text,
        "until": (dead.died_at + keep).isoformat(timespec="seconds") if dead.has_text else None,
    }
