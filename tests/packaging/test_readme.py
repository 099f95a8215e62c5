"""README's *Install*, *Connect* and *Run*, typed by someone who has an Airflow, bring rows into PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES
from tests.docs.markdown import find_block_after
from tests.packaging.bare_airflow import DISTRIBUTION, BareAirflow
from tests.packaging.shell import Shell
from tests.packaging.typed import find_typed
from tests.support.warehouse import WarehouseDatabase

README = "README.md"
PASSWORD = "the-warehouse-password"


@pytest.fixture
def usage_warehouse(postgres_server: str, run_on_server: Callable[[str], None]) -> Iterator[WarehouseDatabase]:
    """The README's database, and its plain user with the schema that the README gives to it."""
    run_on_server(f"CREATE ROLE usage LOGIN PASSWORD '{PASSWORD}'")
    run_on_server("CREATE DATABASE warehouse TEMPLATE template0 STRATEGY file_copy")
    uri = postgres_server.removesuffix("postgres") + "warehouse"
    WarehouseDatabase("usage_warehouse", "postgresql", uri).query(find_block_after("schema"))
    yield WarehouseDatabase("usage_warehouse", "postgresql", uri.replace("//postgres@", f"//usage:{PASSWORD}@"))
    run_on_server("DROP DATABASE warehouse WITH (FORCE)")
    run_on_server("DROP ROLE usage")


def test_installing_the_wheel_leaves_what_is_there_as_it_is(
    airflow_of_before: tuple[BareAirflow, set[str]], bare_airflow: BareAirflow
) -> None:
    _, before = airflow_of_before
    after = bare_airflow.list_packages()
    assert before - after == set()
    added = {package.partition("==")[0] for package in after - before}
    drivers = {"asyncpg", "psycopg", "psycopg-binary", "psycopg2-binary"}
    assert added - drivers - {"msgspec"} == {DISTRIBUTION, "apache-airflow-providers-postgres"}


def test_connecting_and_running_brings_a_month_into_the_warehouse(
    shell: Shell, api: DatacovesBilling, simulator: Simulator, usage_warehouse: WarehouseDatabase
) -> None:
    today = datetime.now(timezone.utc).date()
    someone = shell.knowing(DATACOVES_API_KEY=api.key, WAREHOUSE_PASSWORD=PASSWORD)
    port = str(urlsplit(usage_warehouse.uri).port)
    examples = {"https://api.example.com": simulator.url, "warehouse.example.com": "127.0.0.1", "5432": port}
    someone.type([*find_typed(README, "Connect"), *find_typed(README, "Run")], examples)
    used = read_simulator(api, today - timedelta(days=32), today)
    assert read_minutes(usage_warehouse) == used
    rows = usage_warehouse.query(find_block_after("query"))
    assert abs(sum(row[2] for row in rows) * 60 - sum(used.values())) <= len(rows)


def read_minutes(database: WarehouseDatabase) -> dict[tuple[str, str], int]:
    query = "SELECT sub_account_id, service_name, sum(consumed_quantity) FROM usage_daily GROUP BY 1, 2"
    return {(environment, service): int(minutes) for environment, service, minutes in database.query(query)}


def read_simulator(api: DatacovesBilling, start: date, end: date) -> dict[tuple[str, str], int]:
    every = [(environment, service) for environment in api.environments for service in SERVICES]
    return {one: minutes for one in every if (minutes := api.total(*one, start, end))}
