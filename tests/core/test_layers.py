"""The layers that stand on their own, by what an import really loads; pyproject.toml has what they may import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import datacoves_usage_provider

PACKAGE = Path(datacoves_usage_provider.__file__).parent
AIRFLOW, HTTP, SQL = "airflow", "requests", "sqlalchemy"
FORBIDDEN = {
    "core": {AIRFLOW, HTTP, SQL},
    "simulator": {AIRFLOW, HTTP, SQL},
    "client": {AIRFLOW, SQL},
    "api": {AIRFLOW, SQL},
    "warehouse": {AIRFLOW, HTTP},
}
# Imports each module in turn and prints those after which something forbidden is loaded.
IMPORT_ALL = """
import importlib, sys
forbidden, modules = (words.split(",") for words in sys.argv[1:])
for module in modules:
    importlib.import_module(module)
    found = [name for name in forbidden if name in sys.modules]
    if found:
        sys.exit(f"{module} loads {found}")
"""


def find_modules(layer: str) -> list[str]:
    paths = PACKAGE.joinpath(layer).rglob("*.py") if layer != "core" else find_core()
    found = [path.relative_to(PACKAGE.parent).with_suffix("") for path in paths if path.stem != "__init__"]
    return sorted(".".join(path.parts) for path in found)


def find_core() -> list[Path]:
    """What is in no folder is core, but for what exists to know Airflow."""
    return [path for path in PACKAGE.glob("*.py") if path.stem not in ("compat", "connections", "plugin")]


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_no_module_of_a_layer_loads_what_the_layer_does_without(layer):
    modules = find_modules(layer)
    assert len(modules) > 1
    command = [sys.executable, "-c", IMPORT_ALL, ",".join(sorted(FORBIDDEN[layer])), ",".join(modules)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
