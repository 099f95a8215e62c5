"""P17: the simulated Airflow's truth is met. ``make bench-accuracy`` measures the same over more days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from benchmarks.accuracy import measure_accuracy
from datacoves_usage_provider.simulator.airflow_tables import Shape

START, DAYS = date(2026, 9, 4), 5  # with a weekend


@pytest.mark.parametrize("shape", get_args(Shape))
def test_p17_each_dag_has_what_its_pods_really_ran(shape: Shape, tmp_path: Path) -> None:
    accuracy = measure_accuracy(shape, START, DAYS, tmp_path, environments=["abc123"])
    assert accuracy.is_met
    assert accuracy.outside == 0
    assert accuracy.billed > 4000


def test_p17_run_time_alone_would_be_far_off(tmp_path: Path) -> None:
    accuracy = measure_accuracy("airflow-3", START, DAYS, tmp_path, environments=["abc123"], pod_per_task=False)
    assert accuracy.misallocated > 0.05
