"""dbt seeds in place of the tables: no key, nothing NOT NULL, columns of their own, null where a default is meant."""

from __future__ import annotations

from tests.support.costs import prepare

RATE = {
    "service_provider_name": "VARCHAR(255)",
    "billing_account_id": "VARCHAR(255)",
    "service_name": "VARCHAR(255)",
    "sku_meter": "VARCHAR(255)",
    "pricing_unit": "VARCHAR(255)",
    "x_pricing_quantity": "NUMERIC(38, 18)",
    "contracted_unit_price": "NUMERIC(38, 18)",
    "billing_currency": "VARCHAR(255)",
    "sku_price_effective_start": "DATE",
    "sku_price_effective_end": "DATE",
    "x_included_quantity": "NUMERIC(38, 18)",
    "x_fixed_cost": "NUMERIC(38, 18)",
    "a_comment": "TEXT",
}


def fill(warehouse, **rate):
    """Make a seed with one rate, and a row of usage."""
    columns = ", ".join(f"{name} {kind}" for name, kind in RATE.items())
    warehouse.query(f"CREATE TABLE usage_rate ({columns})")
    common = {"service_provider_name": "Datacoves", "sku_meter": "Worker Minutes", "pricing_unit": "Minutes"}
    values = {**common, "sku_price_effective_start": "2026-01-01", **rate}
    warehouse.query(f"INSERT INTO usage_rate ({', '.join(values)}) VALUES (:{', :'.join(values)})", **values)
    prepare(warehouse)
    warehouse.query(
        "INSERT INTO usage_daily VALUES ('Datacoves', 'a', 's', NULL, 'airflow', '', NULL, 'Worker Minutes', "
        "'2026-11-01', '2026-11-01', 3, 'Minutes', TRUE, NULL, NULL, '', '', '', '2026-11-02')"
    )


def test_a_seed_serves_as_the_rates(warehouse):
    fill(warehouse, contracted_unit_price=2, billing_currency="EUR")
    ((cost, units),) = warehouse.query("SELECT effective_cost, x_pricing_quantity FROM usage_cost_daily")
    assert (cost, units) == (6, 1)


def test_money_in_no_currency_is_unpriced_and_counted(warehouse):
    fill(warehouse, billing_account_id="a", contracted_unit_price=2, x_fixed_cost=100)
    lines = warehouse.query("SELECT x_line, effective_cost, x_unpriced_rows FROM usage_cost_monthly ORDER BY x_line")
    assert lines == [("fixed", None, 1), ("usage", None, 1)]
