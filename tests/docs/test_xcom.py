"""What a task returns has the shape that the README shows."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.docs.markdown import find_block_after


def test_a_task_returns_the_shape_that_the_readme_shows(datacoves_conn, sqlite_warehouse):
    operator = CollectUsageOperator(task_id="collect", usage_conn_id=datacoves_conn, lookback_days=2)
    run = SimpleNamespace(dag_id="a_dag", run_id="a_run", run_after=datetime(2026, 11, 21, 3, tzinfo=timezone.utc))
    returned = operator.execute({"dag_run": run})
    documented = json.loads(find_block_after("xcom"))
    assert _shape(returned) == _shape(documented)
    assert returned["window"] == documented["window"]
    assert returned["loaded"]["days"] == documented["loaded"]["days"]


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])]
    return type(value)
