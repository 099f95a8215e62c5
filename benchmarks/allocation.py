"""
How long an allocation takes, and how much memory: ``python -m benchmarks.allocation [TASK_INSTANCES_A_DAY]``.

The Airflow has 50 days of task instances, a million with the default of 20,000 a day. It is on PostgreSQL, on SQLite,
and a copy of appended rows without keys on PostgreSQL; the warehouse is the same database.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from benchmarks.databases import run_databases
from datacoves_usage_provider.allocation.day import AllocatedDay
from datacoves_usage_provider.allocation.environment import Environment
from datacoves_usage_provider.allocation.pods import measure_days
from datacoves_usage_provider.allocation.replacement import Replacement
from datacoves_usage_provider.allocation.shares import choose_method
from datacoves_usage_provider.allocation.source import AirflowSource
from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.session import ReadingSession
from datacoves_usage_provider.window import UsageWindow

DAYS = 50
FIRST = date(2026, 1, 1)
END = FIRST + timedelta(days=DAYS)
ENVIRONMENT = Environment(BillingAccount("Datacoves", "analytics"), "abc123")
PROVENANCE = {"x_conn_id": "airflow", "x_dag_id": "a_dag", "x_run_id": "a_run"}
_COLUMNS = "dag_id, run_id, task_id, map_index, try_number, state, queued_dttm, start_date, end_date, updated_at"
# 200 DAGs; each task waits for 20 seconds in the queue and runs for 30, and they begin all day long.
_ROWS = {
    "postgresql": """
        SELECT 'dag_' || (n % 200), 'scheduled__' || d, 'task_' || n, -1, 1, 'success', at, at + INTERVAL '20 seconds',
            at + INTERVAL '50 seconds', at + INTERVAL '50 seconds'
        FROM generate_series(0, {days} - 1) AS d, generate_series(0, {tasks} - 1) AS n,
            LATERAL (SELECT TIMESTAMPTZ '{first} 00:00+00' + d * INTERVAL '1 day'
                + n * INTERVAL '1 day' / {tasks} AS at) AS moment
    """,
    "sqlite": """
        WITH RECURSIVE
            day (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM day WHERE d < {days} - 1),
            task (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM task WHERE n < {tasks} - 1),
            one AS (SELECT d, n, unixepoch('{first}') + d * 86400 + n * 86400 / {tasks} AS at FROM day, task)
        SELECT 'dag_' || (n % 200), 'scheduled__' || d, 'task_' || n, -1, 1, 'success',
            datetime(at, 'unixepoch') || '.000000', datetime(at + 20, 'unixepoch') || '.000000',
            datetime(at + 50, 'unixepoch') || '.000000', datetime(at + 50, 'unixepoch') || '.000000' FROM one
    """,
}


def main(tasks_a_day: int = 20_000) -> None:
    print(f"{tasks_a_day:,} task instances a day, {tasks_a_day * DAYS:,} in the table")
    with _open_databases() as databases:
        for title, engine, key in databases:
            _make_airflow(engine, tasks_a_day, key)
            warehouse = AllocationWarehouse(engine, None, "warehouse")
            _prepare(warehouse, tasks_a_day)
            for words, start in (("three days", END - timedelta(days=3)), ("a month", END - timedelta(days=31))):
                before, since, busy = _read_memory(), perf_counter(), process_time()
                reading = _allocate(engine, warehouse, UsageWindow(start, END))
                print(
                    f"{title}, {words}: {perf_counter() - since:.1f} seconds, {reading:.1f} of them reading; "
                    f"{process_time() - busy:.1f} seconds of the processor, {_read_memory() - before:.0f} MB more"
                )


def _allocate(engine: Engine, warehouse: AllocationWarehouse, period: UsageWindow) -> float:
    """Allocate as the operator does; return the seconds of reading."""
    source_engine = create_engine(engine.url, poolclass=NullPool)
    database = find_database(engine.dialect)
    database.prepare_for_reads(source_engine, database.max_read_seconds, database.max_read_wait_seconds)
    source = AirflowSource(ReadingSession(source_engine, "Airflow connection 'airflow'"), None)
    reading = 0.0
    for window in period.chunks(7):
        since = perf_counter()
        found = source.read(window)
        reading += perf_counter() - since
        replacement = Replacement(ENVIRONMENT, choose_method(pod_per_task=True), found.labels, "team:", PROVENANCE)
        days = warehouse.allocate(measure_days(found.runs, window), replacement)
        _check(days)
    return reading


def _check(days: Sequence[AllocatedDay]) -> None:
    """Raise an error if a day is not what was made: 30 seconds of run time and 15 of start-up for each task."""
    if found := [day for day in days if day.status not in ("within", None) or len(day.airflow_shares) != 200]:
        raise ValueError(f"A day is wrong: {found[0]}")


def _make_airflow(engine: Engine, tasks_a_day: int, key: str) -> None:
    kind = "TIMESTAMP WITH TIME ZONE" if engine.dialect.name == "postgresql" else "TIMESTAMP"
    times = ", ".join(f"{name} {kind}" for name in ("queued_dttm", "start_date", "end_date", "updated_at"))
    rows = _ROWS[engine.dialect.name].format(days=DAYS, tasks=tasks_a_day, first=FIRST)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE task_instance (dag_id VARCHAR(250), run_id VARCHAR(250), task_id VARCHAR(250), "
                f"map_index INTEGER, try_number INTEGER, state VARCHAR(20), {times}{key})"
            )
        )
        connection.execute(text(f"INSERT INTO task_instance ({_COLUMNS}) {rows}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _prepare(warehouse: AllocationWarehouse, tasks_a_day: int) -> None:
    warehouse.prepare()
    row: dict[str, Any] = {
        **ENVIRONMENT.account._asdict(),
        "sub_account_id": ENVIRONMENT.sub_account_id,
        "service_name": "airflow",
        "resource_id": "",
        "sku_meter": "Worker Minutes",
        "consumed_quantity": Decimal(tasks_a_day * 45 // 60),
        "consumed_unit": "Minutes",
        "x_is_additive": True,
        **PROVENANCE,
        "x_loaded_at": FIRST,
    }
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    rows = [row | {"charge_period_start": day, "billing_period_start": day.replace(day=1)} for day in days]
    warehouse.run_in_transaction(
        lambda connection: connection.execute(insert(warehouse.tables.daily), rows), lambda: "Nothing was made."
    )


@contextmanager
def _open_databases() -> Iterator[Iterator[tuple[str, Engine, str]]]:
    key = ", PRIMARY KEY (dag_id, task_id, run_id, map_index)"
    with run_databases() as databases, tempfile.TemporaryDirectory() as folder:
        names = [databases.copy("template0") for _ in range(2)]
        uris = [*map(databases.get_uri, names), f"sqlite:///{Path(folder, 'both.db')}"]
        engines = [create_engine(uri, poolclass=NullPool) for uri in uris]
        yield zip(("PostgreSQL", "PostgreSQL, a copy", "SQLite"), engines, (key, "", key), strict=True)


def _read_memory() -> float:
    """Return the largest resident memory of this process so far, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
