"""Tells cheaply, on SQLite, that there is nothing to work or to send."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine


class Quiet:
    """Looks whether a query finds anything, as long as the last one found nothing, without a write lock.

    Workers and senders ask several times a second whether there is work. On SQLite those that only look must
    not hold up the messages that come in; PostgreSQL's rows have locks of their own. One for each table.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._looks = engine.dialect.name == "sqlite"
        self.found = False  # shared by threads: a wrong value costs one query

    def holds(self, query: Any, **values: object) -> bool:  # noqa: ANN401  (a statement)
        """Return whether there is certainly nothing now."""
        if self.found or not self._looks:
            return False
        with self._engine.connect() as connection:
            return connection.execute(query, values).first() is None
