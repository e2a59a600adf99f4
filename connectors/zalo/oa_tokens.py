"""The Official Account's token pair: exchanged once by the operator, then refreshed for ever.

The functions here block: they run inside the transaction that stores what they return.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import httpx
from pydantic import Field

from connectors.messaging import Postponed, TokenPair, Unauthorised
from connectors.zalo import errors
from connectors.zalo.http import HEADERS, TIMEOUT, Answer, VendorModel, answered_now

BASE_URL = "https://oauth.zaloapp.com"
VENDOR = "zalo_oa sign-in"
_PATH = "/v4/oa/access_token"
_UNKNOWN_LIFE = timedelta(hours=1)
_MAX_LIFE_S = 90 * 24 * 3600
_HEADER_TEXT = re.compile(r"[!-~]+")

_Token = Annotated[str, Field(pattern=r"^[!-~]+$", max_length=8192)]


class _Pair(VendorModel):
    access_token: _Token
    refresh_token: _Token
    expires_in: object = None


class _Error(VendorModel):
    error: int | str


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def lifetime(expires_in: object) -> timedelta:
    """Return how long an access token lives: the vendor writes the seconds as a text, "90000".

    One hour where it cannot be read: the pair is good, its refresh token has been spent for it, and to fail
    here would lose it. Unverified against the live service.

    >>> lifetime("90000"), lifetime(None)
    (datetime.timedelta(days=1, seconds=3600), datetime.timedelta(seconds=3600))
    """
    digits = str(expires_in) if isinstance(expires_in, int | str) and not isinstance(expires_in, bool) else ""
    if not re.fullmatch(r"[0-9]{1,9}", digits) or int(digits) == 0:
        return _UNKNOWN_LIFE
    return timedelta(seconds=min(int(digits), _MAX_LIFE_S))


def new_verifier() -> str:
    """Return a fresh PKCE code verifier (RFC 7636, 43 characters)."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """Return the S256 code challenge of `verifier` (RFC 7636).

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def permission_url(
    app_id: str, redirect_uri: str, verifier: str, state: str, base_url: str = BASE_URL
) -> str:
    """Return the page on which the account's owner allows the app; it leads to `redirect_uri?code=…&state=…`.

    Several third parties agree on it; unverified against the live service.
    """
    query = {
        "app_id": app_id,
        "redirect_uri": redirect_uri,
        "code_challenge": challenge(verifier),
        "state": state,
    }
    return f"{base_url.rstrip('/')}/v4/oa/permission?{urlencode(query)}"


class OaSignIn:
    """Gets token pairs for the app `app_id`, whose own key is `secret_key`. Raises BadToken for odd ones."""

    def __init__(
        self,
        app_id: str,
        secret_key: str,
        base_url: str = BASE_URL,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        if not (_HEADER_TEXT.fullmatch(app_id) and _HEADER_TEXT.fullmatch(secret_key)):
            raise errors.BadToken(
                "the app id or its secret key is empty or has odd characters; copy them again"
            )
        self._app_id = app_id
        self._secret_key = secret_key
        self._base = base_url.rstrip("/")
        self._transport = transport
        self._clock = clock

    def __repr__(self) -> str:
        return f"OaSignIn(app_id={self._app_id!r})"

    def refreshed(self, pair: TokenPair) -> TokenPair:
        """Return the pair after `pair`, whose refresh token is spent by this: `Tokens.renewed` takes it.

        Raises Postponed (try again) or Unauthorised (the operator must connect again; also where an earlier
        answer was lost on its way, because the refresh token was spent for it).
        """
        return self._asked(grant_type="refresh_token", refresh_token=pair.refresh)

    def exchanged(self, code: str, verifier: str) -> TokenPair:
        """Return the first pair, for the `code` that the permission page gave. Raises as `refreshed`."""
        return self._asked(grant_type="authorization_code", code=code, code_verifier=verifier)

    def _asked(self, **form: str) -> TokenPair:
        with httpx.Client(transport=self._transport, timeout=TIMEOUT, headers=HEADERS) as client:
            request = client.build_request(
                "POST",
                f"{self._base}{_PATH}",
                headers={"secret_key": self._secret_key},
                data={"app_id": self._app_id, **form},
            )
            answer = answered_now(client, request, VENDOR)
        found = answer.read(_Pair)
        if found is None:
            raise _refusal(answer)
        expires_at = self._clock() + lifetime(found.expires_in)
        return TokenPair(found.access_token, found.refresh_token, expires_at)


def _refusal(answer: Answer) -> Postponed | Unauthorised:
    """Return what an answer without a pair means: errors arrive under HTTP 200."""
    error = answer.read(_Error)
    if error is None and (answer.status >= 500 or answer.status == 429 or answer.status < 400):
        return Postponed(f"{VENDOR} {answer.status}: no answer of a known form", answer.retry_after_s)
    if error is not None and error.error in {-32, "-32"}:
        return Postponed(f"{VENDOR} -32: too many requests", answer.retry_after_s)
    code = _short(error.error) if error is not None else str(answer.status)
    return Unauthorised(f"{VENDOR} {code}: refused; run `troly connect zalo-oa`")


def _short(code: int | str) -> str:
    """Return an error code as it may be logged: one that is no number could hold anything."""
    return str(code) if re.fullmatch(r"-?\d{1,9}", str(code)) else "error"
