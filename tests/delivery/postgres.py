"""A PostgreSQL cluster of its own in a folder that goes away, reached through a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

USER = "troly"
PORT = 8499  # it names the socket; nothing listens on the network
_databases = count(1)


class NoPostgres(RuntimeError):
    """There is no PostgreSQL server on this machine, or it does not start; the message says which."""


@cache
def binaries() -> Path:
    """Return the folder of initdb and pg_ctl. Raises NoPostgres."""
    versions = Path("/usr/lib/postgresql")
    folders = sorted(versions.glob("*/bin"), key=lambda folder: folder.parent.name, reverse=True)
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoPostgres("no PostgreSQL server is installed (initdb, pg_ctl): apt-get install postgresql")


class Cluster:
    """A running cluster. `database()` gives the address of a fresh, blank database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def database(self) -> str:
        """Return the SQLAlchemy address of a new database."""
        from sqlalchemy import create_engine, text

        name = f"troly_{next(_databases)}"
        engine = create_engine(self._address("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"create database {name}"))
        engine.dispose()
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}&port={PORT}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a cluster; it is stopped and deleted afterwards. Raises NoPostgres."""
    where = binaries()
    folder = Path(tempfile.mkdtemp(prefix="troly-pg-"))
    try:
        owned(folder)
        data = folder / "data"
        options = ["-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync"]
        _run([str(where / "initdb"), "-D", str(data), *options])
        settings = (
            f"-c listen_addresses= -c unix_socket_directories={folder} -c port={PORT} -c fsync=off "
            "-c shared_buffers=32MB -c max_connections=60"
        )
        log = str(folder / "log")
        _run([str(where / "pg_ctl"), "-D", str(data), "-l", log, "-o", settings, "-w", "start"])
        try:
            yield Cluster(folder)
        finally:
            _run([str(where / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def owned(folder: Path) -> None:
    """Give `folder` to the user that PostgreSQL runs as: it refuses to run as root."""
    if os.geteuid() == 0:
        account = _account()
        os.chown(folder, account.pw_uid, account.pw_gid)


def _account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _run(command: list[str]) -> None:
    as_root = os.geteuid() == 0
    account = _account() if as_root else None
    done = subprocess.run(
        command,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if as_root else None,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": "/"},
        cwd="/",
        # A server that goes on in the background must not hold a pipe open.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise NoPostgres(f"{Path(command[0]).name} failed ({done.returncode})")
