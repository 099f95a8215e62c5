"""P6: loads wait for each other, not for ever; a worker whose host vanished does not keep others out."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.exceptions import WarehouseUnavailableError
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.warehouse_proofs.loading import load, make_random_chunk
from tests.warehouse_proofs.model import Model, Tables, read_tables
from tests.warehouse_proofs.processes import (
    CONTEXT,
    UNDER_THE_LOCK,
    StopAfter,
    Worker,
    load_once,
    prepare_and_load,
    prepare_and_load_within_short_limits,
    shorten_limits,
)

CHUNKS = {run: make_random_chunk("waiting", number) for number, run in enumerate(("before", "first", "second"))}


def expect(*runs: str) -> Tables:
    model = Model()
    for run in runs:
        model.load(run, CHUNKS[run])
    return model.tables


@contextmanager
def stopped(work: Callable[..., None], uri: str, statement: str | tuple[str, ...]) -> Iterator[Worker]:
    """Make the load ``first`` in a process that stops after ``statement``, in the middle of its transaction."""
    has_stopped = CONTEXT.Event()
    with Worker(work, uri, "first", CHUNKS["first"], StopAfter(statement, has_stopped)) as worker:
        assert has_stopped.wait(60)
        yield worker


@pytest.fixture
def loaded_warehouse(warehouse: Any) -> Any:
    prepare_and_load(warehouse.uri, "before", CHUNKS["before"])
    return warehouse


def test_p6_a_load_waits_for_the_one_before_it_and_goes_on(loaded_warehouse):
    uri = loaded_warehouse.uri
    with (
        stopped(prepare_and_load, uri, UNDER_THE_LOCK) as first,
        Worker(prepare_and_load, uri, "second", CHUNKS["second"]) as second,
    ):
        second.process.join(1)
        assert second.process.is_alive()
        assert read_tables(loaded_warehouse) == expect("before")
        first.signal(signal.SIGCONT)
        assert (first.wait(), second.wait()) == ((), ())
    assert read_tables(loaded_warehouse) == expect("before", "first", "second")


def test_p6_a_load_that_waits_too_long_fails_so_that_airflow_retries(loaded_warehouse, monkeypatch):
    with stopped(prepare_and_load, loaded_warehouse.uri, UNDER_THE_LOCK) as first:
        shorten_limits(monkeypatch.setattr)
        begin = time.monotonic()
        with pytest.raises(WarehouseUnavailableError, match="connection 'warehouse': another"):
            load_once(loaded_warehouse.uri, "second", CHUNKS["second"])
        assert 0.9 < time.monotonic() - begin < 20
        first.signal(signal.SIGCONT)
        assert first.wait() == ()
    assert read_tables(loaded_warehouse) == expect("before", "first")


# The rows of the tables, and what only a first load does: the tables, the view, the account's row.
IN_TRANSACTIONS = (UNDER_THE_LOCK, "INSERT INTO usage_account", "CREATE TABLE usage_daily", "CREATE VIEW")


@pytest.mark.parametrize("statement", IN_TRANSACTIONS, ids=str)
def test_p6_postgresql_ends_the_transaction_of_a_worker_that_vanished(postgres_warehouse, statement):
    uri = postgres_warehouse.uri
    with stopped(prepare_and_load_within_short_limits, uri, statement) as first:
        with Worker(prepare_and_load, uri, "second", CHUNKS["second"]) as second:
            second.process.join(20)
            assert not second.process.is_alive(), "the lost worker keeps others out"
            assert second.wait() == ()
        assert read_tables(postgres_warehouse) == expect("second")
        first.signal(signal.SIGCONT)
        errors = first.wait()
    # It may have been lost where it could try again.
    assert not errors or "WarehouseUnavailableError" in errors
    assert read_tables(postgres_warehouse) == expect("second") if errors else expect("second", "first")


ASK = {
    "sqlite": "PRAGMA busy_timeout",
    "postgresql": "SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')",
}
LIMITS = {"sqlite": (60_000,), "postgresql": ("1min", "1min")}


def test_p6_nothing_is_written_without_limits_of_a_minute(warehouse):
    """The other tests shorten them."""
    found = {}
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    find_database(engine.dialect).prepare_for_loads(engine)

    @event.listens_for(engine, "before_cursor_execute")
    def ask(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith(("CREATE", "INSERT", "UPDATE", "DELETE", "\nCREATE")):
            cursor = connection.connection.cursor()
            cursor.execute(ASK[warehouse.dialect])
            found[statement[:40]] = tuple(cursor.fetchone())

    opened = Warehouse(engine, None, "warehouse")
    opened.prepare()
    load(opened, "before", CHUNKS["before"])
    # Five tables, two indexes, a view, the account's row, its lock, and that it is claimed.
    assert len(found) >= 11
    assert {statement: limits for statement, limits in found.items() if limits != LIMITS[warehouse.dialect]} == {}
