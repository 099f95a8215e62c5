"""What is special to a database is in its own file, and what is Airflow's in one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from datacoves_usage_provider import warehouse
from datacoves_usage_provider.warehouse.dialects import DATABASES

FOLDER = Path(warehouse.__file__).parent
OUTSIDE = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.name)
def test_no_file_but_its_own_names_a_database(path):
    assert [name for name in DATABASES if name in path.read_text()] == []


@pytest.mark.parametrize("name", DATABASES)
def test_each_database_has_a_file_or_a_folder_of_files_of_at_most_80_lines(name):
    files = [*FOLDER.glob(f"dialects/{name}.py"), *FOLDER.glob(f"dialects/{name}/*.py")]
    assert files
    assert [path.name for path in files if len(path.read_text().splitlines()) > 80] == []


@pytest.mark.parametrize("module", ["warehouse", "engine", "dry_run"])
def test_none_loads_airflow_or_http_before_a_connection_is_opened(module):
    code = f"import datacoves_usage_provider.warehouse.{module}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"airflow", "requests"} & set(loaded) == set()


def test_one_file_imports_airflow():
    imports = re.compile(r"^\s+from (airflow|datacoves_usage_provider\.(connections|compat))\b", re.MULTILINE)
    assert [path.name for path in FOLDER.rglob("*.py") if imports.search(path.read_text())] == ["engine.py"]
