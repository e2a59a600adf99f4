"""The whole bot over a part of the real catalogue, joined to the fake vendors; and conversations as text."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from bot.server.app import create_app
from bot.server.channels import TELEGRAM, ZALO_OA, build_channels
from bot.server.editions import Served
from bot.server.recipe import recipe
from bot.server.wiring import Wired, wire
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.sealing import Seal
from bot.storage.tokens import SqlTokens
from connectors.telegram.channel import TelegramChannel
from connectors.telegram.pace import Pace
from procedures_kb.catalogue import CATALOGUE, Catalogue, read_records
from tests.fakes.phones import TAKEN, Phone, Shown
from tests.fakes.serving import free_socket
from tests.fakes.vendors_app import Vendors

PORTS = range(8500, 8520)
PATIENCE_S = 30.0
SECRET = "a signing key of more than thirty-two bytes"
FILE = CATALOGUE / "bo-tu-phap-1.jsonl"  # births, marriages, certified copies: seconds less than the whole
NEVER_OLD = 100_000  # days: the expectations hold in years to come too
_MENU_LINE = re.compile(r"^(\d{1,2})\. (.+)$", re.MULTILINE)


class PartOfTheCatalogue:
    """The shipped records of one ministry."""

    def latest(self) -> int:
        return 0

    def load(self) -> Served:
        with FILE.open(encoding="utf-8") as lines:
            return Served(Catalogue(tuple(read_records(lines, FILE.name))), 0, "0" * 12)


@dataclass
class Bot:
    """A bot that serves, its database, and the vendors that call it."""

    url: str
    wired: Wired
    engine: Engine
    vendors: Vendors

    def phone(self, channel: str, number: int) -> Phone:
        """Return the phone of person `number` in `channel`."""
        return self.vendors.phone(channel, self.url, number)

    def settle(self) -> None:
        """Wait until every message is worked and every answer sent or laid aside."""
        end = time.monotonic() + PATIENCE_S
        stores = self.wired.delivery.stores
        while time.monotonic() < end:
            # The inbox first: its mark and the rows of the outbox come in one transaction.
            if not stores.inbox.counts().get("new", 0):
                outbox = stores.outbox.counts()
                if not outbox.get("waiting", 0) + outbox.get("sending", 0):
                    return
            time.sleep(0.02)
        raise AssertionError(f"still at work after {PATIENCE_S:g} s")


@contextmanager
def talking_bot(folder: Path) -> Iterator[Bot]:
    """Yield a bot that answers, on free ports of loopback."""
    vendors = Vendors()
    vendors_app = FastAPI()
    vendors.mount(vendors_app)
    with _served(vendors_app) as vendors_url:
        settings = Settings(
            _env_file=None,
            var=folder,
            cache=folder / "cache",
            secret_key=SECRET,
            database_url=f"sqlite:///{folder}/troly.db",
            nlu=False,
            encoder=False,
            stale_after_days=NEVER_OLD,
            **vendors.settings(vendors_url),
        )
        engine = open_database(settings.database_url)
        tokens = SqlTokens(engine, Seal(SECRET.encode(), "delivery"), ZALO_OA)
        tokens.put(vendors.oa_pair())
        channels = build_channels(settings, tokens)
        # One message a second is what the vendor wants (tests/connectors); here nobody waits for it.
        channels[TELEGRAM] = TelegramChannel(
            vendors.telegram.token,
            vendors.telegram_secret,
            base_url=settings.telegram_url,
            pace=Pace(overall_per_s=1000, chat_spacing_s=0.001),
        )
        wired = wire(settings, recipe(settings, PartOfTheCatalogue()), channels=channels)
        with _served(create_app(settings, wired), lifespan=True) as url:
            assert wired.parts.wait(PATIENCE_S), "the catalogue could not be loaded"
            yield Bot(url, wired, engine, vendors)
        engine.dispose()


@contextmanager
def _served(app: FastAPI, *, lifespan: bool = False) -> Iterator[str]:
    listening = free_socket(PORTS)
    config = uvicorn.Config(
        app, log_level="critical", lifespan="on" if lifespan else "off", loop="asyncio", http="h11"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@dataclass
class Conversation:
    """What one person and the bot say, as it stands on the screen of a phone."""

    bot: Bot
    phone: Phone
    lines: list[str]
    answers: list[list[Shown]]  # the messages of each turn

    @classmethod
    def on(cls, bot: Bot, channel: str, number: int) -> Conversation:
        return cls(bot, bot.phone(channel, number), [], [])

    def writes(self, text: str) -> list[Shown]:
        """Let the person write `text`; return what they get."""
        return self._turn(f"> {text}", self.phone.writes(text))

    def does(self, deed: str) -> list[Shown]:
        """Let the person do what is no text."""
        return self._turn(f"> ({deed})", self.phone.does(deed))

    def chooses(self, title: str) -> list[Shown]:
        """Let the person tap the button `title`, or write the number that stands before it."""
        last = self.phone.shown()[-1]
        if keys := [key for label, key in last.buttons if label == title]:
            return self._turn(f"> [{title}]", self.phone.taps(keys[0]))
        numbers = {number for number, line in _MENU_LINE.findall(last.text) if line == title}
        assert len(numbers) == 1, f"{title!r} stands under {sorted(numbers)} in\n{last.text}"
        return self.writes(numbers.pop())

    def text(self) -> str:
        """Return the conversation as text."""
        return "\n".join(self.lines) + "\n"

    def _turn(self, said: str, deed: Coroutine[None, None, int]) -> list[Shown]:
        before = len(self.phone.shown())
        assert asyncio.run(deed) == TAKEN
        self.bot.settle()
        got = self.phone.shown()[before:]
        self.answers.append(got)
        self.lines += [said, "", "\n- - -\n".join(map(rendered, got)) or "(nothing)", ""]
        return got


def rendered(shown: Shown) -> str:
    """Return a message with its picture above, its buttons below, its heading between **."""
    text = f"**{shown.bold}**{shown.text[len(shown.bold) :]}" if shown.bold else shown.text
    buttons = [
        f"[{label}] → {target}" if target.startswith("http") else f"[{label}]"
        for label, target in shown.buttons
    ]
    return "\n".join([*([f"(picture: {shown.picture})"] if shown.picture else []), text, *buttons])


def menu_numbers(text: str) -> list[str]:
    """Return the numbers at the beginning of lines, in their order."""
    return [number for number, _ in _MENU_LINE.findall(text)]
