"""One Airflow for all cases: starting it takes longer than all their runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from tests.real_runs import arrivals
from tests.real_runs.airflow_server import START_SECONDS, run_airflow
from tests.real_runs.cases import AIRFLOW, CASES_HERE, Case
from tests.real_runs.making import SOURCE_DAG_ID, make_runs
from tests.real_runs.reading import RealRuns, are_finished, read_collected
from tests.real_runs.rest_api import RestApi
from tests.real_runs.waiting import wait

RUN_SECONDS = 300
CASES_DAGS = Path(__file__).with_name("dags") / ("unpartitioned" if AIRFLOW == 2 else "")


@pytest.fixture(scope="session")
def metadata_uri(postgres_server: str, run_on_server: Callable[[str], None]) -> str:
    """An empty PostgreSQL database."""
    run_on_server("CREATE DATABASE airflow")
    return postgres_server.removesuffix("postgres") + "airflow"


@pytest.fixture(scope="session")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """The connections of the DAGs: to a simulator that responds all session long, and to an empty warehouse."""
    warehouse = {"conn_type": "sqlite", "host": str(tmp_path_factory.mktemp("warehouse") / "usage.db")}
    api = DatacovesBilling()
    with Simulator(api) as simulator:
        connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
        yield {"datacoves_billing_default": json.dumps(connection), "usage_warehouse": json.dumps(warehouse)}


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DAGs of the cases, and those of the recipes."""
    folder = tmp_path_factory.mktemp("dags")
    shutil.copytree(CASES_DAGS, folder, dirs_exist_ok=True)
    arrivals.write_dags(folder)
    return folder


@pytest.fixture(scope="session")
def real_runs(
    tmp_path_factory: pytest.TempPathFactory, metadata_uri: str, dags: Path, connections: Mapping[str, str]
) -> RealRuns:
    """All cases of this Airflow major, run."""
    started = datetime.now(timezone.utc)
    counts = {case: len(case.expected.at(started)) for case in CASES_HERE if case.expected}
    with run_airflow(tmp_path_factory.mktemp("airflow"), metadata_uri, dags, connections) as server:
        api = RestApi(server.url)
        api.log_in()
        wait(lambda: _find_missing_dags(api), START_SECONDS, server.processes)
        make_runs(server, api)
        arrivals.trigger(api)
        wait(lambda: _find_unfinished(api, counts), RUN_SECONDS, server.processes)
        collected, arrived = read_collected(api, server.home), arrivals.read_arrivals(api, server.home)
        return RealRuns(collected, arrived, started, datetime.now(timezone.utc))


def _find_missing_dags(api: RestApi) -> Collection[str]:
    return {SOURCE_DAG_ID, *(case.dag_id for case in CASES_HERE), *arrivals.DAG_IDS} - api.get_dag_ids()


def _find_unfinished(api: RestApi, counts: Mapping[Case, int]) -> Collection[str]:
    runs = api.get_runs()
    unfinished = [case.name for case, count in counts.items() if not are_finished(case, count, runs)]
    return unfinished + arrivals.find_unfinished(runs)
