"""What can go wrong between us and the portal; each message tells the operator what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

_ADVICE = {
    401: "the public API asks for a login now: look at its network calls in a browser and report it",
    403: "the portal's firewall refuses us: wait an hour, then lower the rate; a proxy in Vietnam may help",
    404: "the portal has no such record or call any more",
    429: "too many requests: wait, then lower the rate",
}
_BUSY = "the portal is in trouble: try again later"


class PortalError(RuntimeError):
    """Base of the portal's errors. `retry_after_s` is how long the portal asks us to wait, if it says so."""

    retry_after_s: float | None = None


class PortalUnreachable(PortalError):
    """No answer, or only a part of one: connection refused or cut, too slow, TLS not valid."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the portal cannot be reached ({why}); check the network, then run the sync again")


class PortalRefused(PortalError):
    """An answer that says no: `status` is its HTTP status."""

    def __init__(self, status: int, retry_after_s: float | None = None, what: str = "") -> None:
        self.status = status
        self.retry_after_s = retry_after_s
        advice = what or _ADVICE.get(status, _BUSY if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "")
        later = f" (it asks to wait {retry_after_s:.0f} s)" if retry_after_s is not None else ""
        super().__init__(f"the portal answered {status}{later}: {advice or 'not what its API promises'}")


class PortalBroken(PortalError):
    """An answer that is not what the API promises: malformed, another shape, a web page."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the portal's answer cannot be used: {why}")


def retry_after_s(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for (a number or a date); None if it says none."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
