"""Where somebody who wrote can be reached: for the operator's test message."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select

from bot.storage.models import AddressRow, InboxRow
from bot.storage.sealing import Seal


class SqlAddresses:
    """Reads the sealed addresses of one database."""

    def __init__(self, engine: Engine, seal: Seal) -> None:
        self._engine = engine
        self._seal = seal

    def newest(self, channel: str, since: datetime) -> str | None:
        """Return the chat of the newest message of `channel` that was taken since then (UTC), else None.

        Counted by our own clock, not by the vendor's. Raises Unsealable where it was sealed under another
        key.
        """
        query = (
            select(AddressRow.sealed)
            .join(InboxRow, InboxRow.conversation == AddressRow.conversation)
            .where(InboxRow.channel == channel, InboxRow.received_at >= since, ~AddressRow.gone)
            .order_by(InboxRow.received_at.desc(), InboxRow.id.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            sealed = connection.scalar(query)
        return None if sealed is None else self._seal.open(sealed)["chat"]
