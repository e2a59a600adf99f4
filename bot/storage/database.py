"""The database: SQLite for one process, PostgreSQL for more; the address decides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Executable, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 10_000
HEAD = "0003"  # the last migration; a test holds it equal to the files


class DatabaseUnavailable(RuntimeError):
    """The database cannot be opened or brought up to date; the message says what the operator must do."""


def open_database(address: str) -> Engine:
    """Return an engine for `address`, its tables brought up to date by the migrations.

    Raises DatabaseUnavailable where the address is wrong, its driver missing, or the database out of reach.
    """
    try:
        url = make_url(address)
        engine = _engine(url)
        with engine.begin() as connection:
            migrate(connection)
    except ModuleNotFoundError as error:
        raise DatabaseUnavailable(
            f"the driver {error.name} for TROLY_DATABASE_URL is not installed: for PostgreSQL, "
            "`pip install 'psycopg[binary]'` and an address that begins with postgresql+psycopg://"
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUnavailable("TROLY_DATABASE_URL is not an address that SQLAlchemy knows") from error
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseUnavailable(f"cannot open {_shown(address)}: {_reason(error)}") from error
    return engine


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the tables of `connection` to the revision `to` (upwards, or down to a revision before)."""
    if to == "head" and _revision(connection) == HEAD:
        return  # alembic itself is not even imported: every start counts
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if to == "base" or (current is not None and to in _before(scripts, current)):
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _before(scripts: Any, current: str) -> set[str]:  # noqa: ANN401  (alembic is imported only when used)
    return {revision.revision for revision in scripts.iterate_revisions(current, "base")} - {current}


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # SQLite lets writers try again after ever longer sleeps: in one process they wait in line instead.
    line = {"troly_line": (threading.Lock(), threading.Lock())}
    engine = create_engine(url, connect_args={"check_same_thread": False}, execution_options=line)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine, *, hurried: bool = False) -> Iterator[Connection]:
    """Give a transaction that will write: SQLite takes its one write lock at the beginning.

    A transaction that reads first and writes then would fail there, at once, where another has written
    meanwhile. Of those that wait, the `hurried` ones wait for one other at most, and for each other.
    """
    line = engine.get_execution_options().get("troly_line")
    before, turn = line or (nullcontext(), nullcontext())
    with nullcontext() if hurried else before, turn, engine.connect() as connection:
        immediate = connection.execution_options(troly_writes=True)
        with immediate.begin():
            yield immediate


def nothing(engine: Engine, query: Executable, **values: object) -> bool:
    """Return whether `query` certainly finds nothing now: on SQLite, where one can look without a lock.

    Workers and senders ask several times a second whether there is work: those that only look must not hold
    up the messages that come in. PostgreSQL's rows have locks of their own; there it is always False.
    """
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        return connection.execute(query, values).first() is None


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("troly_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  (the driver's own class)
    connection.isolation_level = None  # transactions begin as _begin_sqlite says
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _shown(address: str) -> str:
    return make_url(address).render_as_string(hide_password=True)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
