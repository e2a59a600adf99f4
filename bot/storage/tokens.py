"""A channel's OAuth pair in the database: sealed, renewed by one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from bot.storage.database import writing
from bot.storage.leases import OVER, leasing
from bot.storage.models import LeaseRow, TokenRow
from bot.storage.sealing import Seal
from bot.storage.statements import replacing
from connectors.messaging import TokenPair

MAX_FAILURE = 200
LEASE_S = 60.0
WAIT_S = 0.2
OWNER = "token"


class SqlTokens:
    """The pair of one channel (`connectors.messaging.Tokens`); safe to use from several processes."""

    def __init__(self, engine: Engine, seal: Seal, channel: str) -> None:
        self._engine = engine
        self._seal = seal
        self._channel = channel
        self._lease = f"token:{channel}"

    def current(self) -> TokenPair | None:
        """Return the stored pair, None before the first connection."""
        with self._engine.connect() as connection:
            row = connection.execute(self._row()).one_or_none()
        return self._opened(row.sealed) if row else None

    def put(self, pair: TokenPair) -> None:
        """Store a pair that an operator brought in."""
        with writing(self._engine) as connection:
            self._replace(connection, pair, "")

    def renewed(self, stale: TokenPair, exchange: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Return a pair newer than `stale`, renewed by `exchange` where nobody has renewed it yet.

        One renewer over all processes, by a lease, so that no transaction is open while the vendor is asked
        (SQLite has one write lock, and messages must come in meanwhile). The new pair is stored in the
        transaction that gives the lease back. What `exchange` raises leaves the stored pair, and is noted
        for health: the refresh token is good for one use, so an operator may have to connect again.

        Raises TimeoutError where another renewer holds the lease for too long.
        """
        number = self._held(stale)
        if number is None:
            return self.current() or stale
        stored = self.current() or stale
        if stored.access != stale.access:  # renewed between the look and the lease
            self._give_back(number, "", stored)
            return stored
        try:
            pair = exchange(stored)
        except Exception as error:
            self._give_back(number, f"{datetime.now(UTC):%Y-%m-%d %H:%M} {type(error).__name__}: {error}")
            raise
        self._give_back(number, "", pair)
        return pair

    def _held(self, stale: TokenPair) -> int | None:
        """Return the number of our lease; None where another has renewed the pair meanwhile."""
        for _ in range(round(LEASE_S / WAIT_S)):
            stored = self.current()
            if stored is not None and stored.access != stale.access:
                return None
            with writing(self._engine) as connection:
                number = connection.scalar(leasing(connection, self._lease, OWNER, LEASE_S))
            if number is not None:
                return int(number)
            time.sleep(WAIT_S)
        raise TimeoutError(f"another process has been renewing the token of {self._channel} for too long")

    def _give_back(self, number: int, failure: str, pair: TokenPair | None = None) -> None:
        row, failure = TokenRow, failure[:MAX_FAILURE]
        with writing(self._engine) as connection:
            if pair is None:
                connection.execute(update(row).where(row.channel == self._channel).values(failure=failure))
            else:
                self._replace(connection, pair, failure)
            mine = (LeaseRow.conversation == self._lease, LeaseRow.number == number)
            connection.execute(update(LeaseRow).where(*mine).values(until=OVER))

    def _replace(self, connection: Connection, pair: TokenPair, failure: str) -> None:
        values = {
            "channel": self._channel,
            "sealed": self._closed(pair),
            "expires_at": pair.expires_at,
            "failure": failure,
        }
        connection.execute(replacing(connection.dialect.name, TokenRow, "channel"), values)

    def failure(self) -> str:
        """Return why the last renewal failed, "" where it did not."""
        with self._engine.connect() as connection:
            query = select(TokenRow.failure).where(TokenRow.channel == self._channel)
            return connection.scalar(query) or ""

    def _row(self) -> Any:  # noqa: ANN401  (a statement, whose type says nothing)
        return select(TokenRow.sealed).where(TokenRow.channel == self._channel)

    def _closed(self, pair: TokenPair) -> bytes:
        return self._seal.close(
            {"access": pair.access, "refresh": pair.refresh, "expires_at": pair.expires_at.isoformat()}
        )

    def _opened(self, sealed: bytes) -> TokenPair:
        values = self._seal.open(sealed)
        expires_at = datetime.fromisoformat(values["expires_at"])
        return TokenPair(values["access"], values["refresh"], expires_at)
