"""The Official Account's OpenAPI v3, typed: what it takes to answer people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import httpx

from connectors.messaging import PartButton, Refused, Unauthorised
from connectors.zalo import errors
from connectors.zalo.http import DEADLINE_S, HEADERS, TIMEOUT, Answer, VendorModel, answered
from connectors.zalo.texts import tapped

BASE_URL = "https://openapi.zalo.me"
VENDOR = "zalo_oa"
MAX_BUTTONS = 5
MAX_BUTTON_TITLE = 100
_PATH = "/v3.0/oa/message/cs"
_HEADER_TEXT = re.compile(r"[!-~]+")

Json = Mapping[str, object]


class Sent(VendorModel):
    """A message that was sent. The id is "" where the answer lacks it."""

    message_id: str = ""


class _Envelope(VendorModel):
    error: int
    data: object = None


class ZaloOaApi:
    """A client of the Official Account. Each method takes the access token, and raises a `SendFailed`.

    No failure holds a token or a text.
    """

    def __init__(
        self,
        base_url: str = BASE_URL,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT, headers=HEADERS)
        self._deadline_s = deadline_s

    def __repr__(self) -> str:
        return f"ZaloOaApi({self._base!r})"

    async def send_text(
        self,
        access: str,
        user_id: str,
        text: str,
        *,
        buttons: Sequence[PartButton] = (),
        quote: str | None = None,
    ) -> Sent:
        """Send `text` of at most 2,000 characters, with up to five buttons, quoting the person's message."""
        return await self._sent(access, user_id, {"text": text, **with_buttons(buttons), **quoting(quote)})

    async def send_image(self, access: str, user_id: str, image: str, text: str = "") -> Sent:
        """Send the picture at the address `image`, with `text` beside it."""
        payload = {"template_type": "media", "elements": [{"media_type": "image", "url": image}]}
        message: Json = {"attachment": {"type": "template", "payload": payload}}
        return await self._sent(access, user_id, {"text": text, **message} if text else message)

    async def send_file(self, access: str, user_id: str, file_token: str) -> Sent:
        """Send a file that was uploaded before, by its token."""
        attachment = {"type": "file", "payload": {"token": file_token}}
        return await self._sent(access, user_id, {"attachment": attachment})

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _sent(self, access: str, user_id: str, message: Json) -> Sent:
        if not _HEADER_TEXT.fullmatch(access):
            raise Unauthorised(f"{VENDOR}: the stored access token is damaged; run `troly connect zalo-oa`")
        request = self._client.build_request(
            "POST",
            f"{self._base}{_PATH}",
            headers={"access_token": access},
            json={"recipient": {"user_id": user_id}, "message": message},
        )
        answer = await answered(self._client, request, VENDOR, self._deadline_s)
        # No error means sent, whatever stands beside it: to send again would say it twice.
        try:
            return Sent.model_validate(_good(answer))
        except ValueError:
            return Sent()


def with_buttons(buttons: Sequence[PartButton]) -> Json:
    """Return the part of a message that shows `buttons`; a payload that is an https address opens it.

    Where the list stands in a v3 message is told differently by different sources; this is v2's form.
    Unverified against the live service: the channel shows buttons only where a setting says so.
    """
    if not buttons:
        return {}
    if len(buttons) > MAX_BUTTONS:
        raise Refused(f"{VENDOR}: more than {MAX_BUTTONS} buttons")
    return {"attachment": {"type": "template", "payload": {"buttons": [_button(one) for one in buttons]}}}


def quoting(quote: str | None) -> Json:
    """Return the part of a message that quotes the incoming message with the id `quote`.

    Our reference says that replies quote, and not by which key: this one is an assumption, unverified against
    the live service. The channel quotes only where a setting says so.
    """
    return {"quote_message_id": quote} if quote else {}


def _button(button: PartButton) -> Json:
    title = button.title[:MAX_BUTTON_TITLE]
    if button.payload.startswith("https://"):
        return {"title": title, "type": "oa.open.url", "payload": {"url": button.payload}}
    return {"title": title, "type": "oa.query.show", "payload": tapped(button.payload)}


def _good(answer: Answer) -> object:
    """Return the data of an answer without an error. Raises the failure that it stands for otherwise."""
    envelope = answer.read(_Envelope)
    if envelope is None:
        raise errors.failure(VENDOR, answer.status, errors.OA_STATUS, answer.retry_after_s)
    if envelope.error != 0:
        raise errors.failure(VENDOR, envelope.error, errors.OA, answer.retry_after_s)
    return envelope.data
