"""The Zalo Bot Platform's methods, typed. Its token stands in every address: none leaves this module."""

from __future__ import annotations

import re
from typing import TypeVar

import httpx

from connectors.messaging import Postponed
from connectors.zalo import errors
from connectors.zalo.http import DEADLINE_S, HEADERS, TIMEOUT, Answer, VendorModel, answered

BASE_URL = "https://bot-api.zaloplatforms.com"
MIN_SECRET, MAX_SECRET = 8, 256
VENDOR = "zalo_bot"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_.~+=-]+")
_IDLE = 408


class Account(VendorModel):
    """The bot itself."""

    id: str
    account_name: str = ""
    account_type: str = ""
    can_join_groups: bool = False


class Webhook(VendorModel):
    """Where updates are sent; `url` is "" where no webhook is set."""

    url: str = ""
    updated_at: str | None = None


class Sent(VendorModel):
    """A message that was sent; `date` is in milliseconds. The id is "" where the answer lacks it."""

    message_id: str = ""
    date: int | None = None


class Nothing(VendorModel):
    """A result that says nothing more than that it was done."""


class _Envelope(VendorModel):
    ok: bool
    error_code: int | None = None
    result: object = None


_M = TypeVar("_M", bound=VendorModel)


class ZaloBotApi:
    """A client of one bot. Every method raises a `SendFailed`, and none of them holds the token or a text.

    `base_url` and `transport` are for tests and for the vendor's older host. Raises BadToken.
    """

    def __init__(
        self,
        token: str,
        base_url: str = BASE_URL,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        if not _TOKEN.fullmatch(token):
            raise errors.BadToken(
                "this is no token of a Zalo bot: it is a number, a colon and a secret, in one line; "
                "copy it again from the message in which Zalo Bot Manager gave it"
            )
        hidden = _TokenInPath(token, transport or httpx.AsyncHTTPTransport())
        self._base = base_url.rstrip("/")
        self._client = httpx.AsyncClient(transport=hidden, timeout=TIMEOUT, headers=HEADERS)
        self._deadline_s = deadline_s

    def __repr__(self) -> str:
        return f"ZaloBotApi({self._base!r})"

    async def get_me(self) -> Account:
        """Return the bot: the simplest way to check a token."""
        return await self._result(Account, "getMe")

    async def get_update(self, timeout_s: int = 30) -> dict[str, object] | None:
        """Wait for one update and return it as the vendor's JSON (`bot_events.read_event`); None while idle.

        For development only: it works while no webhook is set, and what was returned is gone.
        """
        answer = await self._asked("getUpdates", self._deadline_s + timeout_s, timeout=str(timeout_s))
        envelope = answer.read(_Envelope)
        if _is_idle(answer, envelope):
            return None
        result = _good(answer, envelope)
        if not isinstance(result, dict):
            raise Postponed(f"{VENDOR}: getUpdates gave no update")
        return result

    async def set_webhook(self, url: str, secret_token: str) -> Webhook:
        """Have updates sent to `url` (https), with `secret_token` (8 to 256 characters) in their header."""
        return await self._result(Webhook, "setWebhook", url=url, secret_token=secret_token)

    async def delete_webhook(self) -> Webhook:
        """Have updates sent nowhere."""
        return await self._result(Webhook, "deleteWebhook")

    async def get_webhook_info(self) -> Webhook:
        """Return where updates are sent."""
        return await self._result(Webhook, "getWebhookInfo")

    async def send_message(self, chat_id: str, text: str) -> Sent:
        """Send `text` of 1 to 2,000 characters."""
        return await self._done(Sent, "sendMessage", chat_id=chat_id, text=text)

    async def send_photo(self, chat_id: str, photo: str, caption: str = "") -> Sent:
        """Send the picture at the address `photo`, with a caption of at most 2,000 characters."""
        values = {"chat_id": chat_id, "photo": photo} | ({"caption": caption} if caption else {})
        return await self._done(Sent, "sendPhoto", **values)

    async def send_sticker(self, chat_id: str, sticker: str) -> Sent:
        """Send the sticker with the id `sticker`."""
        return await self._done(Sent, "sendSticker", chat_id=chat_id, sticker=sticker)

    async def send_chat_action(self, chat_id: str, action: str = "typing") -> None:
        """Show that an answer is being written."""
        await self._done(Nothing, "sendChatAction", chat_id=chat_id, action=action)

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _result(self, model: type[_M], method: str, **values: str) -> _M:
        """Return what `method` gives; an answer of another form is a failure."""
        answer = await self._asked(method, self._deadline_s, **values)
        found = _as(model, _good(answer, answer.read(_Envelope)))
        if found is None:
            raise Postponed(f"{VENDOR}: the answer of {method} has an unknown form")
        return found

    async def _done(self, model: type[_M], method: str, **values: str) -> _M:
        """Do `method`. "ok" means done, whatever stands beside it: to send again would say it twice."""
        answer = await self._asked(method, self._deadline_s, **values)
        return _as(model, _good(answer, answer.read(_Envelope))) or model()

    async def _asked(self, method: str, deadline_s: float, **values: str) -> Answer:
        timeout = (
            httpx.Timeout(max(10.0, deadline_s - 10.0), connect=5.0) if method == "getUpdates" else TIMEOUT
        )
        request = self._client.build_request("POST", f"{self._base}/{method}", json=values, timeout=timeout)
        return await answered(self._client, request, VENDOR, deadline_s)


def _as(model: type[_M], result: object) -> _M | None:
    try:
        return model.model_validate(result)
    except ValueError:
        return None


def _good(answer: Answer, envelope: _Envelope | None) -> object:
    """Return the result of an answer that says ok. Raises the failure that it stands for otherwise.

    Errors come under HTTP 200 too, so `ok` decides and the status only where there is no envelope or no code.
    """
    if envelope is not None and envelope.ok:
        return envelope.result
    if envelope is None:
        raise errors.failure(VENDOR, answer.status, errors.BOT_STATUS, answer.retry_after_s)
    code = answer.status if envelope.error_code is None else envelope.error_code
    raise errors.failure(VENDOR, code, errors.BOT, answer.retry_after_s)


def _is_idle(answer: Answer, envelope: _Envelope | None) -> bool:
    if envelope is None or envelope.ok:
        return False
    return _IDLE in {envelope.error_code, answer.status}


class _TokenInPath(httpx.AsyncBaseTransport):
    """Puts the token into the address at the last moment.

    httpx writes each address to its log and keeps it in its errors: it never gets to know the real one.
    """

    def __init__(self, token: str, inner: httpx.AsyncBaseTransport) -> None:
        self._segment = b"/bot" + token.encode() + b"/"
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to the address with the token before its method."""
        before, _, method = request.url.raw_path.rpartition(b"/")
        url = request.url.copy_with(raw_path=before + self._segment + method)
        real = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return await self._inner.handle_async_request(real)

    async def aclose(self) -> None:
        """Close the transport below."""
        await self._inner.aclose()
