"""
How much of the bill is allocated to the wrong DAGs: the simulated Airflow knows whose pod each was.

``python -m benchmarks.accuracy`` prints it for all shapes of Airflow's tables, beside what run time alone would give.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args
from unittest.mock import patch

from datacoves_usage_provider.simulator import Airflow, DatacovesBilling, Simulator
from datacoves_usage_provider.simulator.airflow_tables import Shape

AT_MOST: Mapping[Shape, float] = {"airflow-2": 0.002, "airflow-3": 0.002, "copies": 0.014}
"""Which share of the bill may be misallocated: with all tables, and with those that Datacoves copies by default."""

_START, _DAYS = date(2026, 9, 1), 38
_CONTEXT: Any = {"dag_run": SimpleNamespace(dag_id="accuracy", run_id="accuracy")}
_ALLOCATED = """
SELECT sub_account_id, charge_period_start, allocated_resource_id, consumed_quantity
FROM usage_allocation WHERE service_name = 'airflow'
"""
_OUTSIDE = "SELECT count(*) FROM usage_reconciliation WHERE x_status <> 'within'"

Minutes = dict[tuple[str, date, str], float]
"""By environment, day and DAG."""


@dataclass(frozen=True)
class Accuracy:
    """
    ``misallocated``: what DAGs have too much on a day, which others have too little, as a share of the bill.

    ``outside``: days whose bill is said to be outside of its bounds, which it is not.
    """

    shape: Shape
    billed: float
    misallocated: float
    outside: int

    @property
    def is_met(self) -> bool:
        return self.misallocated <= AT_MOST[self.shape]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="accuracy-") as home:
        # Before Airflow is imported, which reads them then.
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
        print(f"{_DAYS} days of {len(DatacovesBilling.environments)} environments: misallocated share of the bill\n")
        print("tables     minutes  by pods  at most  false alarms  by run time alone")
        met = [_print_accuracy(shape, Path(home)) for shape in get_args(Shape)]
    sys.exit(not all(met))


def _print_accuracy(shape: Shape, folder: Path) -> bool:
    by_pods, alone = (
        measure_accuracy(shape, _START, _DAYS, folder, pod_per_task=pod_per_task) for pod_per_task in (True, False)
    )
    print(
        f"{shape:9}  {by_pods.billed:7.0f}  {by_pods.misallocated:7.2%}  {AT_MOST[shape]:7.1%}  {by_pods.outside:12}  "
        f"{alone.misallocated:17.1%}",
        flush=True,
    )
    return by_pods.is_met


def measure_accuracy(
    shape: Shape,
    start: date,
    days: int,
    folder: Path,
    *,
    environments: Sequence[str] = DatacovesBilling.environments,
    pod_per_task: bool = True,
) -> Accuracy:
    """Let the operators load and allocate the bill of so many days, in databases in ``folder``."""
    end = start + timedelta(days=days)
    with tempfile.TemporaryDirectory(dir=folder) as own:
        warehouse = Path(own, "usage.db")
        with _connect(warehouse):
            _collect(start, end)
            for environment in environments:
                _allocate(environment, shape, (start, end), Path(own, f"{environment}.db"), pod_per_task)
        with closing(sqlite3.connect(warehouse)) as connection:
            found = connection.execute(_ALLOCATED).fetchall()
            (outside,) = connection.execute(_OUTSIDE).fetchone()
    allocated = {(environment, date.fromisoformat(day), dag_id): minutes for environment, day, dag_id, minutes in found}
    really = _find_truth(environments, [start + timedelta(days=number) for number in range(days)])
    return Accuracy(shape, sum(really.values()), _compare(allocated, really), outside)


@contextmanager
def _connect(warehouse: Path) -> Iterator[None]:
    api = DatacovesBilling()
    with Simulator(api) as simulator:
        usage = api.make_connection(simulator.url)
        variables = {usage.variable: usage.to_json(), "AIRFLOW_CONN_USAGE_WAREHOUSE": _make_connection(warehouse)}
        with patch.dict(os.environ, variables):
            yield


def _make_connection(database: Path) -> str:
    return json.dumps({"conn_type": "sqlite", "host": str(database)})


def _collect(start: date, end: date) -> None:
    from datacoves_usage_provider import CollectUsageOperator

    days = {"start": str(start), "end": str(end)}
    CollectUsageOperator(task_id="collect", usage_conn_id="datacoves_billing_default", **days).execute(_CONTEXT)


def _allocate(environment: str, shape: Shape, days: tuple[date, date], database: Path, pod_per_task: bool) -> None:
    from datacoves_usage_provider import AllocateUsageOperator

    with closing(sqlite3.connect(database)) as connection:
        Airflow(environment=environment).write_tables(connection, *days, shape)
    operator = AllocateUsageOperator(
        task_id="allocate",
        sub_account_id=environment,
        airflow_conn_id="airflow_db",
        start=str(days[0]),
        end=str(days[1]),
        pod_per_task=pod_per_task,
    )
    with patch.dict(os.environ, {"AIRFLOW_CONN_AIRFLOW_DB": _make_connection(database)}):
        operator.execute(_CONTEXT)


def _find_truth(environments: Sequence[str], days: Sequence[date]) -> Minutes:
    return {
        (environment, day, dag_id): time / timedelta(minutes=1)
        for environment in environments
        for day in days
        for dag_id, time in Airflow(environment=environment).get_pod_time(day).items()
    }


def _compare(allocated: Minutes, really: Minutes) -> float:
    wrong = sum(abs(allocated.get(key, 0) - really.get(key, 0)) for key in allocated.keys() | really.keys())
    return wrong / 2 / sum(really.values())


if __name__ == "__main__":
    main()
