"""Run all workloads, print each table as it is there, and keep all of it in ``build/bench``."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, is_dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.again import CHANGED, DAILY, TO_API, TO_DATABASE, load_corrected, load_daily, load_large_again
from benchmarks.databases import run_databases
from benchmarks.measuring import Bench
from benchmarks.parsing import measure_parsing
from benchmarks.processes import FLOOR, PACKAGE, ROOT, Failed
from benchmarks.report import write_list, write_table, write_verdicts
from benchmarks.restating import measure_restating
from benchmarks.targets import (
    Target,
    judge_b3os,
    judge_daily,
    judge_five_years,
    judge_half_year,
    judge_memory,
    judge_restated,
    judge_restating,
)
from benchmarks.workloads import (
    ALL,
    LATENCY,
    LIMIT,
    load_b3os,
    load_datacoves,
    load_datacoves_in_turn,
    load_restated,
    profile_datacoves,
)

_FOLDER = ROOT / "build" / "bench"
_RUNS = 3
_ENVIRONMENTS = 186
_RESTATED_AT_ONCE, _MANY = 1_075, 6_667
"""Environments with a month of 100,000 rows, and of 620,000."""
_SMALLEST_PART = 0.01
_HALF_YEAR, _FIVE_YEARS = 180, 1826


def main() -> None:
    results = _Results()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, run_databases() as databases:
        _run_all(Bench(databases, Path(folder), _RUNS), results)
    results.keep()


class _Results:
    def __init__(self) -> None:
        self._texts: list[str] = []
        self._found: dict[str, Any] = {"at": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC", "runs": _RUNS}

    def add(self, name: str, found: Any, text: str) -> None:
        self._found[name] = found
        self._texts.append(text)
        print(text, flush=True)

    def keep(self) -> None:
        _FOLDER.mkdir(parents=True, exist_ok=True)
        (_FOLDER / "results.txt").write_text("\n".join(self._texts))
        (_FOLDER / "results.json").write_text(json.dumps(self._found, indent=2, default=_to_json) + "\n")


def _run_all(bench: Bench, results: _Results) -> None:
    targets: list[Target] = []
    day = load_datacoves(bench, ALL, 1, 3)
    results.add("one_day", day, write_table("(a) one day, 3 environments", day))
    half = load_datacoves(bench, ALL, _HALF_YEAR, _ENVIRONMENTS)
    results.add("half_year", half, write_table(f"(b) {_HALF_YEAR} days, {_ENVIRONMENTS} environments", half))
    targets += judge_half_year(half)
    profile = profile_datacoves(bench, _HALF_YEAR, _ENVIRONMENTS)
    results.add("half_year_profile", profile, write_list("(b) where this package's time goes", _to_percent(profile)))
    again, five = load_datacoves_in_turn(bench, (PACKAGE, FLOOR), (_HALF_YEAR, _FIVE_YEARS), _ENVIRONMENTS)
    results.add("half_year_again", again, write_table(f"(c) {_HALF_YEAR} days again, in turn with", again))
    results.add("five_years", five, write_table(f"(c) {_FIVE_YEARS} days", five))
    targets += judge_five_years(again, five, _FIVE_YEARS / _HALF_YEAR)
    far = load_b3os(bench, 365, 0)
    results.add("b3os", far, write_table(f"(d) B3OS, 365 days, {LATENCY * 1000:.0f} ms a response", far))
    targets += judge_b3os(far, _count_failures(bench, results))
    restated = load_restated(bench)
    results.add("restated", restated, write_verdicts("(e) after a restatement", restated))
    targets += judge_restated(restated)
    targets += _run_again(bench, results)
    parsing = measure_parsing(bench.home, bench.runs)
    results.add("parsing_ms", parsing, write_list("Parsing and importing, in milliseconds", _round(parsing)))
    results.add("targets", targets, "\n".join(["Targets", *(f"  {target}" for target in targets)]))


def _run_again(bench: Bench, results: _Results) -> list[Target]:
    daily = load_daily(bench, DAILY, 3)
    far = f"{TO_DATABASE * 1000:.0f} ms to the database, {TO_API * 1000:.0f} ms to the API"
    results.add("daily", daily, write_table(f"(f) a new day and two again, {far}", daily))
    corrected = load_corrected(bench, ALL, _HALF_YEAR, _ENVIRONMENTS)
    title = f"(g) {_HALF_YEAR} days again, 1 row in {CHANGED} changed"
    results.add("corrected", corrected, write_table(title, corrected))
    ratios = measure_restating(bench, ("psycopg", "psycopg2"), _RESTATED_AT_ONCE)
    title = "(h) a month of 100,000 rows restated at once, in times of their first load"
    results.add("restating", ratios, write_list(title, _round(ratios)))
    first, again = load_large_again(bench, 31, _MANY)
    large = {PACKAGE.title: first, f"{PACKAGE.title}, again": again}
    results.add("large_again", large, write_table("(i) a month of 620,000 rows", large))
    return [*judge_daily(daily), *judge_restating(ratios), *judge_memory(first, again)]


def _count_failures(bench: Bench, results: _Results) -> int:
    title = f"(d) the same, {LIMIT} responses a second"
    try:
        limited = load_b3os(bench, 365, LIMIT)
    except Failed as error:
        results.add("b3os_limited", None, f"{title}: {error}")
        return 1
    results.add("b3os_limited", limited, write_table(title, limited))
    return 0


def _round(figures: dict[str, float]) -> list[tuple[str, str]]:
    return [(name, f"{value:.2f}") for name, value in figures.items()]


def _to_percent(parts: dict[str, float]) -> list[tuple[str, str]]:
    return [(name, f"{part:.1%}") for name, part in parts.items() if part >= _SMALLEST_PART]


def _to_json(value: Any) -> Any:
    if isinstance(value, Target):
        return asdict(value) | {"met": value.met}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{value!r} has no JSON")


if __name__ == "__main__":
    main()
