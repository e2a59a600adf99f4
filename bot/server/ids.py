"""Conversation ids that this server signs: they cannot be guessed, and a made-up one is known."""

from __future__ import annotations

import hashlib
import secrets

from itsdangerous import BadSignature, Signer

from connectors.contract import ForgedId

RANDOM_BYTES = 18


class SignedIds:
    """The ids of one door (`channel`): those of another door are strange here."""

    def __init__(self, secret: bytes, channel: str) -> None:
        self._signer = Signer(
            secret, salt=f"conversation-id:{channel}", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def new(self) -> str:
        """Return a fresh signed id, safe in an address."""
        return self._signer.sign(secrets.token_urlsafe(RANDOM_BYTES)).decode()

    def opened(self, signed: str) -> str:
        """Return the sender behind `signed`. Raises ForgedId where this door did not sign it."""
        try:
            return self._signer.unsign(signed.encode("utf-8", "surrogatepass")).decode()
        except BadSignature as error:
            raise ForgedId("not signed here") from error
