"""Every setting of the bot, typed and documented, read from the environment (`TROLY_…`) and from `.env`."""

from __future__ import annotations

import ipaddress
import os
import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRET_KEY_FILE = "secret.key"  # noqa: S105  (a file's name)
MIN_SECRET_BYTES = 32

LogLevel = Literal["debug", "info", "warning", "error"]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$")]
HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/\S*)?$")]


class UnusableSecret(RuntimeError):
    """The signing key cannot be read, written or trusted; the message says what the operator must do."""


class Settings(BaseSettings):
    """The settings; `Settings()` reads the environment. Raises pydantic's ValidationError for a bad value."""

    model_config = SettingsConfigDict(env_prefix="TROLY_", env_file=".env", extra="ignore", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to serve on. Beyond loopback the REST doors need api_key."
    )
    port: int = Field(8080, ge=0, le=65535, description="Port to serve on.")
    web: bool = Field(True, description="Serve the chat page at /.")
    api_key: SecretStr | None = Field(
        None, min_length=16, description="Key that REST clients send as X-API-Key (at least 16 characters)."
    )
    var: Path = Field(Path("var"), description="Folder of what the bot keeps: database, signing key.")
    secret_key: SecretStr | None = Field(
        None,
        min_length=MIN_SECRET_BYTES,
        description="Key that signs conversation ids and hashes senders. Unset: made once in var/secret.key.",
    )
    database_url: str = Field(
        "sqlite:///var/troly.db", description="SQLAlchemy address of the database (SQLite or PostgreSQL)."
    )
    cache: Path = Field(
        Path("~/.cache/troly"), description="Folder for what can be computed again: indexes, the NLU model."
    )
    stale_after_days: int = Field(
        180, ge=1, description="Days after which an answer says that its data is old and may have changed."
    )
    catalogue_versions: int = Field(
        60, ge=2, description="Versions of the catalogue kept in the database, for `troly kb diff`."
    )
    rasa_url: Url = Field("http://127.0.0.1:5005", description="Where Rasa answers.")
    rasa_timeout: float = Field(0.5, gt=0, le=10, description="Seconds that a turn waits for Rasa at most.")
    nlu: bool = Field(True, description="Ask Rasa at all. Off: keywords and search carry the conversation.")
    encoder_model: str | None = Field(
        None, description="A larger sentence-transformers model for search. Unset: the built-in one."
    )
    encoder: bool = Field(True, description="Load the search model at all. Off: lexical search only.")
    max_body_bytes: int = Field(16 * 1024, ge=1024, le=1024 * 1024, description="Largest request body taken.")
    rate_per_minute: int = Field(
        60,
        ge=0,
        description="Messages that one client address may send a minute in the long run; 0: no limit.",
    )
    rate_burst: int = Field(30, ge=1, description="Messages that one client address may send at once.")
    rate_loopback: bool = Field(
        False,
        description="Limit clients of this very machine too. Off: they are the operator or their proxy.",
    )
    paused: str = Field(
        "",
        max_length=200,
        description="Kill switch: a reason. Every message then gets one polite sentence and nothing else.",
    )
    public_url: HttpsUrl | None = Field(
        None,
        description="Address (https) under which people and vendors reach this server. "
        "Unset: messages leave out links to our own pages.",
    )
    zalo_bot_token: SecretStr | None = Field(None, description="Token of a Zalo bot (number:secret).")
    zalo_bot_secret: SecretStr | None = Field(
        None, min_length=8, max_length=256, description="What a webhook call of the Zalo bot must carry."
    )
    zalo_bot_url: Url = Field("https://bot-api.zaloplatforms.com", description="Where the Zalo bot's API is.")
    zalo_oa_app_id: str | None = Field(None, description="App id of the Zalo Official Account.")
    zalo_oa_app_secret: SecretStr | None = Field(None, description="Secret key of that app, for signing in.")
    zalo_oa_secret: SecretStr | None = Field(
        None, description="OA secret key, with which Zalo signs webhook calls."
    )
    zalo_oa_url: Url = Field("https://openapi.zalo.me", description="Where the OA's API is.")
    zalo_oa_sign_in_url: Url = Field("https://oauth.zaloapp.com", description="Where the OA signs in.")
    zalo_oa_buttons: bool = Field(False, description="Send buttons to Zalo instead of a numbered menu.")
    zalo_oa_free_replies: int = Field(
        8,
        ge=1,
        description="Free replies of the OA in the 48 hours after a message; the last is short.",
    )
    telegram_token: SecretStr | None = Field(None, description="Token of a Telegram bot.")
    telegram_secret: SecretStr | None = Field(
        None, min_length=8, max_length=256, description="What a webhook call of Telegram must carry."
    )
    telegram_polling: bool = Field(
        False, description="Ask Telegram for messages instead of being called: needs no public address."
    )
    telegram_url: Url = Field("https://api.telegram.org", description="Where Telegram's Bot API is.")
    workers: int = Field(2, ge=1, le=16, description="Threads that work messages of the channels.")
    lease_seconds: float = Field(30, ge=1, le=600, description="How long a worker holds a conversation.")
    send_seconds: float = Field(
        60, ge=1, le=600, description="How long one send may take before another process sends it again."
    )
    inbox_max: int = Field(5000, ge=1, description="Messages that may wait; beyond it vendors get 503.")
    inbox_max_each: int = Field(20, ge=1, description="Messages that may wait in one conversation.")
    inbox_max_minute: int = Field(
        30, ge=1, description="Messages of one conversation that are worked within a minute; the rest is not."
    )
    old_after_hours: float = Field(
        6, gt=0, description="Messages older than this (after a pause) are greeted, not answered."
    )
    dead_hours: int = Field(72, ge=1, description="How long the words of what could not be sent are kept.")
    max_webhook_bytes: int = Field(
        256 * 1024, ge=1024, le=4 * 1024 * 1024, description="Largest webhook call taken."
    )
    log_level: LogLevel = Field("info", description="How much is logged. The words of a person never are.")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def cache_dir(self) -> Path:
        """The cache folder with "~" resolved."""
        return self.cache.expanduser()

    def signing_key(self) -> bytes:
        """Return the key that signs and hashes, made and kept (mode 0600) at the first call if unset.

        Raises UnusableSecret where the kept key is too short or cannot be read or written.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        return kept_key(self.var / SECRET_KEY_FILE)


def kept_key(path: Path) -> bytes:
    """Return the key kept in `path`; where there is none, make one that only this user can read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _create_key(path)
        key = path.read_bytes().strip()
    except OSError as error:
        raise UnusableSecret(
            f"cannot keep the signing key in {path}: {error.strerror}; set TROLY_SECRET_KEY"
        ) from error
    if len(key) < MIN_SECRET_BYTES:
        raise UnusableSecret(
            f"the signing key in {path} is too short: delete the file to have a new one made"
        )
    return key


def _create_key(path: Path) -> None:
    # The key is written beside and linked into place: a second process that starts at the same moment either
    # finds the whole key or none, never half of it.
    if path.exists():
        return
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(MIN_SECRET_BYTES))
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()
