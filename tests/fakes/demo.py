"""`make demo`: the bot, and beside it three fake phones in the browser, without account, network or NLU.

`python -m tests.fakes.demo` starts `troly serve` on TROLY_PORT (8080) with secrets and a database of this run
only, and the phones on TROLY_DEMO_PORT (8090). Ctrl-C ends both, and nothing is kept.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import uvicorn

from bot.server.channels import ZALO_OA
from bot.storage.database import open_database
from bot.storage.sealing import Seal
from bot.storage.tokens import SqlTokens
from tests.fakes.demo_page import Table, demo_app
from tests.fakes.serving import free_socket
from tests.fakes.vendors_app import Vendors

BOT_PORT, PHONES_PORT = 8080, 8090
LOOK_S = 0.5
END_S = 15.0


class Ended(RuntimeError):
    """The bot ended by itself; its own last lines say why."""


def environment(vendors: Vendors, folder: Path, bot_port: int, phones_port: int) -> dict[str, str]:
    """Return the bot's environment: what the caller has set, except where this run needs its own.

    NLU is off where nobody says otherwise: keywords and search carry a conversation without it.
    """
    own = {
        **vendors.settings(f"http://127.0.0.1:{phones_port}"),
        "host": "127.0.0.1",
        "port": str(bot_port),
        "var": str(folder),
        "database_url": f"sqlite:///{folder}/demo.db",
        "secret_key": secrets.token_hex(32),
        "telegram_polling": "false",
    }
    usual = {"TROLY_NLU": "false", "TROLY_LOG_LEVEL": "warning"}
    return {**usual, **os.environ, **{f"TROLY_{name.upper()}": value for name, value in own.items()}}


def connect_account(vendors: Vendors, given: dict[str, str]) -> None:
    """Store the Official Account's first pair of tokens, as `troly connect zalo-oa` does."""
    engine = open_database(given["TROLY_DATABASE_URL"])
    seal = Seal(given["TROLY_SECRET_KEY"].encode(), "delivery")
    SqlTokens(engine, seal, ZALO_OA).put(vendors.oa_pair())
    engine.dispose()


async def show(table: Table, phones_port: int, bot: subprocess.Popen[bytes]) -> None:
    """Serve the phones until a signal ends them. Raises Ended where the bot ends first."""
    listening = free_socket(range(phones_port, phones_port + 1))
    config = uvicorn.Config(
        demo_app(table), log_level="warning", access_log=False, loop="asyncio", http="h11"
    )
    server = uvicorn.Server(config)
    watching = asyncio.create_task(_watch(table, bot, server))
    try:
        await server.serve(sockets=[listening])
    finally:
        watching.cancel()
        listening.close()
    if bot.poll() is not None:
        raise Ended(f"the bot ended with status {bot.returncode}")


async def _watch(table: Table, bot: subprocess.Popen[bytes], server: uvicorn.Server) -> None:
    """Tell the page when the bot can answer, and end the phones when it ends."""
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        while bot.poll() is None:
            if not table.ready:
                await _look(table, client)
            await asyncio.sleep(LOOK_S)
    server.should_exit = True


async def _look(table: Table, client: httpx.AsyncClient) -> None:
    try:
        health = (await client.get(f"{table.bot_url}/health")).json()
    except (httpx.HTTPError, ValueError):
        return
    table.up.set()
    table.ready = bool(health.get("answering"))
    if table.ready:
        print("==> the bot answers", flush=True)


def _end(bot: subprocess.Popen[bytes]) -> None:
    bot.terminate()
    try:
        bot.wait(END_S)
    except subprocess.TimeoutExpired:
        bot.kill()
        bot.wait()


def main() -> int:
    """Run the demonstration; return the exit status."""
    bot_port = int(os.environ.get("TROLY_PORT", BOT_PORT))
    phones_port = int(os.environ.get("TROLY_DEMO_PORT", PHONES_PORT))
    try:
        for port in (bot_port, phones_port):
            free_socket(range(port, port + 1)).close()
    except RuntimeError:
        print(f"port {port} is taken: set TROLY_PORT or TROLY_DEMO_PORT to another one", file=sys.stderr)
        return 1
    # uvicorn hands the signal on when it has stopped: it must not end this process before the bot's.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit(0))
    vendors = Vendors()
    with tempfile.TemporaryDirectory(prefix="troly-demo-", ignore_cleanup_errors=True) as name:
        given = environment(vendors, Path(name), bot_port, phones_port)
        connect_account(vendors, given)
        print(f"==> phones: http://127.0.0.1:{phones_port}  (Ctrl-C ends both; nothing is kept)", flush=True)
        command = [sys.executable, "-c", "from bot.cli import app; app()", "serve"]
        bot = subprocess.Popen(command, env=given)
        try:
            asyncio.run(show(Table(vendors, f"http://127.0.0.1:{bot_port}"), phones_port, bot))
        except KeyboardInterrupt:
            return 0
        except Ended as error:
            print(f"demo: {error}", file=sys.stderr)
            return 1
        finally:
            _end(bot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
