"""The workloads: what is loaded, from where, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from operator import itemgetter

from benchmarks.exactness import load_again, make_check
from benchmarks.measuring import START, Bench, Figures, find_medians
from benchmarks.processes import (
    AIRFLOW_HOOKS,
    DLT_DOCUMENTED,
    DLT_FAST,
    FLOOR,
    ONE_BY_ONE,
    PACKAGE,
    PACKAGE_B3OS,
    SAMPLE_SCRIPT,
    Contestant,
    run_server,
)
from benchmarks.servers.b3os import WORKFLOWS
from benchmarks.source import RESTATEMENTS, add_up, days_from, make_rows, restate

Result = dict[str, Figures]

ALL = (PACKAGE, FLOOR, DLT_DOCUMENTED, DLT_FAST, AIRFLOW_HOOKS, SAMPLE_SCRIPT)
LATENCY = 0.05
LIMIT = 40
"""Responses in each second that the B3OS server gives, if it limits them."""
_RESTATED_DAYS = 40
_RESTATED_ENVIRONMENTS = 20


def load_datacoves(bench: Bench, contestants: tuple[Contestant, ...], days: int, environments: int) -> Result:
    """Measure ``days`` of ``environments``, three services each."""
    expected = add_up(make_rows(days_from(START, days), environments))
    with run_server("datacoves", *widen(days), environments) as url:
        return bench.measure(contestants, url, days, make_check(bench.databases, expected))


def load_datacoves_in_turn(
    bench: Bench, contestants: tuple[Contestant, ...], lengths: Sequence[int], environments: int
) -> list[Result]:
    """Measure one for each of ``lengths``, in days, in turn: when the machine is slow, it is so for all of them."""
    once = replace(bench, runs=1)
    rounds = [[load_datacoves(once, contestants, days, environments) for days in lengths] for _ in range(bench.runs)]
    return [
        {one.title: find_medians([result[one.title] for result in results]) for one in contestants}
        for results in zip(*rounds, strict=True)
    ]


def profile_datacoves(bench: Bench, days: int, environments: int) -> dict[str, float]:
    """Return by file of the package its part of the time that the same takes, the largest first."""
    with run_server("datacoves", *widen(days), environments) as url:
        seconds = bench.profile(PACKAGE, url, days)
    in_all = sum(seconds.values())
    return {file: took / in_all for file, took in sorted(seconds.items(), key=itemgetter(1), reverse=True)}


def load_b3os(bench: Bench, days: int, limit: int) -> Result:
    """Measure a request for each of ``days``; ``limit``: responses in each second, 0 for any number."""

    def check(contestant: Contestant, database: str) -> None:
        count = bench.databases.query(
            database, f"SELECT count(*) FROM usage_daily WHERE charge_period_start >= '{START}'"
        )
        if count != [(2 * WORKFLOWS * days,)]:
            raise RuntimeError(f"{contestant.title}: {count}")

    with run_server("b3os", *widen(days), LATENCY, limit) as url:
        return bench.measure((PACKAGE_B3OS, ONE_BY_ONE), url, days, check)


def load_restated(bench: Bench) -> dict[str, dict[str, str]]:
    """Return by title and restatement how each contestant's table is after it."""
    first, count = widen(_RESTATED_DAYS)
    with run_server("datacoves", first, count, _RESTATED_ENVIRONMENTS) as url:
        loaded = {contestant: bench.load(contestant, url, _RESTATED_DAYS) for contestant in ALL}
    verdicts: dict[str, dict[str, str]] = {contestant.title: {} for contestant in ALL}
    for restatement in RESTATEMENTS:
        rows = restate(make_rows(days_from(first, count), _RESTATED_ENVIRONMENTS), restatement)
        end = START + timedelta(days=_RESTATED_DAYS)
        expected = add_up(row for row in rows if START <= row.day < end)
        with run_server("datacoves", first, count, _RESTATED_ENVIRONMENTS, restatement) as url:
            for contestant, database in loaded.items():
                job = bench.make_job(url, database, _RESTATED_DAYS)
                verdicts[contestant.title][restatement] = load_again(bench, contestant, database, job, expected)
    return verdicts


def widen(days: int) -> tuple[date, int]:
    """Return the first day that a server has, and how many: one more at either end, so that none is cut short."""
    return START - timedelta(days=1), days + 2
