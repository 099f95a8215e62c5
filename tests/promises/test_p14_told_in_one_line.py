"""P14: each load logs one line with its figures, and a long one shows how far it is."""

from __future__ import annotations

import re

import pytest

from datacoves_usage_provider.compat import BaseHook
from datacoves_usage_provider.simulator import faults

pytestmark = pytest.mark.usefixtures("in_turn")

LINE = re.compile(
    r"Datacoves account 'a-project': (loaded|read) (\S+(?: to \S+)?) \((\d+) of (\d+) days\): "
    r"(\d+) requests, (\d+) retries, (\d+) records, "
    r"(?:(\d+) added, (\d+) changed, (\d+) removed|none loaded \(dry run\)), \d+\.\d seconds\."
)


def found(lines):
    return [match.groups() for line in lines if (match := LINE.search(line))]


def test_p14_one_line_for_a_day(simulator, collect, warehouse, sleeps, printed):
    simulator.faults.append(faults.Status(500))
    result = collect()
    records = str(result["loaded"]["records"])
    assert found(printed()) == [("loaded", "2026-11-21", "1", "1", "3", "1", records, records, "0", "0")]


def test_p14_a_task_reads_each_connection_once(collect, datacoves_conn, warehouse, mocker):
    read = mocker.spy(BaseHook, "get_connection")
    collect(lookback_days=2, catch_up_days=40)
    assert [call.args[-1] for call in read.call_args_list] == [datacoves_conn, "usage_warehouse"]


def test_p14_a_backfill_shows_how_far_it_is(collect, warehouse, printed):
    collect(start="2026-01-01", end="2026-03-15")
    assert [line[1:4] for line in found(printed())] == [
        ("2026-01-01 to 2026-01-31", "31", "73"),
        ("2026-02-01 to 2026-03-03", "62", "73"),
        ("2026-03-04 to 2026-03-14", "73", "73"),
    ]


def test_p14_a_dry_run_says_that_it_only_read(collect, printed):
    collect(sql_conn_id=None)
    assert [line[0] for line in found(printed())] == ["read"]
