"""Whose conversation it is, without keeping who: a keyed hash."""

from __future__ import annotations

import hashlib
import hmac


def conversation_key(secret: bytes, channel: str, sender: str) -> str:
    """Return HMAC-SHA256 of channel and sender under `secret`, as 64 hexadecimal digits.

    Lone surrogates are taken as they are, so that no sender can make this fail.
    """
    named = channel.encode("utf-8", "surrogatepass"), sender.encode("utf-8", "surrogatepass")
    # The channel's length goes first: ("ab", "c") and ("a", "bc") are different conversations.
    message = len(named[0]).to_bytes(4, "big") + named[0] + named[1]
    return hmac.new(hashlib.sha256(b"conversation:" + secret).digest(), message, hashlib.sha256).hexdigest()
