"""P14: the task's last line says what a person wants to know; it and XCom are bounded, however much there is."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.operators.summary import describe_totals
from datacoves_usage_provider.operators.xcom import make_value
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.totals import PeriodTotals
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

pytestmark = pytest.mark.usefixtures("in_turn")

DAY = date(2026, 11, 21)
MINUTES = Meter("Worker Minutes", "Minutes")
UNITS = Meter("Compute Units", "Compute Units", is_whole=False)
UNIQUE = Meter("Unique Rows", "Rows", is_additive=False)
ROWS = Meter("Total Rows", "Rows")
LONG = "\U0001f600" * 255
FORGED = "a\nb\x1b[31m\u202e"
MOST_BYTES = 48_000
LARGE = "10,000,000,000,000,000,000.000000000000000001"


def record(quantity: Any = 1, sub_account: str = "abc123", meter: Meter = MINUTES, **fields: Any) -> UsageRecord:
    service = fields.pop("service_name", "airflow")
    return UsageRecord(
        sub_account_id=sub_account,
        service_name=service,
        meter=meter,
        charge_period_start=DAY,
        consumed_quantity=Decimal(quantity),
        **fields,
    )


def total(*records: UsageRecord, days: int = 1) -> PeriodTotals:
    totals = PeriodTotals(UsageWindow(DAY, DAY + days * ONE_DAY))
    totals.add(records)
    return totals


def usd(cost: str | None, currency: str | None = "USD") -> dict[str, Any]:
    return {"effective_cost": None if cost is None else Decimal(cost), "billing_currency": currency}


SENTENCES = {
    "nothing": ([], ""),
    "one sub account": ([record(1410), record(90, service_name="dbt")], "1,500 Minutes (abc123)"),
    "none": ([record(5, "")], "5 Minutes"),
    "three": ([record(1, "c"), record(2, "b"), record(3, "a")], "6 Minutes (a 3, b 2, c 1)"),
    "four": (
        [record(1410, "p"), record(400, "d"), record(123, "d", service_name="dbt"), record(20, "x"), record(1, "y")],
        "1,954 Minutes (p 1,410, d 523, 2 more)",
    ),
    "names": (
        [record(2, "1", sub_account_name="EMEA"), record(1, "2", sub_account_name=FORGED)],
        r"3 Minutes (EMEA 2, a\nb\x1b[31m\u202e 1)",
    ),
    "decimals": (
        [record("1234.50", meter=UNITS), record("0.0000005", meter=UNITS)],
        "1,234.5000005 Compute Units (abc123)",
    ),
    "large": (
        [record(number, meter=UNITS) for number in ("1e19", "0.000000000000000001")] + [record(0, "b", UNITS)],
        f"{LARGE} Compute Units (abc123 {LARGE}, b 0)",
    ),
    "two meters of a unit": (
        [record(7, meter=ROWS), record(5, meter=UNIQUE)],
        "7 Total Rows (abc123); 5 Unique Rows (abc123)",
    ),
    "costs": ([record(7, **usd("0.10")), record(5, **usd("0.15"))], "12 Minutes for 0.25 USD (abc123)"),
    "currencies": (
        [record(7, **usd("1200")), record(5, **usd("3", "EUR"))],
        "12 Minutes for 3 EUR and 1,200 USD (abc123)",
    ),
    "unknown costs": (
        [record(7, **usd("1", "EUR")), record(5, **usd(None)), record(3, **usd(None, None))],
        "15 Minutes for 1 EUR and an unknown cost and an unknown cost in USD (abc123)",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_p14_each_meters_total_and_its_largest_sub_accounts(name):
    records, sentence = SENTENCES[name]
    assert describe_totals(total(*records)) == sentence


@pytest.fixture
def last(printed):
    """The last line of the task's log, from the account on."""
    return lambda: printed()[-1].partition("Datacoves account 'a-project', ")[2]


def respond(simulator, *minutes: tuple[str, int], day: str = "2026-11-21") -> None:
    rows = [{"environment_slug": name, "service": "airflow", "date": day, "amount_minutes": n} for name, n in minutes]
    simulator.faults.extend([faults.Rows(rows), faults.Rows([])])


def test_p14_the_last_line_has_the_total_of_the_period_alone(collect, simulator, sqlite_warehouse, last):
    respond(simulator, ("production", 1410), ("development", 523), ("qa", 400), ("x", 18))
    collect(lookback_days=2, catch_up_days=5)
    assert last().startswith("2026-11-21: 2,351 Minutes (production 1,410, development 523, 2 more).")


