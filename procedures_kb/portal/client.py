"""Asks the national portal for its public list and details: slow, patient, strict about what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pyrate_limiter import Limiter, Rate
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter

from procedures_kb.portal.answers import Detail, Page, read_detail, read_page
from procedures_kb.portal.errors import (
    PortalBroken,
    PortalError,
    PortalRefused,
    PortalUnreachable,
    retry_after_s,
)
from procedures_kb.portal.settings import BROWSER_HEADERS, DETAIL_PATH, LIST_PATH, PortalSettings

__all__ = ["PortalBroken", "PortalClient", "PortalError", "PortalRefused", "PortalUnreachable"]

_T = TypeVar("_T")
_GOOD = frozenset({httpx.codes.OK, httpx.codes.CREATED})  # the portal itself answers 201
_KEEPS_METHOD = frozenset({httpx.codes.TEMPORARY_REDIRECT, httpx.codes.PERMANENT_REDIRECT})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class PortalClient:
    """The two public calls that a synchronisation needs. Use as a context manager; not for several threads.

    Every request, a repeated one too, waits its turn (`requests_per_second`). What may pass (no connection,
    429, 5xx) is tried again with growing waits and jitter, or after the portal's own `Retry-After`.
    `sleep` and `transport` are there for tests.
    """

    def __init__(
        self,
        settings: PortalSettings | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.settings = settings or PortalSettings()
        one = self.settings
        self._http = httpx.Client(
            base_url=one.base_url,
            headers=BROWSER_HEADERS
            | {"Origin": one.base_url, "Referer": f"{one.base_url}/thu-tuc-hanh-chinh"},
            timeout=httpx.Timeout(one.read_timeout_s, connect=one.connect_timeout_s),
            follow_redirects=False,
            trust_env=one.use_system_proxy,
            transport=transport,
        )
        self._turns = Limiter(Rate(1, max(1, round(1000 / one.requests_per_second))), buffer_ms=1)
        self._sleep = sleep
        self._backoff = wait_exponential_jitter(
            initial=one.first_wait_s, max=one.longest_wait_s, jitter=one.first_wait_s
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._turns.close()

    def pages(self, *, department: str | None = None) -> Iterator[Page]:
        """Yield the list's pages until the portal has no more, of one department's code or of the nation.

        Raises PortalUnreachable, PortalRefused, or PortalBroken, also for a list that goes in circles.
        """
        last, seen = "", {""}
        while True:
            query: dict[str, str | int] = {
                "limit": self.settings.page_size,
                "lastId": last,
                "q": "",
                "categoryId": "",
                "departmentCode": department or "",
            }
            page = self._ask(LIST_PATH, query, read_page)
            if not page.items:
                return
            yield page
            if not page.last_id:
                return
            if page.last_id in seen:
                raise PortalBroken(f"the list came back to {page.last_id}: its pages go in circles")
            last = page.last_id
            seen.add(last)

    def detail(self, id_: str) -> Detail:
        """Return the detail of that id with the answer's very bytes.

        Raises PortalUnreachable, PortalRefused or PortalBroken.
        """
        return self._ask(DETAIL_PATH, {"id": id_}, read_detail)

    def _ask(self, path: str, query: dict[str, str | int], read: Callable[[bytes], _T]) -> _T:
        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            wait=self._wait,
            stop=self._enough,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(lambda: read(self._body(path, query)))

    def _wait(self, state: RetryCallState) -> float:
        asked = _error(state).retry_after_s
        return self._backoff(state) if asked is None else asked

    def _enough(self, state: RetryCallState) -> bool:
        error, most = _error(state), self.settings.attempts
        if isinstance(error, PortalBroken):
            most = min(most, self.settings.broken_attempts)
        too_long = (error.retry_after_s or 0) > self.settings.longest_retry_after_s
        return too_long or state.attempt_number >= most

    def _body(self, path: str, query: dict[str, str | int]) -> bytes:
        request = self._http.build_request("POST", path, json=query)
        until = time.monotonic() + self.settings.request_limit_s
        try:
            for _ in range(self.settings.max_redirects + 1):
                self._turns.try_acquire("portal")
                answer = self._http.send(request, stream=True)
                try:
                    if not answer.is_redirect:
                        return self._read(answer, until)
                    request = _next(answer, request)
                finally:
                    answer.close()
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            raise PortalUnreachable(f"{self.settings.base_url}: {type(error).__name__}: {error}") from error
        raise PortalBroken(f"more than {self.settings.max_redirects} redirects")

    def _read(self, answer: httpx.Response, until: float) -> bytes:
        if answer.status_code not in _GOOD:
            raise PortalRefused(answer.status_code, retry_after_s(answer.headers.get("Retry-After")))
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self.settings.max_body_bytes:
                raise PortalBroken(f"an answer larger than {self.settings.max_body_bytes:,} bytes")
            if time.monotonic() > until:
                raise PortalUnreachable(
                    f"an answer that took longer than {self.settings.request_limit_s:g} s"
                )
        return bytes(body)


def _error(state: RetryCallState) -> PortalError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, PortalError) else PortalError(str(error))


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, PortalRefused):
        return error.status in _PASSING
    return isinstance(error, PortalUnreachable | PortalBroken)


def _next(answer: httpx.Response, request: httpx.Request) -> httpx.Request:
    """Return the request that the redirect asks for; only the same host may get one."""
    following = answer.next_request
    if following is None or answer.status_code not in _KEEPS_METHOD:
        raise PortalRefused(answer.status_code, what="redirects away from its API")
    old, new = request.url, following.url
    if (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port):
        raise PortalRefused(answer.status_code, what=f"redirects to another host: {new.host}")
    return following
