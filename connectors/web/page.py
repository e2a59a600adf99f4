"""The chat page: files of our own, without a build step and without anything from another host."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

FILES = Path(__file__).parent / "static"
_CHECK_EACH_TIME = {"Cache-Control": "no-cache"}


def add_page(app: FastAPI) -> None:
    """Serve the page at `/` and its files below `/static`."""

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(FILES / "index.html", headers=_CHECK_EACH_TIME)

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> FileResponse:
        return FileResponse(FILES / "icon.svg", media_type="image/svg+xml")

    app.mount("/static", StaticFiles(directory=FILES), name="static")
