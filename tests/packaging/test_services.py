"""The commands of the services' pages, typed, make connections with which a daily DAG collects them all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, Simulator, WebCrawlerApi
from tests.dags.test_collect_daily import read_totals
from tests.packaging.shell import Shell
from tests.packaging.typed import SERVICES, find_typed
from tests.support.services import Services
from tests.support.warehouse import WarehouseDatabase

COLLECT = """
mkdir "$HOME/airflow/dags"
cp dags/usage_collect_daily.py "$HOME/airflow/dags/"
airflow dags test usage_collect_daily
"""


@pytest.fixture
def services() -> Services:
    """The keys are those that the pages show."""
    return Services(
        DatacovesBilling(key="YOUR_API_KEY"),
        Adverity(key="YOUR_API_KEY", auth_scheme="Bearer"),
        WebCrawlerApi(key="YOUR_ADMIN_API_KEY"),
        B3os(key="YOUR_API_TOKEN"),
    )


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with Simulator(*services.values()) as simulator:
        yield simulator.url


def test_connections_of_the_command_line_collect_what_was_used(
    shell: Shell, services: Services, url: str, postgres_warehouse: WarehouseDatabase
) -> None:
    keys = {
        "DATACOVES_API_KEY": services["datacoves_billing"].key,
        "ADVERITY_API_KEY": services["adverity"].key,
        "WEBCRAWLERAPI_ADMIN_KEY": services["webcrawlerapi"].key,
        "B3OS_API_TOKEN": services["b3os"].key,
    }
    own_host = ("--conn-type webcrawlerapi", f"--conn-type webcrawlerapi --conn-host {url}")
    collect(shell.knowing(**keys), "airflow connections add ", dict([*find_hosts(url), own_host]))
    check(services, postgres_warehouse)


def test_connections_of_the_environment_collect_what_was_used(
    shell: Shell, services: Services, url: str, postgres_warehouse: WarehouseDatabase
) -> None:
    own_host = ('"conn_type": "webcrawlerapi"', f'"conn_type": "webcrawlerapi", "host": "{url}"')
    collect(shell, "export AIRFLOW_CONN_", dict([*find_hosts(url), own_host]))
    check(services, postgres_warehouse)


def find_hosts(url: str) -> list[tuple[str, str]]:
    """Return the pages' examples of hosts, with the ``url`` in their place. WebCrawlerAPI's page needs none."""
    return [("https://api.example.com", url), ("https://example.datatap.adverity.com", url)]


def collect(someone: Shell, beginning: str, examples: Mapping[str, str]) -> None:
    """Type the blocks with this ``beginning``, one of each page, and what runs the DAG."""
    blocks = [text for page in SERVICES for text in find_typed(page) if text.startswith(beginning)]
    assert len(blocks) == len(SERVICES)
    warehouse = os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"]
    someone.knowing(AIRFLOW_CONN_USAGE_WAREHOUSE=warehouse).type([*blocks, COLLECT], examples)


def check(services: Services, warehouse: WarehouseDatabase) -> None:
    today = datetime.now(timezone.utc).date()
    assert read_totals(warehouse) == services.total(today - timedelta(days=32), today)
