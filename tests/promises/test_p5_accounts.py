"""P5 and P6 where keys are not enforced: an account may have two rows, and is still one account and one lock."""

from __future__ import annotations

from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

CHUNK = make_chunk("analytics", ("2026-11-01", "2026-11-02"), {("2026-11-01", "abc123", "airflow"): 120})
ROW = "INSERT INTO usage_account SELECT 'Datacoves', 'analytics', '{}', CURRENT_TIMESTAMP"
OWNERS = "SELECT x_conn_id FROM usage_account ORDER BY 1"


@pytest.fixture
def opened(warehouse: Any) -> Warehouse:
    """A warehouse whose ``usage_account`` takes any row, as Snowflake's does."""
    opened = Warehouse.connect(warehouse.conn_id, None)
    opened.prepare()
    warehouse.drop_key("usage_account")
    return opened


def load(opened: Warehouse, conn_id: str) -> None:
    opened.load(CHUNK, Provenance(conn_id, "a_dag", "a_run"))


def test_p5_an_account_is_the_connections_that_loads_it_first(opened, warehouse):
    load(opened, "first")
    assert warehouse.query(OWNERS) == [("first",)]
    with pytest.raises(UsageConfigError, match="'first', not through 'second'"):
        load(opened, "second")


@pytest.mark.parametrize("rows", [("", ""), ("", "first"), ("first", "first")], ids=str)
def test_p5_two_rows_of_an_account_are_one(opened, warehouse, rows):
    for row in rows:
        warehouse.query(ROW.format(row))
    load(opened, "first")
    assert warehouse.query(OWNERS) == [("first",), ("first",)]
    with pytest.raises(UsageConfigError, match="'first', not through 'second'"):
        load(opened, "second")


def test_p5_a_row_that_nobody_owns_does_not_take_the_account_from_its_connection(opened, warehouse):
    load(opened, "first")
    warehouse.query(ROW.format(""))
    with pytest.raises(UsageConfigError, match="'first', not through 'second'"):
        load(opened, "second")
    assert warehouse.query(OWNERS) == [("",), ("first",)]
