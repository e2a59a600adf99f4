"""Proofs that a webhook call comes from Zalo. All fail closed and compare in constant time."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

BOT_HEADER = "x-bot-api-secret-token"
OA_HEADER = "x-zevent-signature"
MAX_CLOCK = timedelta(minutes=5)


def secret_holds(given: str | None, secret: str | None) -> bool:
    """Return whether `given` is `secret`. Never true where no secret is set."""
    if not secret or given is None:
        return False
    return hmac.compare_digest(_bytes(given), _bytes(secret))


def event_mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """Return the hex digest of the Official Account's signature over the raw `body`.

    Plain SHA-256 of app id, body, timestamp and secret in a row, not an HMAC. Third parties agree on it;
    unverified against the live service.
    """
    return hashlib.sha256(_bytes(app_id) + body + _bytes(timestamp) + _bytes(secret)).hexdigest()


def bare_mac(header: str) -> str:
    """Return the hex digest of a signature header, which comes with or without "mac=" before it.

    Sources disagree on the prefix; unverified against the live service.

    >>> bare_mac("mac=AB12"), bare_mac(" ab12 ")
    ('ab12', 'ab12')
    """
    return header.strip().removeprefix("mac=").strip().lower()


def signature_holds(header: str | None, app_id: str, body: bytes, timestamp: str, secret: str | None) -> bool:
    """Return whether `header` signs `body`. Never true where no secret or no app id is set."""
    if not secret or not app_id or not header:
        return False
    return hmac.compare_digest(_bytes(bare_mac(header)), event_mac(app_id, body, timestamp, secret).encode())


def fresh(sent_at: datetime, now: datetime) -> bool:
    """Return whether an update is at most five minutes old, or early by as much."""
    return abs(now - sent_at) <= MAX_CLOCK


def _bytes(text: str) -> bytes:
    # A header may hold anything; compare_digest takes no text beyond ASCII.
    return text.encode("utf-8", "surrogatepass")
