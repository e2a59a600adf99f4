"""Who may come through which door: the key of the REST doors, the page's own origin, the rate."""

from __future__ import annotations

import hmac
import ipaddress
import math
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from bot.server.limits import TokenBuckets
from bot.settings import Settings

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class Guards:
    """The checks of one server; each raises HTTPException to refuse."""

    def __init__(self, settings: Settings) -> None:
        key = settings.api_key
        self._key = None if key is None else key.get_secret_value().encode()
        self._loopback = settings.loopback
        self._limit_loopback = settings.rate_loopback
        self._buckets = TokenBuckets(settings.rate_per_minute, settings.rate_burst)

    async def rest(self, request: Request) -> None:
        """Let pass who has the key; with none set, only this machine's own programs, not through a proxy."""
        if self._key is not None:
            given = request.headers.get("x-api-key", "").encode("utf-8", "surrogateescape")
            if hmac.compare_digest(given, self._key):
                return
            self._limit(request)
            raise HTTPException(401, "send the key of this server as X-API-Key")
        if not self._loopback or any(header in request.headers for header in _FORWARDED):
            raise HTTPException(403, "the REST doors are closed: the operator has to set TROLY_API_KEY")
        self._limit(request)

    async def page(self, request: Request) -> None:
        """Let pass what our own page sends; another site's page is refused."""
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        foreign = site is not None and site not in {"same-origin", "none"}
        if foreign or (origin is not None and urlsplit(origin).netloc != request.headers.get("host")):
            raise HTTPException(403, "this door is for the chat page of this server")
        self._limit(request)

    def _limit(self, request: Request) -> None:
        host = request.client.host if request.client else ""
        if not self._limit_loopback and _is_loopback(host):
            return
        wait = self._buckets.take(host)
        if wait > 0:
            raise HTTPException(429, "too many messages", headers={"Retry-After": str(math.ceil(wait))})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
