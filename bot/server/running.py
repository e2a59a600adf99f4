"""Runs the server in this process until it is told to stop."""

from __future__ import annotations

import logging
import sys

from bot.settings import Settings

GRACE_S = 5
MAX_CONNECTIONS = 512
# A webhook call is acknowledged over several hand-overs between threads. While a worker computes, each waits
# for this long at most (Python's own 5 ms would add up to the whole budget).
SWITCH_S = 0.0005
# Libraries that tell more than an operator wants to read, or could quote what they were given.
_QUIET = (
    "httpx",
    "httpcore",
    "alembic",
    "sentence_transformers",
    "transformers",
    "bm25s",
    "faiss",
    "telegram",
)


def set_up_logging(level: str) -> None:
    """Log to standard error, one short line an event."""
    logging.basicConfig(
        level=level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname).1s %(name)s: %(message)s"
    )
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def run_server(settings: Settings) -> None:
    """Serve until a signal ends it. Raises what `create_app` raises."""
    import uvicorn

    from bot.server.app import create_app

    set_up_logging(settings.log_level)
    sys.setswitchinterval(SWITCH_S)
    app = create_app(settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        # The same everywhere, whatever faster loops another package happens to have brought along.
        loop="asyncio",
        http="h11",
        # Requests are not logged: addresses of clients are personal data too.
        access_log=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=GRACE_S,
    )
    if app.state.fatal():
        raise SystemExit(1)
