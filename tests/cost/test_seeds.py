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


def test_a_seed_serves_as_the_rates(warehouse):
    columns = ", ".join(f"{name} {kind}" for name, kind in RATE.items())
    warehouse.query(f"CREATE TABLE usage_rate ({columns})")
    warehouse.query(
        "INSERT INTO usage_rate (service_provider_name, sku_meter, pricing_unit, contracted_unit_price, "
        "billing_currency, sku_price_effective_start) VALUES ('Datacoves', 'Worker Minutes', 'Minutes', 2, 'EUR', "
        "'2026-01-01')"
    )
    prepare(warehouse)
    warehouse.query(
        "INSERT INTO usage_daily VALUES ('Datacoves', 'a', 's', NULL, 'airflow', '', NULL, 'Worker Minutes', "
        "'2026-11-01', '2026-11-01', 3, 'Minutes', TRUE, NULL, NULL, '', '', '', '2026-11-02')"
    )
    ((cost, units),) = warehouse.query("SELECT effective_cost, x_pricing_quantity FROM usage_cost_daily")
    assert (cost, units) == (6, 1)
