"""The database is made from blank, brought up to date, and says plainly what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from bot.storage.database import HEAD, MIGRATIONS, DatabaseUnavailable, migrate, open_database
from bot.storage.models import Base


def test_migrations_from_blank_give_the_tables_of_the_models(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/a/b/troly.db")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_last_migration_is_the_one_that_the_code_expects() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/troly.db"
    open_database(address).dispose()
    assert "conversation" in inspect(open_database(address)).get_table_names()


def test_migrations_go_down_and_up_again(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/troly.db")
    with engine.begin() as connection:
        migrate(connection)
    with engine.begin() as connection:
        migrate(connection, "base")
    assert "conversation" not in inspect(engine).get_table_names()
    with engine.begin() as connection:
        migrate(connection)
    assert "conversation" in inspect(engine).get_table_names()


def test_sqlite_writes_ahead_and_waits(tmp_path: Path) -> None:
    with open_database(f"sqlite:///{tmp_path}/troly.db").connect() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
        assert connection.execute(text("pragma busy_timeout")).scalar() == 10_000


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "not an address"),
        ("martian://x/y", "not an address"),
        ("postgresql+psycopg://u:hunter2@127.0.0.1:1/x", "driver psycopg|cannot open"),
    ],
)
def test_a_wrong_address_is_told_plainly(address: str, said: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=said) as told:
        open_database(address)
    assert "hunter2" not in str(told.value)


def test_a_file_that_is_no_database_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "troly.db").write_text("this is not a database " * 100)
    with pytest.raises(DatabaseUnavailable, match=r"cannot open .*troly\.db"):
        open_database(f"sqlite:///{tmp_path}/troly.db")
