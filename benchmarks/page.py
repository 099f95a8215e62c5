"""
How long the usage page takes, and how large it is: ``python -m benchmarks.page [DAYS]``.

The account has 2,000 sub accounts and 10,000 resources. All resources are used on each day of the last quarter, which
is what the page shows; before that, a fifth of them a day. The default is ten years of days: 8,036,000 rows.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.databases import Databases, run_databases
from tests.support.large_account import fill

TEN_YEARS = 3_650
BUSY_DAYS = 92
RUNS = 5
MOST_SECONDS, MOST_BYTES = 2.0, 1_000_000
_SLOWEST = 5


class Request(NamedTuple):
    """One request for the page; ``cpu_seconds`` are Python's, ``statements`` has the seconds of each SELECT."""

    seconds: float
    cpu_seconds: float
    database_seconds: float
    size: int
    statements: dict[str, float]


def main(days: int = TEN_YEARS) -> None:
    with run_databases() as databases, tempfile.TemporaryDirectory() as home:
        name = databases.copy("template0")
        since = perf_counter()
        fill(databases.get_uri(name), _find_yesterday(), days, min(days, BUSY_DAYS))
        ((rows,),) = databases.query(name, "SELECT count(*) FROM usage_daily")
        print(f"{rows:,} rows of {days:,} days, made in {perf_counter() - since:.0f} seconds")
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW_CONN_USAGE_WAREHOUSE": databases.get_uri(name)}
        _request(databases)  # it loads modules and templates
        requests = [_request(databases) for _ in range(RUNS)]
    _print(requests)
    misses = list(_find_misses(requests))
    sys.exit("\n".join(misses) if misses else 0)


def _find_yesterday() -> date:
    return datetime.now(timezone.utc).date() - timedelta(days=1)


def _request(databases: Databases) -> Request:
    # Airflow reads its settings when it is imported.
    from datacoves_usage_provider.page.content import show_usage

    before = databases.read_cpu_seconds()
    with _note_statements() as statements:
        since, busy = perf_counter(), process_time()
        page = show_usage({"days": "92"})
        seconds, cpu_seconds = perf_counter() - since, process_time() - busy
    if page.status != 200:
        raise RuntimeError(page.html)
    database_seconds = databases.read_cpu_seconds() - before
    return Request(seconds, cpu_seconds, database_seconds, len(page.html.encode()), statements)


@contextmanager
def _note_statements() -> Iterator[dict[str, float]]:
    """Yield the seconds by statement, which grow while the page is made."""
    began: list[float] = []
    seconds: dict[str, float] = {}

    def begin(*_: Any) -> None:
        began.append(perf_counter())

    def end(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seconds[" ".join(statement.split())] = perf_counter() - began.pop()

    listeners = {"before_cursor_execute": begin, "after_cursor_execute": end}
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    yield seconds
    for name, listener in listeners.items():
        event.remove(Engine, name, listener)


def _print(requests: list[Request]) -> None:
    busy, processors = os.getloadavg()[0], os.cpu_count()
    print(f"On {processors} processors, for which {busy:.1f} processes were waiting or working in the last minute:")
    for one in requests:
        print(
            f"  {one.seconds:.2f} seconds; of the processor {one.cpu_seconds:.2f} in Python and "
            f"{one.database_seconds:.2f} in PostgreSQL; {one.size:,} bytes, {len(one.statements)} SELECTs"
        )
    print("Of the last one, the slowest:")
    for statement, seconds in sorted(requests[-1].statements.items(), key=lambda item: -item[1])[:_SLOWEST]:
        print(f"  {seconds:.2f} seconds: {statement[:150]}")


def _find_misses(requests: list[Request]) -> Iterator[str]:
    seconds, size = median(one.seconds for one in requests), max(one.size for one in requests)
    print(f"Limits: {MOST_SECONDS:g} seconds (median: {seconds:.2f}), {MOST_BYTES:,} bytes (most: {size:,})")
    if seconds > MOST_SECONDS:
        yield f"The page took {seconds:.2f} seconds, above {MOST_SECONDS:g}."
    if size > MOST_BYTES:
        yield f"The page had {size:,} bytes, above {MOST_BYTES:,}."


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
