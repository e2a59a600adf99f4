"""The tables are made from blank and from the schema before, whose rows stay, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select

from bot.storage.database import migrate
from bot.storage.models import Base, CatalogueRow, ConversationRow, InboxRow
from tests.bot.storage.delivered import inbox, incoming, rows

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD_ROWS: dict[type[Base], dict[str, Any]] = {
    ConversationRow: {"id": "hash", "state": {"introduced": True}, "version": 3, "updated_at": NOW},
    CatalogueRow: {
        "number": 1,
        "created_at": NOW,
        "digest": "d" * 64,
        "base": "b" * 64,
        "origin": "shipped",
        "procedures": 1,
        "imported": [],
        "records": b"\x1f\x8b",
    },
}


def moved(engine: Engine, to: str) -> None:
    with engine.begin() as connection:
        migrate(connection, to)


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


def test_from_blank(blank: Callable[[], Engine]) -> None:
    engine = blank()
    moved(engine, "head")
    assert differences(engine) == []
    engine.dispose()


def test_from_the_schema_before_with_rows_and_back(blank: Callable[[], Engine]) -> None:
    engine = blank()
    moved(engine, "0002")
    with engine.begin() as connection:
        for table, values in OLD_ROWS.items():
            connection.execute(insert(table).values(**values))
    moved(engine, "head")
    assert differences(engine) == []
    assert [row.version for row in rows(engine, ConversationRow)] == [3]
    with engine.connect() as connection:
        assert connection.scalar(select(CatalogueRow.records)) == b"\x1f\x8b"
    assert inbox(engine).accept("telegram", [incoming("1")]) == 1
    assert len(rows(engine, InboxRow)) == 1
    moved(engine, "0002")
    assert not inspect(engine).has_table("inbox")
    assert [row.version for row in rows(engine, ConversationRow)] == [3]
    engine.dispose()
