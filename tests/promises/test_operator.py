"""The operator's surface: what it takes from templates and what it gives to XCom."""

from __future__ import annotations

import inspect
import json
import os
from datetime import date
from types import SimpleNamespace
from urllib.parse import quote

import pytest

import datacoves_usage_provider
from datacoves_usage_provider.compat import BaseOperator
from datacoves_usage_provider.operators.usage import CollectUsageOperator
from tests.support.truth import SERVICES, loaded, make_totals, query, truth

DAY = date(2026, 11, 21)


def totals_of(api, start: str, end: str) -> list[dict]:
    return make_totals(truth(api, query(start, end)))


def test_it_returns_the_days_totals_as_plain_json(api, collect, warehouse):
    result = collect()
    count = len(truth(api, query("2026-11-21", "2026-11-22")))
    assert result == {
        "service_provider_name": "Datacoves",
        "billing_account_id": "a-project",
        "window": {"start": "2026-11-21", "end": "2026-11-22"},
        "totals": totals_of(api, "2026-11-21", "2026-11-22"),
        "loaded": {"days": 1, "records": count, "added": count, "changed": 0, "removed": 0},
    }
    assert json.loads(json.dumps(result)) == result


def test_lookback_is_loaded_but_not_totalled(api, collect, warehouse):
    result = collect(lookback_days=2)
    assert result["window"] == {"start": "2026-11-21", "end": "2026-11-22"}
    assert result["totals"] == totals_of(api, "2026-11-21", "2026-11-22")
    assert result["loaded"]["days"] == 3
    assert loaded(warehouse) == truth(api, query("2026-11-19", "2026-11-22"))


def test_a_month_is_the_last_complete_one(api, collect, warehouse):
    result = collect(run_after="2026-11-03T04:00", period="month")
    assert result["window"] == {"start": "2026-10-01", "end": "2026-11-01"}
    assert result["totals"] == totals_of(api, "2026-10-01", "2026-11-01")
    assert result["loaded"]["days"] == 31


def test_explicit_days_win_over_period_and_lookback(api, collect, warehouse):
    result = collect(start="2026-10-30", end="2026-11-02", period="month", lookback_days=5)
    assert result["window"] == {"start": "2026-10-30", "end": "2026-11-02"}
    assert loaded(warehouse) == truth(api, query("2026-10-30", "2026-11-02"))


def test_a_dry_run_loads_nothing_and_reads_the_period_alone(api, simulator, collect, warehouse):
    result = collect(sql_conn_id=None, lookback_days=20)
    assert result["loaded"] is None
    assert result["totals"] == totals_of(api, "2026-11-21", "2026-11-22")
    assert {request.query["start_date"] for request in simulator.requests} == {"2026-11-21"}
    with pytest.raises(Exception, match=r"(?i)usage_daily"):
        warehouse.query("SELECT * FROM usage_daily")


def test_a_window_that_is_cut_is_the_window_that_is_returned(collect):
    result = collect(start="2026-11-15", end="2099-01-01", sql_conn_id=None)
    assert result["window"]["start"] == "2026-11-15"
    assert result["window"]["end"] < "2099-01-01"


@pytest.mark.parametrize("nothing", [None, "", "None", " "])
def test_what_renders_to_nothing_is_left_out(api, collect, warehouse, nothing):
    result = collect(start=nothing, end=nothing, schema=nothing, filters=nothing)
    assert result["window"] == {"start": "2026-11-21", "end": "2026-11-22"}
    assert collect(sql_conn_id=nothing)["loaded"] is None


@pytest.mark.parametrize(
    "filters",
    [
        {"environment_slug": "abc123", "service": ["airflow", "unknown"]},
        {"environment_slug": ["abc123", "abc123"], "service": ("unknown", "airflow")},
        '{"environment_slug": "abc123", "service": ["airflow", "unknown"]}',
        {"environment_slug": " abc123 ", "service": ["airflow", "unknown"], "other": None},
    ],
    ids=str,
)
def test_filters_are_values_lists_or_json_text(api, collect, warehouse, filters):
    collect(start="2026-11-01", end="2026-11-10", filters=filters)
    asked = query("2026-11-01", "2026-11-10", environment_slug=("abc123",), service=("airflow", "unknown"))
    assert loaded(warehouse) == truth(api, asked)


def test_numbers_may_be_text(api, collect, warehouse):
    assert collect(lookback_days=" 2 ")["loaded"]["days"] == 3


def test_every_argument_is_templated():
    arguments = inspect.signature(CollectUsageOperator.__init__).parameters.keys() - {"self", "kwargs"}
    assert set(CollectUsageOperator.template_fields) == arguments
    assert "usage_conn_id" in arguments


