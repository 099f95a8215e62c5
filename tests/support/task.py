"""One way to run a collection as a task does, and what it leaves to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def execute() -> Callable[..., dict[str, Any]]:
    """Execute the operator as a task of a run that Airflow wanted after ``run_after``."""
    from datacoves_usage_provider.operators.usage import CollectUsageOperator

    def run(run_after: str = "2026-11-22", **arguments: Any) -> dict[str, Any]:
        operator = CollectUsageOperator(task_id="collect", **arguments)
        dag_run = SimpleNamespace(
            dag_id="a_dag",
            run_id="a_run",
            run_after=datetime.fromisoformat(run_after).replace(tzinfo=timezone.utc),
        )
        return operator.execute({"dag_run": dag_run})

    return run


@pytest.fixture
def sleeps(mocker) -> list[float]:
    """The seconds that a client would have waited between its tries; the clock is the only thing that is not real."""
    waited: list[float] = []
    mocker.patch("datacoves_usage_provider.client.retry.sleep_using_event", return_value=waited.append)
    return waited


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    """The lines of the task's log since the last call, as both Airflow majors print it."""

    def read() -> list[str]:
        return capsys.readouterr().out.splitlines()

    return read
