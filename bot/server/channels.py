"""Builds the messaging channels that the settings describe; the vendors' libraries are imported only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.settings import Settings
from connectors.messaging import MessagingChannel, Tokens

if TYPE_CHECKING:
    from connectors.telegram.channel import TelegramChannel
    from connectors.zalo.bot_channel import ZaloBotChannel
    from connectors.zalo.oa_channel import ZaloOaChannel
    from connectors.zalo.oa_tokens import OaSignIn

ZALO_BOT, ZALO_OA, TELEGRAM = "zalo_bot", "zalo_oa", "telegram"


class NotConnected(ValueError):
    """A channel's settings are missing; the message names them."""


def build_channels(settings: Settings, oa_tokens: Tokens) -> dict[str, MessagingChannel]:
    """Return the channels with settings, by name. Raises what a wrong token raises."""
    channels: list[MessagingChannel] = []
    if settings.zalo_bot_token is not None:
        channels.append(zalo_bot(settings))
    if settings.zalo_oa_app_id is not None:
        channels.append(zalo_oa(settings, oa_tokens))
    if settings.telegram_token is not None:
        channels.append(telegram(settings))
    return {channel.name: channel for channel in channels}


def zalo_bot(settings: Settings) -> ZaloBotChannel:
    """Return the Zalo bot. Raises NotConnected, BadToken."""
    from connectors.zalo.bot_api import ZaloBotApi
    from connectors.zalo.bot_channel import ZaloBotChannel

    token = _needed(settings.zalo_bot_token, "TROLY_ZALO_BOT_TOKEN")
    return ZaloBotChannel(ZaloBotApi(token, settings.zalo_bot_url), _optional(settings.zalo_bot_secret))


def oa_sign_in(settings: Settings) -> OaSignIn:
    """Return what exchanges the OA's tokens. Raises NotConnected, BadToken."""
    from connectors.zalo.oa_tokens import OaSignIn

    if settings.zalo_oa_app_id is None:
        raise NotConnected("set TROLY_ZALO_OA_APP_ID")
    secret = _needed(settings.zalo_oa_app_secret, "TROLY_ZALO_OA_APP_SECRET")
    return OaSignIn(settings.zalo_oa_app_id, secret, settings.zalo_oa_sign_in_url)


def zalo_oa(settings: Settings, tokens: Tokens) -> ZaloOaChannel:
    """Return the Official Account. Raises NotConnected, BadToken."""
    from connectors.zalo.oa_api import ZaloOaApi
    from connectors.zalo.oa_channel import OaSettings, ZaloOaChannel

    sign_in = oa_sign_in(settings)
    own = OaSettings(
        settings.zalo_oa_app_id or "", _optional(settings.zalo_oa_secret), buttons=settings.zalo_oa_buttons
    )
    return ZaloOaChannel(ZaloOaApi(settings.zalo_oa_url), sign_in, tokens, own)


def telegram(settings: Settings) -> TelegramChannel:
    """Return the Telegram bot. Raises NotConnected, and what the library raises for a wrong token."""
    from connectors.telegram.channel import TelegramChannel

    token = _needed(settings.telegram_token, "TROLY_TELEGRAM_TOKEN")
    secret = _optional(settings.telegram_secret) or ""
    return TelegramChannel(token, secret, base_url=settings.telegram_url)


def _needed(value: SecretStr | None, name: str) -> str:
    if value is None:
        raise NotConnected(f"set {name}")
    return value.get_secret_value()


def _optional(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value is not None else None
