"""The calls of the Bot API that the fake knows, and what is refused in the vendor's words."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from tests.fakes.telegram_html import CannotParse, Entity, parsed, units

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_BUTTONS = 100
ACTIONS = {"typing", "upload_photo", "record_voice", "upload_voice", "upload_document", "find_location"}
HOOK_PORTS = {443, 80, 88, 8443}
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")

M = TypeVar("M", bound=BaseModel)


class Refusal(Exception):
    """An answer with ok: false."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def _structure(value: Any) -> Any:
    # In a form, what is no plain value comes as JSON.
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("can't parse as JSON") from None


class Nothing(BaseModel):
    pass


class Key(BaseModel):
    text: str
    callback_data: str | None = None
    url: str | None = None


class Keyboard(BaseModel):
    inline_keyboard: list[list[Key]]


class ReplyTo(BaseModel):
    message_id: int
    allow_sending_without_reply: bool = False


class Preview(BaseModel):
    is_disabled: bool = False
    url: str | None = None
    prefer_large_media: bool = False
    show_above_text: bool = False


class Command(BaseModel):
    command: str
    description: str


class SendMessage(BaseModel):
    chat_id: int
    text: str = ""
    parse_mode: str | None = None
    reply_markup: Annotated[Keyboard | None, BeforeValidator(_structure)] = None
    reply_parameters: Annotated[ReplyTo | None, BeforeValidator(_structure)] = None
    link_preview_options: Annotated[Preview | None, BeforeValidator(_structure)] = None


class SendPhoto(BaseModel):
    chat_id: int
    photo: str
    caption: str = ""
    parse_mode: str | None = None
    reply_markup: Annotated[Keyboard | None, BeforeValidator(_structure)] = None
    reply_parameters: Annotated[ReplyTo | None, BeforeValidator(_structure)] = None


class SendChatAction(BaseModel):
    chat_id: int
    action: str


class AnswerCallbackQuery(BaseModel):
    callback_query_id: str
    text: Annotated[str, Field(max_length=200)] = ""


class SetMyCommands(BaseModel):
    commands: Annotated[list[Command], BeforeValidator(_structure)]


class SetWebhook(BaseModel):
    url: str
    secret_token: str | None = None
    max_connections: Annotated[int, Field(ge=1, le=100)] = 40
    allowed_updates: Annotated[list[str] | None, BeforeValidator(_structure)] = None
    drop_pending_updates: bool = False


class DeleteWebhook(BaseModel):
    drop_pending_updates: bool = False


class GetUpdates(BaseModel):
    offset: int | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 100
    timeout: Annotated[int, Field(ge=0)] = 0
    allowed_updates: Annotated[list[str] | None, BeforeValidator(_structure)] = None


async def parameters(request: Request) -> dict[str, Any]:
    """Return what a call carries, as a form or as JSON. Raises Refusal."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            data = json.loads(body)
        except ValueError:
            raise bad("can't parse request: JSON is invalid") from None
        return data if isinstance(data, dict) else {}
    return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True)) | dict(request.query_params)


def checked(model: type[M], given: dict[str, Any]) -> M:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise bad(f"can't parse parameter {where[0] if where else 'JSON'}") from None


def seen_text(html: str, mode: str | None, limit: int, what: str) -> tuple[str, list[Entity]]:
    """Return the text after entities. Raises Refusal where it is too long or not of its mode."""
    if mode is not None and mode.lower() != "html":
        raise bad("unsupported parse_mode")
    try:
        text, entities = parsed(html) if mode else (html, [])
    except CannotParse as error:
        raise bad(f"can't parse entities: {error}") from None
    if units(text) > limit:
        raise bad(f"{what} is too long")
    return text, entities


def check_keyboard(keyboard: Keyboard | None) -> None:
    keys = [key for row in keyboard.inline_keyboard for key in row] if keyboard else []
    if len(keys) > MAX_BUTTONS:
        raise bad("reply markup is too long")
    for key in keys:
        if not key.text.strip():
            raise bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
        if (key.callback_data is None) == (key.url is None):
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if key.callback_data is not None and not 1 <= len(key.callback_data.encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
        if key.url is not None and not is_address(key.url):
            raise bad(f"inline keyboard button URL '{key.url}' is invalid: Wrong HTTP URL")


def is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and "." in parts.netloc and " " not in url


def check_commands(commands: list[Command]) -> None:
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not _COMMAND.fullmatch(one.command):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(one.description) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")


def check_webhook(hook: SetWebhook, *, any_address: bool) -> None:
    parts = urlsplit(hook.url)
    if hook.secret_token is not None and not _SECRET.fullmatch(hook.secret_token):
        raise bad("secret token contains unallowed characters")
    if any_address:
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in HOOK_PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if "." not in (parts.hostname or ""):
        raise bad("bad webhook: Failed to resolve host: Name or service not known")
