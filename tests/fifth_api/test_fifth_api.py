"""A usage API that a user brings, in a package of their own: nothing of this one had to change for it."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from inspect import getmembers, isfunction, signature
from pathlib import Path

import pytest

from datacoves_usage_provider import Meter, UsageApi
from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import Simulator
from datacoves_usage_provider.totals import PeriodTotals
from datacoves_usage_provider.window import UsageWindow
from tests.docs.markdown import ROOT, find_block_after
from tests.fifth_api.server import ARTISTS, Globex
from tests.packaging.shell import open_shell
from tests.packaging.typed import OWN_API, find_typed
from tests.support.hooks import RegisterHook

HERE = Path(__file__).parent
PACKAGE = ROOT / "datacoves_usage_provider"
PAGE = OWN_API
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the user's package, as pip would install it."""
    folder = tmp_path_factory.mktemp("globex")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, HERE / "globex"]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def globex(monkeypatch: pytest.MonkeyPatch) -> Iterator[Globex]:
    api = Globex()
    with Simulator(api) as simulator:
        connection = {
            "conn_type": "globex",
            "host": simulator.url,
            "password": api.key,
            "extra": {"tenant_id": api.tenant_id},
        }
        monkeypatch.setenv("AIRFLOW_CONN_GLOBEX_DEFAULT", json.dumps(connection))
        yield api


@pytest.fixture
def hook_class(site: Path, monkeypatch: pytest.MonkeyPatch, register_hook: RegisterHook) -> type[UsageHook]:
    monkeypatch.syspath_prepend(site)
    from globex_usage.hook import GlobexHook

    register_hook("globex", GlobexHook, "usage_conn_id")
    return GlobexHook


def test_a_dag_collects_from_it_through_the_connection_that_the_docs_add(
    site, airflow_db, postgres_warehouse, tmp_path, today
):
    globex = Globex()
    shell = open_shell(tmp_path / "home", programs=Path(sys.executable).parent).knowing(
        GLOBEX_KEY=globex.key,
        AIRFLOW_CONN_USAGE_WAREHOUSE=os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"],
        AIRFLOW_HOME=str(airflow_db.parent),
        AIRFLOW__CORE__DAGS_FOLDER=str(HERE / "dags"),
        PYTHONPATH=os.pathsep.join((str(site), str(ROOT))),
    )
    run = f"airflow dags test globex_usage_daily {today}"
    with Simulator(globex) as simulator:
        shell.type([*find_typed(PAGE), run], {"https://api.example.com": simulator.url})
    loaded = postgres_warehouse.query(
        "SELECT service_provider_name, sku_meter, x_conn_id, count(*), sum(consumed_quantity) "
        "FROM usage_daily GROUP BY 1, 2, 3 ORDER BY 2 DESC"
    )
    start = today - 32 * ONE_DAY
    assert loaded == [
        ("Globex", "Render Minutes", "globex_default", 32 * 3, globex.total(start, today)),
        ("Globex", "Artists", "globex_default", 32 * 3, 32 * 3 * ARTISTS),
    ]
    assert postgres_warehouse.query("SELECT DISTINCT sku_meter FROM usage_monthly") == [("Render Minutes",)]


def test_its_meter_that_does_not_add_up_has_totals_of_single_days_alone(globex, hook_class, today):
    def add_up(count: int) -> dict[str, list[object]]:
        window = UsageWindow(today - count * ONE_DAY, today)
        totals = PeriodTotals(window)
        totals.add(hook_class().get_usage(UsageQuery(window)))
        quantities: dict[str, list[object]] = {}
        for total in totals.get():
            quantities.setdefault(total.meter.name, []).append(total.to_json()["consumed_quantity"])
        return quantities

    assert add_up(31).keys() == {"Render Minutes"}
    day = add_up(1)
    assert day["Artists"] == [ARTISTS] * 3
    assert {type(quantity) for quantity in day["Artists"]} == {int}
    assert {type(quantity) for quantity in day["Render Minutes"]} == {str}


def test_its_filter_its_test_button_and_its_error_responses_work(hook_class, globex, today):
    hook = hook_class()
    window = UsageWindow(today - 40 * ONE_DAY, today)
    records = list(hook.get_usage(UsageQuery(window, {"project": ("spot", "film")})))
    assert {(record.sub_account_id, record.charge_period_start) for record in records} == {
        (project, day) for project in ("film", "spot") for day in window.days
    }
    assert len(records) == 2 * 80
    worked, said = hook.test_connection()
    assert worked
    assert said.startswith("Globex accepts the key: 3 sub accounts")
    globex.tenant_id = "another"
    worked, said = hook.test_connection()
    assert not worked
    assert "“no such tenant”" in said


def test_nothing_of_the_package_knows_it(hook_class):
    assert hook_class.conn_type not in {entry["connection-type"] for entry in get_provider_info()["connection-types"]}
    assert [path for path in PACKAGE.rglob("*.py") if "globex" in path.read_text().lower()] == []


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> type:
    """The class that the docs show, with the attributes and methods that an API may have."""
    path = tmp_path_factory.mktemp("docs") / "attributes.py"
    path.write_text(find_block_after("attributes", PAGE))
    shown: type = runpy.run_path(str(path), {"Meter": Meter})["UsageApi"]
    return shown


def find_names(api: type) -> set[str]:
    return {name for name in {*vars(api), *api.__annotations__} if not name.startswith("_")}


def test_it_has_only_what_the_docs_list(hook_class, documented):
    its_own = find_names(type(hook_class.api))
    assert its_own <= find_names(documented)
    assert its_own >= UsageApi.__abstractmethods__


def test_the_docs_list_all_that_an_api_may_have(documented):
    called_by_the_package = {"get_scope", "find_undocumented"}
    assert find_names(documented) == find_names(UsageApi) - called_by_the_package


def test_the_docs_have_the_defaults_and_parameters_of_an_api(documented):
    values = {name: value for name, value in vars(documented).items() if name in UsageApi.__annotations__}
    assert values == {name: value for name, value in vars(UsageApi).items() if name in UsageApi.__annotations__}
    assert set(documented.__annotations__) == UsageApi.__annotations__.keys() - values.keys()
    for name, method in getmembers(documented, isfunction):
        assert [*signature(method).parameters] == [*signature(getattr(UsageApi, name)).parameters]


def test_it_imports_from_one_place():
    hook = (HERE / "globex" / "globex_usage" / "hook.py").read_text()
    assert set(re.findall(r"^from (datacoves\S+) import", hook, re.MULTILINE)) == {"datacoves_usage_provider"}


@pytest.mark.parametrize("file", ["pyproject.toml", "globex_usage/__init__.py", "globex_usage/hook.py"])
def test_the_docs_show_the_package_that_is_tested(file):
    assert find_block_after(file, PAGE) == (HERE / "globex" / file).read_text()
