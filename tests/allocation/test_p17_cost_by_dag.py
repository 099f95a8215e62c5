"""P15, P17: what DAGs cost adds up to what their bill costs, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.metadata import add_worked_day

TODAY = ("2026-11-04", "airflow")


@pytest.fixture
def allocated(make_metadata, bill, allocate):
    """The warehouse with the worked example, billed 12 minutes, and 30 minutes of another service."""
    metadata = make_metadata("3")
    add_worked_day(metadata)
    metadata.name_owners({"load": "ingest"})
    bill({TODAY: 12, ("2026-11-04", "airbyte"): 30, ("2026-11-03", "airflow"): 7})
    allocate(lookback_days=1)
    return metadata.warehouse


def add_rate(warehouse, price: str, quantity: int = 1, service: str = "*", currency: str = "USD") -> None:
    warehouse.query(
        "INSERT INTO usage_rate (service_provider_name, billing_account_id, service_name, sku_meter, pricing_unit, "
        "x_pricing_quantity, contracted_unit_price, billing_currency, sku_price_effective_start) "
        f"VALUES ('Datacoves', '*', '{service}', 'Worker Minutes', 'Minutes', {quantity}, {price}, '{currency}', "
        "'2026-01-01')"
    )


def read_costs(warehouse, view: str) -> dict[tuple[str, ...], list[Decimal | None]]:
    rows = warehouse.query(f"SELECT charge_period_start, service_name, billing_currency, effective_cost FROM {view}")
    costs: dict[tuple[str, ...], list[Decimal | None]] = {}
    for day, service, currency, cost in rows:
        number = None if cost is None else Decimal(str(cost))
        costs.setdefault((str(day)[-2:], service, currency), []).append(number)
    return costs


def test_p17_the_cost_of_dags_adds_up_to_that_of_the_bill(allocated):
    add_rate(allocated, "4.111111111111111113", 1000)
    add_rate(allocated, "0.3", service="airbyte", currency="EUR")
    by_dag, daily = (read_costs(allocated, view) for view in ("usage_cost_by_dag", "usage_cost_daily"))
    assert by_dag.keys() == daily.keys()
    if allocated.dialect == "postgresql":
        assert {key: sum(costs) for key, costs in by_dag.items()} == {key: costs[0] for key, costs in daily.items()}
    else:
        assert {key: float(sum(costs)) for key, costs in by_dag.items()} == pytest.approx(
            {key: float(costs[0]) for key, costs in daily.items()}
        )


def test_p17_what_is_unpriced_is_null_for_each_dag(allocated):
    rows = allocated.query(
        "SELECT allocated_resource_id, effective_cost, billing_currency FROM usage_cost_by_dag "
        "WHERE service_name = 'airflow' AND charge_period_start = '2026-11-04' ORDER BY 1"
    )
    assert rows == [(dag_id, None, None) for dag_id in ("", "load", "nightly", "report")]


def test_p17_each_share_has_the_price_of_its_bill(allocated):
    add_rate(allocated, "0.5")
    rows = allocated.query(
        "SELECT allocated_resource_id, x_owners, consumed_quantity, effective_cost, billing_currency "
        "FROM usage_cost_by_dag WHERE service_name = 'airflow' AND charge_period_start = '2026-11-04' ORDER BY 1"
    )
    assert [
        (dag_id, owners, float(quantity), float(cost), currency) for dag_id, owners, quantity, cost, currency in rows
    ] == [
        ("", "", 2.25, 1.125, "USD"),
        ("load", "ingest", 6.21, 3.105, "USD"),
        ("nightly", "", 1.67, 0.835, "USD"),
        ("report", "", 1.87, 0.935, "USD"),
    ]


@pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)  # fakesnow divides only small numbers
def test_p17_a_vendors_own_money_is_divided_and_a_bill_of_0_is_not(allocated):
    allocated.query(
        "UPDATE usage_daily SET effective_cost = 3, billing_currency = 'EUR' WHERE service_name = 'airflow'"
    )
    allocated.query("UPDATE usage_daily SET consumed_quantity = 0 WHERE charge_period_start = '2026-11-03'")
    costs = read_costs(allocated, "usage_cost_by_dag")
    assert sum(costs["04", "airflow", "EUR"]) == pytest.approx(3)
    assert Decimal("0.5625") in costs["04", "airflow", "EUR"]
    assert costs["03", "airflow", "EUR"] == [None] * len(costs["03", "airflow", "EUR"])


def test_p17_a_share_whose_bill_is_gone_has_no_cost(allocated):
    add_rate(allocated, "0.5")
    allocated.query("DELETE FROM usage_daily WHERE service_name = 'airbyte'")
    assert read_costs(allocated, "usage_cost_by_dag")["04", "airbyte", None] == [None]
