"""The cuts that the design promises, read off what an import really loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = "import sys, importlib; importlib.import_module({module!r}); print(*sorted(sys.modules))"


def modules_after_import(module: str) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", LOADED.format(module=module)], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    ["window", "records", "totals", "query", "chunk", "period", "exceptions", "get_provider_info", "simulator"],
)
def test_the_core_does_not_load_airflow(module):
    loaded = modules_after_import(f"datacoves_usage_provider.{module}")
    assert not {"airflow", "requests", "sqlalchemy"} & loaded


@pytest.mark.parametrize("module", ["client.session", "client.settings"])
def test_the_client_does_not_load_airflow(module):
    loaded = modules_after_import(f"datacoves_usage_provider.{module}")
    assert "requests" in loaded or module == "client.settings"
    assert not {"airflow", "sqlalchemy"} & loaded


@pytest.mark.parametrize("module", ["warehouse.load", "warehouse.schema", "warehouse.tables"])
def test_loads_do_not_know_airflow_or_http(module):
    assert not {"airflow", "requests"} & modules_after_import(f"datacoves_usage_provider.{module}")
