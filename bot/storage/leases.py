"""Short leases: who may work on something, until when, by a number that grows with every claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from bot.storage.models import LeaseRow
from bot.storage.statements import upserting

OVER = datetime.fromtimestamp(0, UTC)  # until when a lease stood that was given back


def leasing(where: Connection | Engine, name: str, owner: str, for_s: float) -> Any:  # noqa: ANN401
    """Return the statement that takes the lease `name` where it is free and gives its number, else no row."""
    now = datetime.now(UTC)
    until = now + timedelta(seconds=for_s)
    added = upserting(where.dialect.name, LeaseRow).values(
        conversation=name, number=1, owner=owner, until=until
    )
    return added.on_conflict_do_update(
        index_elements=[LeaseRow.conversation],
        set_={"number": LeaseRow.number + 1, "owner": owner, "until": until},
        where=LeaseRow.until < now,
    ).returning(LeaseRow.number)
