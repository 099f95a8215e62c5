"""The DAGs in docs/recipes.md are DAGs that Airflow takes, on the major that they are for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from datacoves_usage_provider.compat import Asset
from tests.docs.markdown import Block, find_block_after, find_blocks

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