def test_p14_a_day_without_usage_is_said_to_have_none(collect, simulator, sqlite_warehouse, last):
    respond(simulator)
    collect()
    assert last().startswith("2026-11-21: no usage.")


def test_p14_a_month_is_named_and_so_are_filters_and_a_dry_run(collect, simulator, last):
    respond(simulator, ("abc123", 5), day="2026-10-31")
    collect(sql_conn_id=None, run_after="2026-11-03", period="month", filters={"environment_slug": "abc123"})
    assert last().startswith("2026-10 (filtered): 5 Minutes (abc123). Nothing was loaded (dry run).")


def size(value: dict[str, Any]) -> int:
    return len(json.dumps(value))


@pytest.mark.parametrize(("count", "totals"), [(200, 200), (201, 1)])
def test_p14_beyond_200_sub_accounts_totals_are_by_service(count, totals):
    value = make_value({"loaded": None}, total(*(record(n, f"env{n:03}") for n in range(count))))
    assert len(value["totals"]) == totals
    assert value.get("totals_by") == (None if totals > 1 else "service")
    assert sum(entry["consumed_quantity"] for entry in value["totals"]) == sum(range(count))
    assert size(value) < MOST_BYTES


def test_p14_services_keep_their_totals_units_and_currencies():
    records = [record(1, f"env{n}", service_name=f"s{n % 2}", **usd("0.1", f"U{n % 3}")) for n in range(600)]
    entries = make_value({}, total(*records))["totals"]
    keys = [(entry["service_name"], entry["billing_currency"]) for entry in entries]
    assert keys == [(service, currency) for service in ("s0", "s1") for currency in ("U0", "U1", "U2")]
    assert {(entry["sub_account_id"], entry["consumed_quantity"], entry["effective_cost"]) for entry in entries} == {
        (None, 100, "10")
    }


@pytest.mark.parametrize(
    ("records", "grain"),
    [
        ([record(1, f"{n}{LONG[:250]}") for n in range(100)], "service"),
        ([record(1, "env", service_name=f"{n}{LONG[:250]}") for n in range(100)], "meter"),
        ([record(1, f"e{n}", service_name=f"s{n}", sub_account_name=LONG * 30) for n in range(2_000)], "meter"),
    ],
    ids=["long ids", "long services", "many services"],
)
def test_p14_xcom_and_the_line_are_short_however_long_names_are(records, grain):
    totals = total(*records)
    value = make_value({"service_provider_name": LONG, "billing_account_id": LONG}, totals)
    assert (value["totals_by"], size(value) < MOST_BYTES) == (grain, True)
    assert sum(entry["consumed_quantity"] for entry in value["totals"]) == len(records)
    assert len(describe_totals(totals)) < 200


def test_p14_many_meters_and_currencies_are_counted():
    meters = [Meter(f"m{n:03} {LONG[:200]}", f"unit {n:03}") for n in range(50)]
    line = describe_totals(total(*(record(1, meter=meter, **usd("1", f"C{n}")) for meter in meters for n in range(9))))
    assert line.startswith("9 unit 000 for 1 C0 and 1 C1 and 1 C2 and 6 more (abc123); 9 unit 001")
    assert line.endswith("; 40 more")
    assert len(line) < 1000


def test_p14_meters_whose_days_do_not_add_up_are_named_without_a_total():
    totals = total(record(7, meter=ROWS), record(5, meter=UNIQUE), days=2)
    assert describe_totals(totals) == "7 Total Rows (abc123)"
    assert totals.find_meters_without_total() == [UNIQUE]


def test_p14_a_task_with_100_000_sub_accounts_says_little(collect, simulator, printed):
    respond(simulator, *((f"env-{n}-{'x' * 200}", 1) for n in range(100_000)))
    value = collect(sql_conn_id=None)
    (entry,) = value["totals"]
    assert (value["totals_by"], entry["sub_account_id"], entry["consumed_quantity"]) == ("service", None, 100_000)
    lines = printed()
    assert "2026-11-21: 100,000 Minutes (env-0-" in lines[-1]
    assert ", 99,998 more)." in lines[-1]
    assert (len(lines) < 10, max(map(len, lines)) < 1000, size(value) < 1000) == (True, True, True)
