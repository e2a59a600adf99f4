"""The three fake vendors in one process: they deliver what people write, and keep what people got.

`python -m tests.delivery.vendors PORT` serves them on 127.0.0.1 at /zalo_bot, /zalo_oa and /telegram, with
/control beside them for the one who runs the storm. Calls are repeated until they are answered with 200, as
vendors do.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.delivery.plan import Delivered, Got, Planned, Play, Report, Weather
from tests.delivery.postmen import play
from tests.fakes import telegram, telegram_phones, zalo_bot, zalo_faults, zalo_oa

SECRET = "the-secret-of-the-webhooks"
_CODE = re.compile(r"\b\d\.\d{6}(?:\.\w+)*")


@dataclass
class Vendors:
    """The fakes, with what came and went."""

    bot: zalo_bot.FakeZaloBot = field(default_factory=zalo_bot.FakeZaloBot)
    oa: zalo_oa.FakeZaloOa = field(default_factory=zalo_oa.FakeZaloOa)
    telegram: telegram.FakeTelegram = field(default_factory=telegram.FakeTelegram)
    weather: Weather = field(default_factory=Weather)
    rng: Random = field(default_factory=lambda: Random(6))
    delivered: dict[int, Delivered] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    unmarked: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    waves: int = -1
    released: asyncio.Condition = field(default_factory=asyncio.Condition)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _seen: Counter[str] = field(default_factory=Counter)

    async def release(self, wave: int) -> None:
        """Let people write the messages of the waves up to `wave`."""
        async with self.released:
            self.waves = wave
            self.released.notify_all()

    async def wave(self, number: int) -> None:
        """Wait until that wave is released."""
        async with self.released:
            await self.released.wait_for(lambda: self.waves >= number)

    def look(self) -> None:
        """Note the time of what people have got since the last look."""
        now = time.time()
        for channel, sent in (("zalo_bot", self.bot.sent), ("zalo_oa", self.oa.sent)):
            for one in sent[self._seen[channel] :]:
                self._note(channel, one.chat if isinstance(one, zalo_bot.Sent) else one.user, one.text, now)
            self._seen[channel] = len(sent)
        for told in self.telegram.sent[self._seen["telegram"] :]:
            self._note("telegram", str(told.chat), told.text, now)
        self._seen["telegram"] = len(self.telegram.sent)

    def _note(self, channel: str, person: str, text: str, now: float) -> None:
        if text != "typing":
            named = _CODE.search(text)
            self.got.append(Got(channel=channel, person=person, at=now, code=named[0] if named else ""))

    def written(self, message: Planned) -> tuple[zalo_faults.Call, str]:
        """Let the person write it; return the webhook call and the vendor's id of it."""
        if message.channel == "telegram":
            update = self.telegram.says(int(message.person), message.code)
            request = httpx.Request("POST", "http://x", json=update)
            headers = {telegram_phones.SECRET_HEADER: SECRET, "Content-Type": "application/json"}
            return zalo_faults.Call(headers, request.content), str(update["update_id"])
        fake: Any = self.bot if message.channel == "zalo_bot" else self.oa
        event = fake.says(message.person, message.code)
        return fake.call(event), str(event["message"].get("message_id") or event["message"].get("msg_id"))

    def spoil(self, channel: str) -> None:
        """Perhaps let the next send of `channel` go wrong."""
        weather, draw = self.weather, self.rng.random()
        for kind in ("too_many", "broken", "cut_unworked", "cut_worked"):
            draw -= getattr(weather, kind)
            if draw < 0:
                self.faults[kind] += 1
                self.unmarked += kind == "cut_worked"
                self._fail(channel, kind)
                return

    def _fail(self, channel: str, kind: str) -> None:
        if channel == "telegram":
            faults = {
                "too_many": telegram.Fault("too_many", retry_after=1),
                "broken": telegram.Fault("status", status=502),
                "cut_unworked": telegram.Fault("cut"),
                "cut_worked": telegram.Fault("cut_after"),
            }
            self.telegram.fail("sendMessage", faults[kind])
            return
        fault = {
            "too_many": zalo_faults.Fault("status", 429, retry_after="1"),
            "broken": zalo_faults.Fault("status", 502),
            "cut_unworked": zalo_faults.Fault("cut"),
            "cut_worked": zalo_faults.Fault("cut", after=True),
        }[kind]
        fake: Any = self.bot if channel == "zalo_bot" else self.oa
        fake.fail(fault)


class Watched:
    """ASGI middleware: spoils some sends to one vendor, answers late, and notes what people got."""

    def __init__(self, app: ASGIApp, vendors: Vendors, channel: str) -> None:
        self._app = app
        self._vendors = vendors
        self._channel = channel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", "")).lower()
        sends = path.endswith(("/sendmessage", "/message/cs"))
        lag = self._vendors.rng.uniform(0, self._vendors.weather.lag_s) if sends else 0.0
        if sends:
            self._vendors.spoil(self._channel)

        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._vendors.look()
                await asyncio.sleep(lag)
            await send(message)

        try:
            await self._app(scope, receive, late)
        except httpx.ReadError:
            pass  # a cut connection: the answer stays half
        finally:
            self._vendors.look()


def control(vendors: Vendors) -> FastAPI:
    """Return the door of the one who runs the storm."""
    app = FastAPI(openapi_url=None)

    @app.post("/play")
    async def begin(what: Play) -> dict[str, bool]:
        vendors.weather, vendors.rng = what.weather, Random(what.weather.seed)
        task = asyncio.create_task(play(vendors, what))
        vendors.tasks.add(task)
        task.add_done_callback(vendors.tasks.discard)
        return {"ok": True}

    @app.post("/wave/{number}")
    async def wave(number: int) -> dict[str, int]:
        await vendors.release(number)
        return {"delivered": len(vendors.delivered), "got": len(vendors.got)}

    @app.get("/report")
    async def report() -> Report:
        return Report(
            delivered=list(vendors.delivered.values()),
            got=vendors.got,
            unmarked=vendors.unmarked,
            faults=dict(vendors.faults),
            answers=dict(vendors.answers),
        )

    @app.get("/count")
    async def counted() -> dict[str, int]:
        people = {(one.channel, one.person) for one in vendors.got}
        return {"delivered": len(vendors.delivered), "got": len(vendors.got), "people": len(people)}

    @app.post("/oa/pair")
    async def pair() -> tuple[str, str]:
        return vendors.oa.connected()

    return app


def application() -> FastAPI:
    """Return everything as one application."""
    vendors = Vendors()
    vendors.bot.secret = SECRET

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        for task in vendors.tasks:
            task.cancel()

    app = FastAPI(openapi_url=None, lifespan=lifespan)
    app.mount("/control", control(vendors))
    for channel, fake in (
        ("zalo_bot", vendors.bot),
        ("zalo_oa", vendors.oa),
        ("telegram", vendors.telegram),
    ):
        inner: Callable[[Scope, Receive, Send], Awaitable[None]] = fake.app()
        app.mount(f"/{channel}", Watched(inner, vendors, channel))
    return app


if __name__ == "__main__":
    uvicorn.run(
        application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False
    )
