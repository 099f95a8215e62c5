"""Workloads on days that are in the table already: the daily task, a late correction, and a large chunk without any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from benchmarks.exactness import make_check
from benchmarks.job import Job
from benchmarks.measuring import START, Bench, Figures
from benchmarks.processes import (
    AIRFLOW_HOOKS,
    DLT_DOCUMENTED,
    DLT_FAST,
    FLOOR,
    PACKAGE,
    PACKAGE_DAILY,
    Contestant,
    run_port,
    run_server,
)
from benchmarks.source import add_up, days_from, make_rows, restate
from benchmarks.workloads import Result, widen

DAILY = (PACKAGE, FLOOR, DLT_DOCUMENTED, DLT_FAST, AIRFLOW_HOOKS)
TO_DATABASE, TO_API = 0.02, 0.2
"""Seconds of a round trip to either, if they are far away."""
_LOADED, _READ_AGAIN = 33, 2
CHANGED = 100
"""One row in so many is changed by the late correction."""


def load_daily(bench: Bench, contestants: Sequence[Contestant], environments: int) -> Result:
    """Measure a new day, with the two before it read again, on ``START`` and 32 more days that are there."""
    days = _LOADED + 1
    check = make_check(bench.databases, add_up(make_rows(days_from(START, days), environments)))
    with (
        run_server("datacoves", *widen(days), environments) as url,
        run_port("far", bench.databases.port, TO_DATABASE) as database_port,
        run_port("far", url.rpartition(":")[2], TO_API) as api_port,
    ):

        def make_job(name: str) -> Job:
            first, end = START + timedelta(days=_LOADED - _READ_AGAIN), START + timedelta(days=days)
            database = bench.databases.get_uri(name, database_port)
            return Job(f"http://127.0.0.1:{api_port}", database, str(first), str(end))

        loaded = {_as_daily(contestant): bench.load(contestant, url, _LOADED) for contestant in contestants}
        bench.warm_up(PACKAGE_DAILY, url)  # what it imports was not noted when this package loaded the days before
        return bench.measure_on(loaded, make_job, check)


def _as_daily(contestant: Contestant) -> Contestant:
    return PACKAGE_DAILY if contestant == PACKAGE else contestant


def load_corrected(bench: Bench, contestants: Sequence[Contestant], days: int, environments: int) -> Result:
    """Measure ``days`` that are there, after one row in ``CHANGED`` of them was changed at the source."""
    first, count = widen(days)
    restatement = "amounts changed"
    rows = restate(make_rows(days_from(first, count), environments), restatement, CHANGED)
    expected = add_up(row for row in rows if START <= row.day < START + timedelta(days=days))
    with run_server("datacoves", first, count, environments) as url:
        loaded = {contestant: bench.load(contestant, url, days) for contestant in contestants}
    with run_server("datacoves", first, count, environments, restatement, CHANGED) as url:
        check = make_check(bench.databases, expected)
        return bench.measure_on(loaded, lambda name: bench.make_job(url, name, days), check)


def load_large_again(bench: Bench, days: int, environments: int) -> tuple[Figures, Figures]:
    """Measure this package's first load of ``days``, and one that finds them all as they are."""

    def check(contestant: Contestant, database: str) -> None:
        rows = f"SELECT count(*) FROM usage_daily WHERE charge_period_start >= '{START}'"
        if bench.databases.query(database, rows) != [(days * environments * 3,)]:
            raise RuntimeError(f"{contestant.title}: not all records are there")

    with run_server("datacoves", *widen(days), environments) as url:
        first = bench.measure((PACKAGE,), url, days, check)
        loaded = {PACKAGE: bench.load(PACKAGE, url, days)}
        again = bench.measure_on(loaded, lambda name: bench.make_job(url, name, days), check)
    return first[PACKAGE.title], again[PACKAGE.title]
