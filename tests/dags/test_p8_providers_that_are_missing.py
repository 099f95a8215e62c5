"""P8: a connection whose provider is missing or broken, as Airflow itself stores it and imports its hook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DAG = """
import pendulum
from airflow import DAG

from datacoves_usage_provider.operators.usage import CollectUsageOperator

with DAG("other_warehouse", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC")):
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", sql_conn_id="stored")
"""

GET_HOOK = """
import sys
from datacoves_usage_provider.connections import get_hook
from datacoves_usage_provider.exceptions import UsageConfigError
try:
    get_hook("other", "warehouse", object)
except UsageConfigError as error:
    print("FINAL", error)
except Exception as error:
    print("RAW", type(error).__name__, error)
"""

PROVIDER = """
def get_provider_info():
    hook = {"connection-type": "acmedb", "hook-class-name": "acmedb_hook.AcmeHook"}
    return {"package-name": "acmedb", "name": "Acme", "description": "A database.", "connection-types": [hook]}
"""

HOOK = """
from datacoves_usage_provider.compat import BaseHook

class AcmeHook(BaseHook):
    conn_name_attr = "acme_conn_id"
    conn_type = "acmedb"
    hook_name = "Acme"

    def __init__(self, acme_conn_id):
        super().__init__()
        self.acme_conn_id = acme_conn_id
"""


@pytest.fixture
def stored_connection(airflow_db: Path, dags_folder: Path) -> Iterator[None]:
    """A connection of a type without a provider, added by Airflow's own command, and a DAG that loads into it."""
    (dags_folder / "other_warehouse.py").write_text(DAG)
    airflow = [sys.executable, "-m", "airflow", "connections"]
    subprocess.run([*airflow, "add", "stored", "--conn-type", "oracle"], check=True, capture_output=True)
    yield
    subprocess.run([*airflow, "delete", "stored"], check=True, capture_output=True)


@pytest.mark.usefixtures("datacoves_conn", "stored_connection")
def test_p8_a_type_that_airflow_stored_as_generic_is_told_what_to_install(run_dag):
    run = run_dag("other_warehouse")
    assert run.task[0] == "failed"
    assert "Connection 'stored' (warehouse) is of type 'generic', which has no hook: 'airflow" in run.said
    assert "Install the provider of the type that was meant (for PostgreSQL apache-airflow-providers-post" in run.said


@pytest.fixture
def get_acme_hook(airflow_db: Path, tmp_path: Path):
    """Install a provider whose hook is this code, and say what looking for its connection came to."""

    def get(hook: str) -> str:
        (tmp_path / "acmedb.py").write_text(PROVIDER)
        (tmp_path / "acmedb_hook.py").write_text(hook)
        info = tmp_path / "acmedb-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acmedb\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[apache_airflow_provider]\np = acmedb:get_provider_info\n")
        paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
        connection = {"AIRFLOW_CONN_OTHER": json.dumps({"conn_type": "acmedb"}), "PYTHONPATH": os.pathsep.join(paths)}
        return subprocess.run(
            [sys.executable, "-c", GET_HOOK], env=os.environ | connection, capture_output=True, text=True, check=True
        ).stdout

    return get


@pytest.mark.parametrize("fault", ["raise AttributeError('of another')", "import no_such_driver"])
def test_p8_a_hook_that_cannot_be_imported_is_not_a_missing_provider(get_acme_hook, fault):
    said = get_acme_hook(f"{fault}\n{HOOK}")
    assert "FINAL Connection 'other' (warehouse) is of type 'acmedb', whose hook Airflow cannot use" in said


def test_p8_a_driver_that_a_hook_does_not_find_is_named(get_acme_hook):
    said = get_acme_hook(f"{HOOK}        import no_such_driver\n")
    assert "FINAL" in said
    assert "acmedb_hook.AcmeHook needs what is not installed here: No module named 'no_such_driver'" in said


@pytest.mark.parametrize("fault", ["AttributeError('of another')", "AirflowException('of another')"])
def test_p8_an_error_inside_of_a_hook_is_not_a_missing_hook(get_acme_hook, fault):
    said = get_acme_hook(f"from airflow.exceptions import AirflowException\n{HOOK}        raise {fault}\n")
    assert f"RAW {fault.partition('(')[0]} of another" in said
