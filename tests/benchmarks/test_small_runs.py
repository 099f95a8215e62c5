"""``make bench`` with so few days that it takes seconds, and what it says of figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from benchmarks.again import TO_API, TO_DATABASE, load_corrected, load_daily
from benchmarks.databases import run_databases
from benchmarks.exactness import describe
from benchmarks.measuring import Bench, Figures
from benchmarks.processes import AIRFLOW_HOOKS, DLT_DOCUMENTED, DLT_FAST, FLOOR, PACKAGE
from benchmarks.restating import BARE, measure_restating
from benchmarks.targets import judge_daily, judge_half_year, judge_memory, judge_restating
from benchmarks.workloads import load_datacoves_in_turn, profile_datacoves

MONDAY, TUESDAY = date(2021, 1, 4), date(2021, 1, 5)


def test_a_load_is_held_against_its_source_measured_and_profiled(tmp_path: Path) -> None:
    with run_databases() as databases:
        bench = Bench(databases, tmp_path, runs=1)
        (result,) = load_datacoves_in_turn(bench, (PACKAGE,), [2], environments=3)
        profile = profile_datacoves(bench, days=2, environments=3)
    figures = result[PACKAGE.title]
    assert figures.seconds > 0
    assert figures.imported_mb > figures.extra_mb > 0
    assert sum(profile.values()) == pytest.approx(1)
    assert any(file.startswith("warehouse/dialects/") for file in profile)  # which run in a thread


def test_days_that_are_there_are_read_again_from_far_away_and_corrected(tmp_path: Path) -> None:
    driver = make_url("postgresql://").get_dialect().driver
    with run_databases() as databases:
        bench = Bench(databases, tmp_path, runs=1)
        daily = load_daily(bench, (PACKAGE,), environments=3)[PACKAGE.title]
        corrected = load_corrected(bench, (PACKAGE,), days=40, environments=3)[PACKAGE.title]
        ratios = measure_restating(bench, (driver,), environments=10)
    assert daily.seconds > TO_API + 10 * TO_DATABASE
    # A new row for each environment and service, and one of the load log for each day; but no day is written again.
    assert 9 + 3 <= daily.rows_written < 9 * 3
    changed = 40 * 9 // 100
    assert 2 * changed + 40 <= corrected.rows_written < 4 * changed + 2 * 40
    assert ratios.keys() == {driver, BARE}


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({("a", "airflow", MONDAY): 1}, "exact"),
        ({("a", "airflow", MONDAY): 2}, "wrong: 0 that are gone, 0 missing, 1 other amounts, of 1"),
        ({("a", "airflow", TUESDAY): 1}, "wrong: 1 that are gone, 1 missing, 0 other amounts, of 1"),
    ],
)
def test_only_what_equals_the_source_is_exact(found: dict[tuple[str, str, date], int], verdict: str) -> None:
    assert describe(found, {("a", "airflow", MONDAY): 1}) == verdict


@pytest.mark.parametrize(("seconds", "met"), [(1.0, [True, True, True]), (1.3, [False, False, True])])
def test_targets_are_held_against_the_floor_and_the_faster_dlt(seconds: float, met: list[bool]) -> None:
    result = {
        PACKAGE.title: make_figures(seconds, extra_mb=20),
        FLOOR.title: make_figures(0.5, extra_mb=50),
        DLT_DOCUMENTED.title: make_figures(20, extra_mb=10),
        DLT_FAST.title: make_figures(8, extra_mb=100),
    }
    assert [target.met for target in judge_half_year(result)] == met


@pytest.mark.parametrize(("seconds", "met"), [(1.5, [True, True]), (1.7, [False, True]), (2.1, [False, False])])
def test_the_daily_task_is_held_against_airflows_hooks_and_the_faster_dlt(seconds: float, met: list[bool]) -> None:
    result = {
        PACKAGE.title: make_figures(seconds, extra_mb=20),
        AIRFLOW_HOOKS.title: make_figures(1, extra_mb=50),
        DLT_DOCUMENTED.title: make_figures(6, extra_mb=10),
        DLT_FAST.title: make_figures(8, extra_mb=100),
    }
    assert [target.met for target in judge_daily(result)] == met


def test_what_is_read_again_is_held_against_a_first_load() -> None:
    assert [target.met for target in judge_restating({"one": 3, "another": 3.1, BARE: 4})] == [True, False]
    again = [make_figures(1, extra_mb) for extra_mb in (130, 131)]
    assert [target.met for one in again for target in judge_memory(make_figures(1, 100), one)] == [True, False]


def make_figures(seconds: float, extra_mb: float) -> Figures:
    return Figures(seconds, seconds, seconds, 100, extra_mb, 0, 0)
