"""The FastAPI application: the doors, joined to the service behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from bot.server.errors import add_error_handlers
from bot.server.guards import Guards
from bot.server.health import health_router
from bot.server.ids import SignedIds
from bot.server.printing import printing_router
from bot.server.shield import Shield
from bot.server.webhooks import webhook_router
from bot.server.wiring import Wired, wire
from bot.settings import Settings
from connectors.rest import native_router, rasa_router
from connectors.web.page import add_page


def create_app(settings: Settings, wired: Wired | None = None) -> FastAPI:
    """Build the application; loading begins when it starts to serve. `wired` replaces the real parts (tests).

    Raises UnusableSecret and DatabaseUnavailable for what the operator has to repair first.
    """
    behind = wired or wire(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        behind.parts.start()
        await behind.delivery.start()
        yield
        await behind.delivery.stop()
        behind.parts.stop()

    app = FastAPI(
        title="Trợ lý Công dân",
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        # FastAPI's documentation pages load scripts from other hosts: only the description itself is served.
        docs_url=None,
        redoc_url=None,
    )
    _add_doors(app, settings, behind)
    app.include_router(
        health_router(
            behind.board,
            failures=lambda: behind.conversations.failures + behind.delivery.worker.failures,
            paused=lambda: settings.paused,
            delivery=behind.delivery.health,
        )
    )
    add_error_handlers(app)
    app.state.fatal = lambda: behind.delivery.fatal
    app.add_middleware(
        Shield, max_body=settings.max_body_bytes, max_bodies={"/hooks/": settings.max_webhook_bytes}
    )
    return app


def _add_doors(app: FastAPI, settings: Settings, behind: Wired) -> None:
    guards, handler = Guards(settings), behind.conversations
    api_ids, web_ids = SignedIds(behind.secret, "api"), SignedIds(behind.secret, "web")
    app.include_router(rasa_router(handler, guards.rest, public_url=settings.public_url))
    app.include_router(
        native_router(
            handler,
            api_ids,
            guards.rest,
            prefix="/api/v1",
            channel="api",
            public_url=settings.public_url,
        )
    )
    app.include_router(webhook_router(behind.delivery.channels, behind.delivery.reception))
    if settings.web:
        app.include_router(native_router(handler, web_ids, guards.page, prefix="/web", channel="web"))
        app.include_router(printing_router(behind.parts, public_url=settings.public_url))
        add_page(app)
