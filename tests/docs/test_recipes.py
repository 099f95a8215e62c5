"""The DAGs in docs/recipes.md are DAGs that Airflow takes, on the major that they are for."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from datacoves_usage_provider.compat import Asset
from tests.docs.markdown import Block, find_block_after, find_blocks
from tests.support.truth import query, truth

PAGE = "docs/recipes.md"
OTHER_MAJOR = "# Airflow 2\n" if Asset.__module__.startswith("airflow.sdk") else "# Airflow 3\n"
RECIPES = [block for block in find_blocks("python") if block.page == PAGE and not block.text.startswith(OTHER_MAJOR)]


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_every_recipe_runs_without_a_warning(recipe: Block, tmp_path: Path, airflow_db: Path):
    path = tmp_path / "recipe.py"
    path.write_text(recipe.text)
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-W",
            "ignore::FutureWarning",
            "-c",
            f"import airflow, runpy; runpy.run_path({str(path)!r})",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_event_is_the_one_that_a_run_leaves():
    event = json.loads(find_block_after("event", page=PAGE))
    assert event.keys() == {"service_provider_name", "billing_account_id", "window", "is_complete"}


def test_the_function_prints_each_record(api, datacoves_conn, tmp_path, capsys):
    path = tmp_path / "records.py"
    path.write_text(find_block_after("records", page=PAGE))
    runpy.run_path(str(path))["print_usage"]()
    october = truth(api, query("2026-10-01", "2026-11-01", service=("airflow",)))
    printed = [line for line in capsys.readouterr().out.splitlines() if line.endswith(" Minutes")]
    held = [f"{key.day} {key.sub_account} {amount.quantity} Minutes" for key, amount in october.items()]
    assert sorted(printed) == sorted(held)
