"""One Airflow, one browser and one user for all tests: starting them takes longer than what they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, expect

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from tests.real_runs.airflow_server import START_SECONDS, USER, AirflowServer, run_airflow
from tests.real_runs.cases import AIRFLOW
from tests.real_runs.waiting import wait
from tests.support.days import wait_past_midnight
from tests.support.page_usage import PageUsage
from tests.support.warehouse import CONN_ID as WAREHOUSE_CONN_ID
from tests.support.warehouse import WarehouseDatabase
from tests.ui.airflow_2 import Airflow2
from tests.ui.airflow_3 import Airflow3
from tests.ui.chromium import run_chromium
from tests.ui.connection_types import CONNECTION_TYPES, DATACOVES, ConnectionType
from tests.ui.interface import Interface
from tests.ui.simulated import SimulatedApis
from tests.ui.user import User

ROOT = Path(__file__).parents[2]
PASSWORD = "the-users-password"
PAGE_SECONDS = 60
DAG_IDS = {path.stem for path in ROOT.glob("dags/*.py")}


@pytest.fixture(scope="session")
def simulated() -> Iterator[SimulatedApis]:
    apis = {row.conn_type: row.make_api() for row in CONNECTION_TYPES}
    with Simulator(*apis.values()) as simulator:
        yield SimulatedApis(simulator, apis)


@pytest.fixture(scope="session")
def databases(postgres_server: str, run_on_server: Callable[[str], None]) -> dict[str, str]:
    """The URIs of three empty databases: Airflow's own, the warehouse, and the one that the usage page shows."""
    names = ("airflow", "warehouse", "page")
    for name in names:
        run_on_server(f"CREATE DATABASE {name}")
    return {name: postgres_server.removesuffix("postgres") + name for name in names}


@pytest.fixture(scope="session")
def loaded(databases: dict[str, str]) -> WarehouseDatabase:
    return WarehouseDatabase(WAREHOUSE_CONN_ID, "postgresql", databases["warehouse"])


@pytest.fixture(scope="session")
def usage_shown(databases: dict[str, str]) -> WarehouseDatabase:
    """The warehouse of the usage page, with half a year of usage up to yesterday."""
    wait_past_midnight()
    PageUsage(databases["page"], datetime.now(timezone.utc).date()).fill()
    return WarehouseDatabase("page", "postgresql", databases["page"])


@pytest.fixture(scope="session")
def server(databases: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """Airflow as it is installed, with the DAGs of this project, paused, and with a Test button."""
    settings = {
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # only what the user asks for runs
        "AIRFLOW__DATACOVES_USAGE__SQL_CONN_ID": "page",
        "AIRFLOW__DATACOVES_USAGE__SUB_ACCOUNT_ID": "prod01",
    }
    home = tmp_path_factory.mktemp("airflow")
    shown = {WAREHOUSE_CONN_ID: "warehouse", "page": "page"}
    connections = {conn_id: _make_postgres_conn(databases[name]) for conn_id, name in shown.items()}
    with run_airflow(home, databases["airflow"], ROOT / "dags", connections, settings, PASSWORD) as running:
        yield running


def _make_postgres_conn(uri: str) -> str:
    parts = urlsplit(uri)
    address = {"host": parts.hostname, "port": parts.port, "login": parts.username, "schema": parts.path[1:]}
    return json.dumps({"conn_type": "postgres", **address})


@pytest.fixture(scope="session")
def har(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every response that the browser got, once the tab is closed."""
    return tmp_path_factory.mktemp("har") / "responses.har"


@pytest.fixture(scope="session")
def tab(server: AirflowServer, har: Path) -> Iterator[BrowserContext]:
    with run_chromium() as browser:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": 1280, "height": 1100},
            record_har_path=har,
            record_har_content="attach",
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(PAGE_SECONDS * 1000)
        expect.set_options(timeout=PAGE_SECONDS * 1000)
        yield context
        context.close()


@pytest.fixture(scope="session")
def ui(server: AirflowServer, tab: BrowserContext) -> Interface:
    """A user who is logged in and sees the DAGs."""
    pictures = ROOT / "build" / "ui" / ".".join(version("apache-airflow").split(".")[:2])
    pictures.mkdir(parents=True, exist_ok=True)
    interface = (Airflow2 if AIRFLOW == 2 else Airflow3)(tab.new_page(), pictures)
    interface.log_in(USER, PASSWORD)
    wait(lambda: DAG_IDS - {dag["dag_id"] for dag in interface.get("dags")["dags"]}, START_SECONDS, server.processes)
    return interface


@pytest.fixture(scope="session", params=CONNECTION_TYPES, ids=lambda row: row.conn_type)
def row(request: pytest.FixtureRequest) -> ConnectionType:
    found: ConnectionType = request.param
    return found


@pytest.fixture(scope="session")
def user(ui: Interface, simulated: SimulatedApis, server: AirflowServer) -> User:
    return User(ui, simulated, server)


@pytest.fixture(scope="session")
def datacoves(simulated: SimulatedApis, user: User) -> DatacovesBilling:
    """The simulated API behind the connection that the DAGs name."""
    user.add_connection(DATACOVES, DATACOVES.conn_id)
    api: DatacovesBilling = simulated.apis[DATACOVES.conn_type]
    return api


@pytest.fixture(scope="session")
def daily_run(datacoves: DatacovesBilling, user: User) -> tuple[str, str]:
    """DAG and run id of a daily run that was triggered by hand."""
    run_id, state = user.run("datacoves_usage_daily", "daily-trigger")
    assert state == "success"
    return "datacoves_usage_daily", run_id


@pytest.fixture(scope="session")
def backfill_run(datacoves: DatacovesBilling, user: User) -> tuple[str, str]:
    """DAG and run id of a backfill of one environment's Airflow, from 15 January to 28 February 2025."""
    run_id, state = user.run(
        "usage_backfill",
        "backfill-form",
        usage_conn_id=DATACOVES.conn_id,
        start="2025-01-15",
        end="2025-03-01",
        filters='{"environment_slug": ["abc123"], "service": "airflow"}',
    )
    assert state == "success"
    return "usage_backfill", run_id


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take a picture of what a test that fails has before it."""
    report = yield
    ui = getattr(item, "funcargs", {}).get("ui")
    if report.failed and ui and not ui.page.is_closed():
        ui.take_picture(f"failed-{item.name}")
    return report
