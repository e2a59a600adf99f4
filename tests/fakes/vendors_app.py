"""The three fake vendors in one application, and the settings of a bot that takes them for the real ones."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI

from connectors.messaging import TokenPair
from tests.fakes.phones import Phone, TelegramPhone, ZaloBotPhone, ZaloOaPhone
from tests.fakes.telegram import FakeTelegram
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import APP_ID, FakeZaloOa


def _made_up() -> str:
    return secrets.token_urlsafe(24)


@dataclass
class Vendors:
    """The fakes, with secrets that were made up for this run and are known to them and to their bot only."""

    zalo_bot: FakeZaloBot = field(
        default_factory=lambda: FakeZaloBot(token=f"1000000001:{_made_up()}", secret=_made_up())
    )
    zalo_oa: FakeZaloOa = field(default_factory=lambda: FakeZaloOa(app_key=_made_up(), oa_secret=_made_up()))
    telegram: FakeTelegram = field(
        default_factory=lambda: FakeTelegram(token=f"100000001:{secrets.token_hex(17)}a")
    )
    telegram_secret: str = field(default_factory=_made_up)

    def mount(self, app: FastAPI) -> None:
        """Serve each vendor under its channel's name."""
        app.mount("/zalo_bot", self.zalo_bot.app())
        app.mount("/zalo_oa", self.zalo_oa.app())
        app.mount("/telegram", self.telegram.app())

    def settings(self, url: str) -> dict[str, Any]:
        """Return the settings of a bot whose vendors are served at `url`, named as in `bot.settings`."""
        return {
            "zalo_bot_token": self.zalo_bot.token,
            "zalo_bot_secret": self.zalo_bot.secret,
            "zalo_bot_url": f"{url}/zalo_bot",
            "zalo_oa_app_id": APP_ID,
            "zalo_oa_app_secret": self.zalo_oa.app_key,
            "zalo_oa_secret": self.zalo_oa.oa_secret,
            "zalo_oa_url": f"{url}/zalo_oa",
            "zalo_oa_sign_in_url": f"{url}/zalo_oa",
            "telegram_token": self.telegram.token,
            "telegram_secret": self.telegram_secret,
            "telegram_url": f"{url}/telegram",
        }

    def oa_pair(self) -> TokenPair:
        """Return a pair of the Official Account, as its owner's permission would give it."""
        access, refresh = self.zalo_oa.connected()
        return TokenPair(access, refresh, datetime.now(UTC) + timedelta(hours=20))

    def phone(self, channel: str, bot_url: str, number: int = 1) -> Phone:
        """Return the phone of person `number` in `channel`, whose vendor calls the bot at `bot_url`."""
        hook = f"{bot_url}/hooks/{channel}"
        makers: dict[str, Callable[[], Phone]] = {
            "zalo_oa": lambda: ZaloOaPhone(self.zalo_oa, hook, f"42{number:05d}"),
            "zalo_bot": lambda: ZaloBotPhone(self.zalo_bot, hook, f"b7e1{number:05d}"),
            "telegram": lambda: TelegramPhone(self.telegram, hook, self.telegram_secret, 1000 + number),
        }
        return makers[channel]()


CHANNELS = ("zalo_oa", "zalo_bot", "telegram")