@pytest.mark.parametrize("name", [name for name in datacoves_usage_provider.__all__ if name.endswith("Operator")])
def test_airflows_own_methods_keep_their_arguments(name):
    """Such as ``run(start_date=…, end_date=…)`` of Airflow 2."""
    operator = getattr(datacoves_usage_provider, name)
    for method, theirs in inspect.getmembers(BaseOperator, inspect.isfunction):
        if not method.startswith("_"):
            ours = getattr(operator, method)
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters), method


def test_a_subclass_may_choose_what_is_templated(datacoves_conn):
    class ReportUsageOperator(CollectUsageOperator):
        template_fields = ("start", "end")

    operator = ReportUsageOperator(
        task_id="report", usage_conn_id=datacoves_conn, sql_conn_id=None, start="2026-11-20", end="2026-11-21"
    )
    result = operator.execute({"dag_run": SimpleNamespace(dag_id="a_dag", run_id="a_run")})
    assert result["window"] == {"start": "2026-11-20", "end": "2026-11-21"}


def test_rows_say_where_they_are_from(collect, warehouse, datacoves_conn):
    collect()
    assert warehouse.query("SELECT DISTINCT x_conn_id, x_dag_id, x_run_id, billing_account_id FROM usage_daily") == [
        (datacoves_conn, "a_dag", "a_run", "a-project")
    ]


def test_the_month_of_a_row_is_its_billing_period(collect, warehouse):
    collect(start="2026-10-30", end="2026-11-02")
    pairs = warehouse.query("SELECT DISTINCT charge_period_start, billing_period_start FROM usage_daily ORDER BY 1")
    assert [(str(day), str(month)) for day, month in pairs] == [
        ("2026-10-30", "2026-10-01"),
        ("2026-10-31", "2026-10-01"),
        ("2026-11-01", "2026-11-01"),
    ]


def test_the_view_sums_the_months(api, collect, warehouse):
    collect(start="2026-10-30", end="2026-11-02")
    rows = warehouse.query(
        "SELECT sub_account_id, service_name, billing_period_start, consumed_quantity, x_days FROM usage_monthly"
    )
    for environment in api.environments:
        for service in SERVICES:
            for month, days in (
                ("2026-10-01", ("2026-10-30", "2026-11-01")),
                ("2026-11-01", ("2026-11-01", "2026-11-02")),
            ):
                asked = query(*days, environment_slug=(environment,), service=(service,))
                minutes = [amount.quantity for amount in truth(api, asked).values()]
                shown = [row[3:] for row in rows if (row[0], row[1], str(row[2])) == (environment, service, month)]
                assert shown == ([(sum(minutes), len(minutes))] if minutes else [])


def test_a_connection_may_be_a_uri_whose_extras_are_text(api, simulator, collect, warehouse, monkeypatch):
    host = quote(simulator.billing_url, safe="")
    uri = f"datacoves-billing://:{api.key}@{host}/?timeout=5&verify=True&max_answer_mb=2&billing_account_id=by-uri"
    monkeypatch.setenv("AIRFLOW_CONN_DATACOVES_BILLING_DEFAULT", uri)
    assert collect()["billing_account_id"] == "by-uri"


def test_the_account_is_the_connection_id_unless_it_is_set(collect, set_datacoves_conn):
    set_datacoves_conn(billing_account_id="")
    assert collect(sql_conn_id=None)["billing_account_id"] == "datacoves_billing_default"


def set_postgres_extra(monkeypatch, **extra) -> None:
    connection = json.loads(os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"]) | {"extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_USAGE_WAREHOUSE", json.dumps(connection))


def test_without_a_schema_the_session_decides(collect, postgres_warehouse, monkeypatch):
    postgres_warehouse.query("CREATE SCHEMA finance")
    set_postgres_extra(monkeypatch, options="-c search_path=finance")
    records = collect()["loaded"]["records"]
    assert postgres_warehouse.query("SELECT count(*) FROM finance.usage_daily") == [(records,)]


@pytest.mark.parametrize("cursor", ["dictcursor", "namedtuplecursor"])
def test_a_cursor_that_the_warehouse_connection_asks_for_does_not_matter(
    collect, postgres_warehouse, monkeypatch, cursor
):
    set_postgres_extra(monkeypatch, cursor=cursor)
    first, second = collect()["loaded"], collect()["loaded"]
    assert (first["added"], second["added"]) == (first["records"], 0)


def test_the_warehouse_connections_extras_count(collect, postgres_warehouse, monkeypatch):
    set_postgres_extra(monkeypatch, sslmode="require")  # which the server of the tests does not offer
    with pytest.raises(Exception, match="SSL"):
        collect()
