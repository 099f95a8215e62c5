"""Numbers that are easily mixed up: rows changed twice, days long ago, accounts and environments that share a name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.report.period import make_page_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.summary import summarize
from tests.report.conftest import TODAY
from tests.support.page_usage import CORRECTED, DATACOVES

SHOWN = make_page_period(TODAY, 31)
CORRECTED_DAY = TODAY - timedelta(days=CORRECTED)

pytestmark = pytest.mark.usefixtures("page_usage")


def copy_rows(warehouse, table, where="1 = 1", **changes):
    """Insert copies of the rows of ``table``; ``changes`` are the SQL of the columns that differ."""
    engine = create_engine(warehouse.uri, poolclass=NullPool)
    names = [column["name"] for column in inspect(engine).get_columns(table)]
    values = ", ".join(changes.get(name, name) for name in names)
    warehouse.query(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where}")


def test_p19_a_row_that_was_corrected_twice_counts_once(warehouse, reader):
    def read():
        (meter,) = summarize(read_usage(reader, SHOWN, DATACOVES).read[0], SHOWN).meters
        return [(each.day, each.before, each.after) for each in meter.corrections]

    ((_, before, after),) = read()
    copy_rows(
        warehouse,
        "usage_revision",
        "service_name = 'airflow'",
        x_consumed_quantity_before="x_consumed_quantity_after",
        x_consumed_quantity_after="x_consumed_quantity_after + 5",
        x_loaded_at="'2030-01-01 12:00:00+00:00'",
    )
    assert read() == [(CORRECTED_DAY, before, after + 5)]


def test_p19_a_last_day_of_long_ago_has_its_usage(warehouse, reader):
    for table in ("usage_load_log", "usage_daily"):
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start >= '2026-09-10'")
        warehouse.query(f"DELETE FROM {table} WHERE charge_period_start < '2026-09-09'")
    summary = summarize(read_usage(reader, SHOWN, DATACOVES).read[0], SHOWN)
    ((used,),) = warehouse.query(
        "SELECT sum(consumed_quantity) FROM usage_daily WHERE billing_account_id = 'analytics'"
    )
    assert (str(summary.last_day), summary.meters[0].last) == ("2026-09-09", used)
