"""The wheel and the sdist hold the package alone, and an Airflow with the wheel has a provider that works."""

from __future__ import annotations

import re
import shutil
import tarfile
import zipfile
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from importlib.metadata import version
from pathlib import Path

from datacoves_usage_provider.compat import is_airflow_3
from tests.docs.test_links import LINKS
from tests.packaging.bare_airflow import DISTRIBUTION, BareAirflow
from tests.support.warehouse import WarehouseDatabase

ROOT = Path(__file__).parents[2]
PACKAGE = "datacoves_usage_provider"
NAMESAKE = "airflow_provider_datacoves_usage.py"


def test_wheel_contains_the_typed_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert f"{PACKAGE}/py.typed" in names
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == {PACKAGE, NAMESAKE}


def test_wheel_contains_every_module(wheel: Path) -> None:
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / PACKAGE).rglob("*.py")}
    assert modules <= set(zipfile.ZipFile(wheel).namelist())


def test_sdist_contains_the_package_and_what_builds_and_tests_it(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.split("/")[1] for name in archive.getnames()}
    texts = {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md"}
    tests = {"tests", "dags", "docs", "demo", "benchmarks", "constraints", "Makefile", ".ci"}
    builds = {"pyproject.toml", "hatch_build.py", "PKG-INFO", ".gitignore"}
    assert names == {PACKAGE, NAMESAKE} | builds | texts | tests


def test_readme_on_a_package_index_links_to_the_repository_at_its_version(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(archive.read(name))
    repository = "https://github.com/datacoves/airflow-provider-datacoves-usage"
    expected = [
        f"{repository}/{'raw' if link.target.endswith('.png') else 'blob'}/v{version(DISTRIBUTION)}/{link.target}"
        + (link.anchor and f"#{link.anchor}")
        for link in LINKS
        if link.page == "README.md"
    ]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert re.findall(r"\]\((.+?)\)", metadata.get_payload(decode=True).decode()) == expected


def test_installed_wheel_shows_its_provider(bare_airflow: BareAirflow) -> None:
    providers = {row["package_name"]: row["version"] for row in bare_airflow.list("providers", "list")}
    assert providers[DISTRIBUTION] == version(DISTRIBUTION)


def test_installed_wheel_shows_its_hook(bare_airflow: BareAirflow) -> None:
    hooks = {row["connection_type"]: row["class"] for row in bare_airflow.list("providers", "hooks")}
    assert hooks["datacoves_billing"] == f"{PACKAGE}.hooks.datacoves_billing.DatacovesBillingHook"


if is_airflow_3():  # Airflow 2 looks for no provider's examples

    def test_airflow_with_its_examples_has_no_error_for_this_provider(bare_airflow: BareAirflow) -> None:
        find = "from airflow.dag_processing.bundles.manager import DagBundlesManager; DagBundlesManager()"
        logged = bare_airflow.run_python(find, AIRFLOW__CORE__LOAD_EXAMPLES="True")
        assert "example_dags" in logged
        assert "datacoves" not in logged


def test_installed_wheel_runs_the_daily_dag(
    bare_airflow: BareAirflow, datacoves_conn: str, sqlite_warehouse: WarehouseDatabase
) -> None:
    shutil.copy(ROOT / "dags" / "datacoves_usage_daily.py", bare_airflow.dags)
    today = datetime.now(timezone.utc).date()
    bare_airflow.run("dags", "test", "datacoves_usage_daily", str(today))
    loaded = sqlite_warehouse.query("SELECT DISTINCT charge_period_start, x_conn_id FROM usage_daily ORDER BY 1")
    assert loaded == [(str(today - timedelta(days=ago)), datacoves_conn) for ago in range(32, 0, -1)]
