"""The commands of the services' pages, typed, make connections with which a daily DAG collects them all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

from datacoves_usage_provider.simulator import APIS, Simulator
from datacoves_usage_provider.simulator.api import SimulatedApi
from tests.dags.test_collect_daily import read_totals
from tests.docs.vendor_pages import PAGES, find_commands_on, read_export, read_switches
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
    """The keys, and the other settings that an API has, are those that the pages show."""
    return Services(*map(make_api, APIS))


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with Simulator(*services.values()) as simulator:
        yield simulator.url


def make_api(api: type[SimulatedApi]) -> SimulatedApi:
    _, shown = read_export(PAGES[api.conn_type])
    return api(key=shown["password"], **read_switches(api))


def test_connections_of_the_command_line_collect_what_was_used(
    shell: Shell, services: Services, url: str, postgres_warehouse: WarehouseDatabase
) -> None:
    keys = {find_key_variable(conn_type): api.key for conn_type, api in services.items()}
    own_hosts = {f"--conn-type {name}": f"--conn-type {name} --conn-host {url}" for name in find_hostless()}
    collect(shell.knowing(**keys), "airflow connections add ", find_hosts(url) | own_hosts)
    check(services, postgres_warehouse)


def test_connections_of_the_environment_collect_what_was_used(
    shell: Shell, services: Services, url: str, postgres_warehouse: WarehouseDatabase
) -> None:
    own_hosts = {f'"conn_type": "{name}"': f'"conn_type": "{name}", "host": "{url}"' for name in find_hostless()}
    collect(shell, "export AIRFLOW_CONN_", find_hosts(url) | own_hosts)
    check(services, postgres_warehouse)


def find_key_variable(conn_type: str) -> str:
    """Return the name of the environment variable that has the key in the page's command."""
    (command,) = find_commands_on(PAGES[conn_type], "airflow", "connections", "add")
    return command[command.index("--conn-password") + 1].removeprefix("$")


def find_hosts(url: str) -> dict[str, str]:
    """Return the pages' examples of hosts, with the ``url`` in their place."""
    hosts = [urlsplit(shown["host"]) for _, shown in map(read_export, SERVICES) if "host" in shown]
    return {f"{host.scheme}://{host.netloc}": url for host in hosts}


def find_hostless() -> list[str]:
    """Return the connection types whose pages need no host."""
    return [conn_type for conn_type, page in PAGES.items() if "host" not in read_export(page)[1]]


def collect(someone: Shell, beginning: str, examples: Mapping[str, str]) -> None:
    """Type the blocks with this ``beginning``, one of each page, and what runs the DAG."""
    blocks = [text for page in SERVICES for text in find_typed(page) if text.startswith(beginning)]
    assert len(blocks) == len(SERVICES)
    warehouse = os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"]
    someone.knowing(AIRFLOW_CONN_USAGE_WAREHOUSE=warehouse).type([*blocks, COLLECT], examples)


def check(services: Services, warehouse: WarehouseDatabase) -> None:
    today = datetime.now(timezone.utc).date()
    assert read_totals(warehouse) == services.total(today - timedelta(days=32), today)
