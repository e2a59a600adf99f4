"""A channel's OAuth pair in the database: sealed, renewed by one process at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select, update

from bot.storage.database import writing
from bot.storage.inbox import upserting
from bot.storage.models import TokenRow
from bot.storage.sealing import Seal
from connectors.messaging import TokenPair

MAX_FAILURE = 200


class SqlTokens:
    """The pair of one channel (`connectors.messaging.Tokens`); safe to use from several processes."""

    def __init__(self, engine: Engine, seal: Seal, channel: str) -> None:
        self._engine = engine
        self._seal = seal
        self._channel = channel

    def current(self) -> TokenPair | None:
        """Return the stored pair, None before the first connection."""
        with self._engine.connect() as connection:
            row = connection.execute(self._row()).one_or_none()
        return self._opened(row.sealed) if row else None

    def put(self, pair: TokenPair) -> None:
        """Store a pair that an operator brought in."""
        values = {"sealed": self._closed(pair), "expires_at": pair.expires_at, "failure": ""}
        with writing(self._engine) as connection:
            added = upserting(connection, TokenRow).values(channel=self._channel, **values)
            connection.execute(added.on_conflict_do_update(index_elements=[TokenRow.channel], set_=values))

    def renewed(self, stale: TokenPair, exchange: Callable[[TokenPair], TokenPair]) -> TokenPair:
        """Return a pair newer than `stale`, renewed by `exchange` under the row's lock where nobody has yet.

        What `exchange` raises leaves the stored pair, and is noted for health: the refresh token is good for
        one use, so an operator may have to connect the channel again.
        """
        try:
            with writing(self._engine) as connection:
                row = connection.execute(self._row().with_for_update()).one_or_none()
                stored = self._opened(row.sealed) if row else stale
                if stored.access != stale.access:
                    return stored
                pair = exchange(stored)
                values = {"sealed": self._closed(pair), "expires_at": pair.expires_at, "failure": ""}
                added = upserting(connection, TokenRow).values(channel=self._channel, **values)
                connection.execute(
                    added.on_conflict_do_update(index_elements=[TokenRow.channel], set_=values)
                )
                return pair
        except Exception as error:
            self._note(f"{datetime.now(UTC):%Y-%m-%d %H:%M} {type(error).__name__}: {error}")
            raise

    def failure(self) -> str:
        """Return why the last renewal failed, "" where it did not."""
        with self._engine.connect() as connection:
            query = select(TokenRow.failure).where(TokenRow.channel == self._channel)
            return connection.scalar(query) or ""

    def _note(self, failure: str) -> None:
        with writing(self._engine) as connection:
            row = update(TokenRow).where(TokenRow.channel == self._channel)
            connection.execute(row.values(failure=failure[:MAX_FAILURE]))

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
