"""P6 of first loads, also where keys are not enforced and each makes a row: still they come one by one."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.support.waiting import wait_until
from tests.warehouse_proofs.loading import CONN_ID, load, make_random_chunk, open_warehouse
from tests.warehouse_proofs.model import Model, Tables, read_tables
from tests.warehouse_proofs.processes import CONTEXT, UNDER_THE_LOCK, StopAfter, Worker, load_once

CHUNKS = {run: make_random_chunk("without keys", number) for number, run in enumerate(("slow", "quick", "next"))}
OWNERS = "SELECT x_conn_id FROM usage_account ORDER BY 1"
UNOWNED = "INSERT INTO usage_account VALUES (:provider, :account, '', now())"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def keyless_warehouse(warehouse: Any) -> Any:
    open_warehouse(warehouse.uri).prepare()
    warehouse.drop_key("usage_account")
    return warehouse


@contextmanager
def stop_load(run: str, uri: str, words: str | tuple[str, ...], conn_id: str = CONN_ID) -> Iterator[Worker]:
    """Stop a load after the first statement that starts with ``words``."""
    has_stopped = CONTEXT.Event()
    with Worker(load_once, uri, run, CHUNKS[run], StopAfter(words, has_stopped), conn_id) as worker:
        assert has_stopped.wait(60)
        yield worker


def first_load_that_saw_no_row(uri: str, conn_id: str) -> AbstractContextManager[Worker]:
    """Stop a load, which is the account's first as far as it knows, before it makes the account's row."""
    return stop_load("slow", uri, "COMMIT", conn_id)


def expect(*runs: str) -> Tables:
    model = Model()
    for run in runs:
        model.load(run, CHUNKS[run])
    return model.tables


def test_p6_two_first_loads_of_one_connection_come_one_after_the_other(keyless_warehouse):
    uri = keyless_warehouse.uri
    with first_load_that_saw_no_row(uri, CONN_ID) as slow:
        load(open_warehouse(uri), "quick", CHUNKS["quick"])
        slow.signal(signal.SIGCONT)
        assert slow.wait() == ()
    load(open_warehouse(uri), "next", CHUNKS["next"])
    assert keyless_warehouse.query(OWNERS) == [(CONN_ID,), (CONN_ID,)]
    assert read_tables(keyless_warehouse) == expect("quick", "slow", "next")


def test_p6_of_two_first_loads_of_two_connections_the_later_is_rejected(keyless_warehouse):
    uri = keyless_warehouse.uri
    with first_load_that_saw_no_row(uri, "another") as slow:
        load(open_warehouse(uri), "quick", CHUNKS["quick"])
        slow.signal(signal.SIGCONT)
        assert "UsageConfigError" in slow.wait()
    assert keyless_warehouse.query(OWNERS) == [("",), (CONN_ID,)]
    load(open_warehouse(uri), "next", CHUNKS["next"])
    assert read_tables(keyless_warehouse) == expect("quick", "next")


def test_p6_a_row_that_is_made_while_it_is_looked_for_lets_no_load_pass_another(postgres_warehouse):
    uri = postgres_warehouse.uri
    open_warehouse(uri).prepare()
    with stop_load("slow", uri, "UPDATE usage_account") as slow:
        load(open_warehouse(uri), "next", CHUNKS["next"])
        expect_to_wait_for_quick(uri, slow)
    assert read_tables(postgres_warehouse) == expect("next", "quick", "slow")


def test_p6_a_load_learns_whose_the_account_is_after_it_waited_for_it(postgres_warehouse):
    uri = postgres_warehouse.uri
    open_warehouse(uri).prepare()
    account = CHUNKS["quick"].account
    postgres_warehouse.query(UNOWNED, provider=account.service_provider_name, account=account.billing_account_id)
    with (
        stop_load("quick", uri, UNDER_THE_LOCK) as quick,
        Worker(load_once, uri, "slow", CHUNKS["slow"], None, "another") as slow,
    ):
        wait_until(lambda: postgres_warehouse.query(WAITING) == [(1,)])
        quick.signal(signal.SIGCONT)
        assert quick.wait() == ()
        assert "UsageConfigError" in slow.wait()
    assert read_tables(postgres_warehouse) == expect("quick")


def expect_to_wait_for_quick(uri: str, slow: Worker) -> None:
    with stop_load("quick", uri, UNDER_THE_LOCK) as quick:
        slow.signal(signal.SIGCONT)
        slow.process.join(1)
        assert slow.process.is_alive()
        quick.signal(signal.SIGCONT)
        assert (quick.wait(), slow.wait()) == ((), ())


def test_p6_a_second_row_lets_no_load_pass_another(keyless_warehouse):
    uri = keyless_warehouse.uri
    with first_load_that_saw_no_row(uri, CONN_ID) as slow:
        expect_to_wait_for_quick(uri, slow)
    assert read_tables(keyless_warehouse) == expect("quick", "slow")
