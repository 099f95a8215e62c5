"""Whether days of a meter add up is what its API says, and the view follows it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk

MINUTES = {(f"2026-11-0{day}", "abc123", "airflow"): 10 for day in (1, 2)}
METERS = (Meter("Active Users", "Users", is_additive=False), Meter("Messages", "Messages"))


@pytest.fixture
def loaded(warehouse):
    """Usage of an API of one's own, by a meter whose days do not add up and one whose days do."""
    chunk = make_chunk("analytics", ("2026-11-01", "2026-11-03"), MINUTES)
    records = (msgspec.structs.replace(record, meter=meter) for record in chunk.records for meter in METERS)
    opened = Warehouse.connect(warehouse.conn_id, None)
    opened.prepare()
    opened.load(replace(chunk, records=tuple(records)), Provenance("a_conn", "a_dag", "a_run"))
    return warehouse


def test_a_meter_whose_days_do_not_add_up_stays_out_of_the_view(loaded):
    assert loaded.query("SELECT sku_meter, consumed_quantity, x_days FROM usage_monthly") == [("Messages", 20, 2)]


def test_a_column_of_another_type_is_rejected(loaded):
    for view in ("usage_jump", "usage_monthly"):
        loaded.query(f"DROP VIEW {view}")
    loaded.query("ALTER TABLE usage_daily DROP COLUMN x_is_additive")
    loaded.query("ALTER TABLE usage_daily ADD COLUMN x_is_additive INTEGER")
    with pytest.raises(UsageConfigError, match="keeps x_is_additive as (?i:integer|decimal.38, 0.), not as a BOOLEAN"):
        Warehouse.connect(loaded.conn_id, None).prepare()


def test_each_row_says_whether_its_meter_adds_up(loaded):
    rows = loaded.query("SELECT DISTINCT sku_meter, consumed_unit, x_is_additive FROM usage_daily ORDER BY 1")
    assert rows == [("Active Users", "Users", False), ("Messages", "Messages", True)]
