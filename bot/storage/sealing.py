"""Seals what must be kept and must not be read: channel ids and tokens, under a key made of the server's."""

from __future__ import annotations

import base64
import hashlib
import json
import logging

from cryptography.fernet import Fernet, InvalidToken

logger = logging.getLogger(__name__)


class Unsealable(ValueError):
    """What is stored was sealed under another key; the message says what the operator must do."""


class Seal:
    """Encrypts small objects (Fernet: AES-128-CBC with an HMAC); safe to share between threads."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = hashlib.sha256(b"seal:" + purpose.encode() + b":" + secret).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, value: dict[str, str]) -> bytes:
        """Return `value`, sealed."""
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=True).encode())

    def chat(self, sealed: bytes) -> str | None:
        """Return the channel's own id of a sealed address; None, and a line in the log, where that fails.

        One address under a lost key must not hold up all others.
        """
        try:
            return self.open(sealed)["chat"]
        except Unsealable as error:
            logger.error("%s", error)
            return None

    def open(self, sealed: bytes) -> dict[str, str]:
        """Return what was sealed. Raises Unsealable."""
        try:
            return {str(key): str(value) for key, value in json.loads(self._fernet.decrypt(sealed)).items()}
        except (InvalidToken, ValueError) as error:
            raise Unsealable(
                "a stored address or token was sealed under another key: restore the old TROLY_SECRET_KEY, "
                "or connect the channel again"
            ) from error
