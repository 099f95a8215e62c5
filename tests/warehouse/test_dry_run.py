"""A dry run stands in for a warehouse in the task's loop, and touches nothing."""

from __future__ import annotations

import inspect

import pytest

from datacoves_usage_provider.chunk import VendorMonth
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.warehouse.dry_run import DryRun
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

CHUNK = make_chunk("analytics", ("2026-11-01", "2026-11-02"), {("2026-11-01", "abc123", "airflow"): 120})
RUN = Provenance("a_conn", "a_dag", "a_run")
METHODS = [name for name, value in vars(DryRun).items() if inspect.isfunction(value)]


@pytest.mark.parametrize("name", METHODS)
def test_a_dry_run_takes_what_a_warehouse_takes(name):
    parameters = [list(inspect.signature(getattr(kind, name)).parameters) for kind in (Warehouse, DryRun)]
    assert parameters[0] == parameters[1]


def test_a_dry_run_loads_nothing_and_knows_no_missing_day():
    dry_run = DryRun()
    assert dry_run.load(CHUNK, RUN) is None
    dry_run.load_month(VendorMonth(CHUNK.account, CHUNK.window.start, Scope(), CHUNK.records), RUN)
    assert dry_run.prepare_and_find_missing_days(CHUNK.account, CHUNK.days, Scope()) == []
    assert list(dry_run.warnings) == []
