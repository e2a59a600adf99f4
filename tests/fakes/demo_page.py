"""The page of `make demo`: three phones in the browser, with the fake vendors behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import httpx
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.trustedhost import TrustedHostMiddleware

from tests.fakes.phones import TAKEN, Phone, Shown, label_of
from tests.fakes.vendors_app import CHANNELS, Vendors

FILES = Path(__file__).with_name("phone")
# Everything is our own; nothing on the page can reach another host.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"


class Entry(BaseModel):
    """One thing on a screen, of "me", "bot" or "note": what the phone says, a key of the page's texts.

    `buttons` are (label, what a tap sends or opens).
    """

    model_config = ConfigDict(frozen=True)

    who: Literal["me", "bot", "note"]
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    picture: str | None = None
    bold: str = ""


class Screen(BaseModel):
    """What one phone shows; `person` changes where somebody new takes it."""

    channel: str
    person: str
    deeds: tuple[str, ...]
    entries: list[Entry]


class Screens(BaseModel):
    """All phones, and whether the bot can answer by now."""

    ready: bool
    screens: list[Screen]


class Gesture(BaseModel):
    """What somebody does with a phone: exactly one of these."""

    model_config = ConfigDict(extra="forbid")

    write: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    tap: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    do: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    new: Literal[True] | None = None


@dataclass
class Held:
    """A phone in somebody's hand, with what its screen has shown so far."""

    phone: Phone
    entries: list[Entry] = field(default_factory=list)
    seen: int = 0

    def screen(self) -> Screen:
        """Return the screen, with what has come in since."""
        shown = self.phone.shown()
        self.entries += [_told(one) for one in shown[self.seen :]]
        self.seen = len(shown)
        return Screen(
            channel=self.phone.channel,
            person=str(self.phone.person),
            deeds=self.phone.deeds,
            entries=self.entries,
        )

    async def makes(self, gesture: Gesture, up: asyncio.Event) -> None:
        """Do it once the bot is `up`; the screen says where the bot did not take it.

        Raises KeyError for what cannot be done.
        """
        self.screen()
        work, entry = self._work(gesture)
        self.entries.append(entry)
        await up.wait()  # a vendor would deliver again until then
        try:
            taken = await work == TAKEN
        except httpx.HTTPError:
            taken = False
        if not taken:
            self.entries.append(Entry(who="note", text="not_taken"))

    def _work(self, gesture: Gesture) -> tuple[Awaitable[int], Entry]:
        if gesture.write is not None:
            return self.phone.writes(gesture.write), Entry(who="me", text=gesture.write)
        if gesture.tap is not None:
            entry = Entry(who="me", text=label_of(gesture.tap, self.phone.shown()))
            return self.phone.taps(gesture.tap), entry
        deed = gesture.do or ""
        if deed not in self.phone.deeds:
            raise KeyError(deed)
        return self.phone.does(deed), Entry(who="note", text=deed)


@dataclass
class Table:
    """The phones on the table; `bot_url` is where their vendors find the bot.

    `up`: it takes messages. `ready`: it can answer them.
    """

    vendors: Vendors
    bot_url: str
    up: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool = False
    people: int = 0
    held: dict[str, Held] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for channel in CHANNELS:
            self.renew(channel)

    def renew(self, channel: str) -> None:
        """Give the phone to somebody new, whom the bot does not know yet."""
        self.people += 1
        self.held[channel] = Held(self.vendors.phone(channel, self.bot_url, self.people))


def demo_app(table: Table) -> FastAPI:
    """Build the page and its doors, with the vendors' servers beside them."""
    app = FastAPI(openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response

    @app.get("/")
    async def page() -> FileResponse:
        return FileResponse(FILES / "index.html")

    @app.get("/phones")
    async def screens() -> Screens:
        return Screens(ready=table.ready, screens=[held.screen() for held in table.held.values()])

    @app.post("/phones/{channel}")
    async def gesture(channel: str, made: Gesture) -> Screen:
        if channel not in table.held or len(made.model_dump(exclude_none=True)) != 1:
            raise HTTPException(422, "one gesture on one of the phones")
        if made.new:
            table.renew(channel)
        else:
            try:
                await table.held[channel].makes(made, table.up)
            except KeyError as error:
                raise HTTPException(422, "this phone cannot do that now") from error
        return table.held[channel].screen()

    app.mount("/static", StaticFiles(directory=FILES), name="static")
    table.vendors.mount(app)
    return app


def _told(shown: Shown) -> Entry:
    return Entry(who="bot", text=shown.text, buttons=shown.buttons, picture=shown.picture, bold=shown.bold)
