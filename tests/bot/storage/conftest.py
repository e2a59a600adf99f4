"""Databases to test on: a SQLite file always, a PostgreSQL cluster of our own where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, delete

from bot.storage.database import open_database
from bot.storage.models import Base
from tests.delivery.postgres import Cluster, NoPostgres, cluster

BOTH = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """Give a cluster, or skip."""
    try:
        running = cluster()
        with running as one:
            yield one
    except NoPostgres as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_engine(postgres: Cluster) -> Iterator[Engine]:
    """Give one database with all tables, for tests that clear them."""
    engine = open_database(postgres.database())
    yield engine
    engine.dispose()


@pytest.fixture(params=BOTH)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        engine = open_database(f"sqlite:///{tmp_path}/troly.db")
        yield engine
        engine.dispose()
        return
    engine = request.getfixturevalue("postgres_engine")
    yield engine
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))


@pytest.fixture(params=BOTH)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Engine]:
    """Give engines of databases without any table, of each kind."""

    def made() -> Engine:
        if request.param == "sqlite":
            return create_engine(f"sqlite:///{tmp_path}/blank.db")
        return create_engine(request.getfixturevalue("postgres").database())

    return made
