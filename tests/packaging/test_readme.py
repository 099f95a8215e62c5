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
def analytics(postgres_server: str, run_on_server: Callable[[str], None]) -> Iterator[WarehouseDatabase]:
    """The README's database, and its user with the one right that the README asks for."""
    run_on_server(f"CREATE ROLE usage LOGIN PASSWORD '{PASSWORD}'")
    run_on_server("CREATE DATABASE analytics TEMPLATE template0 STRATEGY file_copy")
    uri = postgres_server.removesuffix("postgres") + "analytics"
    database = WarehouseDatabase("usage_warehouse", "postgresql", uri)
    database.query("GRANT CREATE ON SCHEMA public TO usage")
    yield database
    run_on_server("DROP DATABASE analytics WITH (FORCE)")
    run_on_server("DROP ROLE usage")


def test_installing_the_wheel_leaves_what_is_there_as_it_is(
    airflow_of_before: tuple[BareAirflow, set[str]], bare_airflow: BareAirflow
) -> None:
    _, before = airflow_of_before
    after = bare_airflow.list_packages()
    assert before - after == set()
    added = {package.partition("==")[0] for package in after - before}
    assert added - {"msgspec"} == {DISTRIBUTION}  # Airflow 3 has msgspec itself


def test_connecting_and_running_brings_a_month_into_the_warehouse(
    shell: Shell, api: DatacovesBilling, simulator: Simulator, analytics: WarehouseDatabase
) -> None:
    today = datetime.now(timezone.utc).date()
    # The README's server has the usual port, ours has not.
    port = str(urlsplit(analytics.uri).port)
    someone = shell.knowing(DATACOVES_API_KEY=api.key, WAREHOUSE_PASSWORD=PASSWORD, PGPORT=port)
    blocks = [*find_typed(README, "Connect"), *find_typed(README, "Run")]
    screen = someone.type(blocks, {"https://api.example.com": simulator.url, "warehouse.example.com": "127.0.0.1"})
    assert "Connection success!" in screen
    used = read_simulator(api, today - timedelta(days=32), today)
    assert read_minutes(analytics) == used
    hours = sum(row[2] for row in analytics.query(find_block_after("query")))
    assert round(hours * 60) == sum(used.values())


def read_minutes(database: WarehouseDatabase) -> dict[tuple[str, str], int]:
    query = "SELECT sub_account_id, service_name, sum(consumed_quantity) FROM usage_daily GROUP BY 1, 2"
    return {(environment, service): int(minutes) for environment, service, minutes in database.query(query)}


def read_simulator(api: DatacovesBilling, start: date, end: date) -> dict[tuple[str, str], int]:
    every = [(environment, service) for environment in api.environments for service in SERVICES]
    return {one: minutes for one in every if (minutes := api.total(*one, start, end))}
