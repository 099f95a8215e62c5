"""Whose table says what the source says, also after the source was restated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.databases import Databases
from benchmarks.job import Job
from benchmarks.measuring import START, Bench
from benchmarks.processes import Contestant, Failed, run_contestant
from benchmarks.source import Totals

_USAGE_DAILY = """
SELECT sub_account_id, service_name, charge_period_start, sum(consumed_quantity)::bigint
FROM usage_daily WHERE charge_period_start >= '{start}' GROUP BY 1, 2, 3
"""
_DLT = """
SELECT environment_slug, service, (date AT TIME ZONE 'UTC')::date, sum(amount_minutes)::bigint
FROM usage.usage WHERE date >= '{start}' GROUP BY 1, 2, 3
"""


def read_totals(contestant: Contestant, databases: Databases, database: str) -> Totals:
    query = _USAGE_DAILY if contestant.writes_usage_daily else _DLT
    rows = databases.query(database, query.format(start=START))
    return {(environment, service, day): minutes for environment, service, day, minutes in rows}


def describe(found: Totals, expected: Totals) -> str:
    """Return ``"exact"`` or what is wrong."""
    if found == expected:
        return "exact"
    kept = len(found.keys() - expected.keys())
    missing = len(expected.keys() - found.keys())
    wrong = sum(found[key] != expected[key] for key in found.keys() & expected.keys())
    return f"wrong: {kept} that are gone, {missing} missing, {wrong} other amounts, of {len(expected)}"


def make_check(databases: Databases, expected: Totals) -> Callable[[Contestant, str], None]:
    """Return what raises an error if a contestant's table in a database is anything but exact."""

    def check(contestant: Contestant, database: str) -> None:
        verdict = describe(read_totals(contestant, databases, database), expected)
        if verdict != "exact":
            raise RuntimeError(f"{contestant.title}: {verdict}")

    return check


def load_again(bench: Bench, contestant: Contestant, loaded: str, job: Job, expected: Totals) -> str:
    """Let it load the restated days into a copy of the database ``loaded``; return how its table then is."""
    before = read_totals(contestant, bench.databases, loaded)
    database = bench.databases.copy(loaded)
    try:
        run_contestant(contestant, replace(job, database=bench.databases.get_uri(database)), bench.home)
    except Failed as error:
        after = read_totals(contestant, bench.databases, database)
        left = "as it was" if after == before else f"with {len(after)} of {len(before)} totals"
        return f"fails and leaves the table {left}: {_find_error(str(error))}"
    else:
        return describe(read_totals(contestant, bench.databases, database), expected)
    finally:
        bench.databases.drop(database)


def _find_error(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith((" ", "DETAIL", "CONTEXT")) and ": " in line]
    return (lines or [text])[-1][:120]
