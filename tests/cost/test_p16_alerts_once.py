"""P16: a rule of a budget alerts once in a month; holes and want of history are told, never taken for zero."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, delete, insert, select, text
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.cost.alerts import replace_statuses
from datacoves_usage_provider.exceptions import UsageConfigError, WarehouseUnavailableError
from datacoves_usage_provider.warehouse.dialects.database import Database
from tests.cost.budgets import DAY, NOV_18

AT_ONCE = 8
# fakesnow lets no statement of another session run while one has a transaction.
side_by_side = pytest.mark.parametrize("warehouse", ["sqlite", "postgres"], indirect=True)


def get_rules(result: Mapping[str, list[dict[str, str]]]) -> list[str]:
    return [alert["rule"] for alert in result["alerts"]]


def test_p16_a_rule_alerts_once_however_often_it_is_checked(books, caplog):
    caplog.set_level("INFO")
    books.budget(amount=2250)
    notified = []
    first = books.check(notify=notified.append)
    assert get_rules(first) == ["used:80", "forecast:110"]
    assert [alert["rule"] for alert in notified] == ["used:80", "forecast:110"]
    assert "Alert used:80 of budget 'production' is new." in caplog.messages
    assert "Budgets checked up to 2026-11-18: 1. New alerts: 2." in caplog.messages
    books.use([NOV_18 + DAY])
    books.load([NOV_18 + DAY])
    for as_of in (NOV_18, NOV_18 + DAY):
        assert books.check(as_of, notify=notified.append)["alerts"] == []
    assert len(notified) == 2
    assert books.read_alerts() == [("production", "forecast:110"), ("production", "used:80")]


def test_p16_each_month_alerts_for_itself(books):
    books.budget(amount=1000, x_alert_rules="used:100")
    assert get_rules(books.check(date(2026, 10, 31))) == ["used:100"]
    assert get_rules(books.check(date(2026, 10, 31))) == []
    assert get_rules(books.check(NOV_18)) == ["used:100"]


def test_p16_a_raised_amount_is_a_new_budget(books):
    books.budget(amount=1000, x_alert_rules="used:100")
    assert get_rules(books.check()) == ["used:100"]
    books.database.query("UPDATE usage_budget SET x_amount = 1500")
    assert get_rules(books.check()) == ["used:100"]
    books.database.query("UPDATE usage_budget SET x_amount = 1000")
    assert get_rules(books.check()) == []


@side_by_side
@pytest.mark.parametrize("has_keys", [True, False])
def test_p16_eight_checks_at_once_alert_once(books, has_keys):
    for name in ("one", "two"):
        books.budget(name, amount=1800, x_alert_rules="used:80 used:100")
    if not has_keys:  # as on Snowflake, which enforces none
        books.database.drop_key("usage_alert")
        books.database.drop_key("usage_budget_status")
    notified = []

    def notify(alert: Mapping[str, str]) -> None:
        time.sleep(0.02)
        notified.append((alert["budget_name"], alert["rule"]))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda n: books.check(NOV_18 - DAY * (n % 2), notify=notify), range(AT_ONCE)))
    expected = [("one", "used:100"), ("one", "used:80"), ("two", "used:100"), ("two", "used:80")]
    assert sorted(notified) == expected
    assert books.read_alerts() == expected
    assert sum(len(result["alerts"]) for result in results) == len(expected)
    statuses = books.database.query("SELECT x_budget_name, x_as_of FROM usage_budget_status")
    assert len(statuses) == len(set(statuses)) == 4


@side_by_side
def test_p16_checks_go_on_while_the_budgets_are_replaced(books):
    books.budget(amount=1800, x_alert_rules="used:80")
    budget = books.warehouse.cost_tables.budget
    is_over = Event()

    def replace_rows(connection) -> None:
        rows = [dict(row._mapping) for row in connection.execute(select(budget))]
        connection.execute(delete(budget))
        time.sleep(0.01)
        connection.execute(insert(budget), rows)

    def keep_replacing() -> None:
        while not is_over.is_set():
            books.warehouse.run_in_transaction(replace_rows, lambda: "")
            time.sleep(0.01)

    replacing = Thread(target=keep_replacing)
    replacing.start()
    try:
        results = [books.check() for _ in range(10)]
    finally:
        is_over.set()
        replacing.join()
    assert [len(result["alerts"]) for result in results] == [1, *[0] * 9]


def test_p16_a_notifier_that_fails_leaves_its_alert_new_and_the_others_sent(books, caplog):
    books.budget("a", amount=1800, x_alert_rules="used:100")
    books.budget("b", amount=1800, x_alert_rules="used:100")
    is_broken = True

    def notify(alert: Mapping[str, str]) -> None:
        if is_broken and alert["budget_name"] == "a":
            raise ConnectionRefusedError("no mail server")

    with pytest.raises(ConnectionRefusedError, match="no mail server"):
        books.check(notify=notify)
    assert "Alert used:100 of budget 'a' was not sent, so it stays new: 'no mail server'" in caplog.messages
    assert books.read_alerts() == [("b", "used:100")]
    is_broken = False
    assert [alert["budget_name"] for alert in books.check(notify=notify)["alerts"]] == ["a"]
    assert books.read_alerts() == [("a", "used:100"), ("b", "used:100")]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p16_a_slow_notifier_that_costs_its_session_fails_with_its_own_error_and_the_others_are_sent(books, caplog):
    """PostgreSQL ends a transaction that waits for longer than a minute; here, the notifier lets it."""
    for name in ("a", "b", "c", "d"):
        books.budget(name, amount=1800, x_alert_rules="used:100")

    def notify(alert: Mapping[str, str]) -> None:
        if alert["budget_name"] in ("b", "d"):
            return
        books.database.query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
        )
        if alert["budget_name"] == "a":
            raise ConnectionRefusedError("[SSL: WRONG_VERSION_NUMBER]")

    with pytest.raises(ConnectionRefusedError, match="WRONG_VERSION_NUMBER"):
        books.check(notify=notify)
    assert (
        "Alert used:100 of budget 'a' was not sent, so it stays new: '[SSL: WRONG_VERSION_NUMBER]'" in caplog.messages
    )
    assert "Alert used:100 of budget 'c' was sent, but stays new: Warehouse connection 'warehouse': " in caplog.text
    assert books.read_alerts() == [("b", "used:100"), ("d", "used:100")]


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_p16_a_notifier_that_does_not_return_is_named_and_not_the_warehouse(books, caplog, monkeypatch):
    monkeypatch.setattr(Database, "max_silent_seconds", 1)
    make_three_budgets(books)
    is_over = Event()
    try:
        with pytest.raises(TimeoutError, match="the notifiers did not return"):
            books.check(notify=lambda _: is_over.wait())
    finally:
        is_over.set()
    assert (
        "Alert used:100 of budget 'a' was not sent, so it stays new: 'the notifiers did not return'" in caplog.messages
    )
    assert "Alert used:100 of budget 'b' stays new: Warehouse connection 'warehouse': its connection was" in caplog.text
    assert "Alert used:100 of budget 'c'" not in caplog.text


def make_three_budgets(books) -> None:
    for name in ("a", "b", "c"):
        books.budget(name, amount=1800, x_alert_rules="used:100")


@side_by_side
def test_p16_no_more_alerts_are_sent_once_the_table_rejects_their_rows_for_good(books, caplog):
    make_three_budgets(books)
    books.check(date(2026, 10, 31), "a")
    books.database.query("CREATE UNIQUE INDEX mine ON usage_alert (x_rule)")
    called = []

    def notify(alert: Mapping[str, str]) -> None:
        called.append(alert["budget_name"])
        if alert["budget_name"] == "a":
            raise ConnectionRefusedError("no mail server")

    for _ in range(2):
        with pytest.raises(UsageConfigError, match="Alert used:100 of budget 'b' stays new"):
            books.check(notify=notify)
    assert called == ["a", "b"] * 2
    assert "Alert used:100 of budget 'a' was not sent, so it stays new: 'no mail server'" in caplog.messages
    assert "Alert used:100 of budget 'b' was sent, but stays new: Warehouse connection 'warehouse': " in caplog.text


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p16_a_check_waits_for_the_locks_of_others_once_and_not_for_each_alert(books, caplog, monkeypatch):
    monkeypatch.setattr(Database, "max_wait_seconds", 1)
    make_three_budgets(books)
    locks = []
    with create_engine(books.database.uri, poolclass=NullPool).connect() as connection:
        query = text("SELECT 1 FROM usage_budget WHERE x_budget_name <> 'a' FOR UPDATE")
        with pytest.raises(WarehouseUnavailableError, match="Airflow will retry"):
            books.check(notify=lambda _: locks.append(connection.execute(query)))
    assert len(locks) == 1
    assert [message[:31] for message in caplog.messages if message.startswith("Alert")] == [
        "Alert used:100 of budget 'a' is",
        "Alert used:100 of budget 'b' st",
    ]
    assert books.read_alerts() == [("a", "used:100")]


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p16_a_budget_that_vanishes_while_alerts_are_sent_leaves_those_of_the_others(books):
    make_three_budgets(books)
    with pytest.raises(UsageConfigError, match="Budget 'b' vanished from usage_budget"):
        books.check(notify=lambda _: books.database.query("DELETE FROM usage_budget WHERE x_budget_name = 'b'"))
    assert books.read_alerts() == [("a", "used:100"), ("c", "used:100")]


def test_p16_a_budget_that_vanished_while_it_was_checked_is_named(books):
    tables = books.warehouse.cost_tables
    with pytest.raises(UsageConfigError, match="Budget 'gone' vanished from usage_budget while it was checked. Run"):
        books.warehouse.run_in_transaction(
            lambda connection: replace_statuses(connection, tables, [{"x_budget_name": "gone"}]), lambda: ""
        )


@side_by_side
def test_p16_an_alert_is_committed_only_after_its_notifiers_were_called(books):
    books.budget(amount=1800, x_alert_rules="used:100")
    seen = []
    books.check(notify=lambda _: seen.append(books.read_alerts()))
    assert seen == [[]]
    assert len(books.read_alerts()) == 1


def test_p16_a_hole_is_told_and_filled_not_counted_as_zero(books):
    books.budget(amount=2700)
    hole = date(2026, 11, 9)
    for table in ("usage_daily", "usage_load_log"):
        books.database.query(f"DELETE FROM {table} WHERE charge_period_start = :day", day=str(hole))
    result = books.check()
    (status,) = result["budgets"]
    assert (status["x_used"], status["x_forecast"]) == ("1700", "3000")
    assert (status["x_days_loaded"], status["x_days_missing"]) == (17, 1)
    assert [alert["rule"] for alert in result["alerts"]] == ["forecast:110"]
    assert "Not loaded: 9 Nov; the forecast fills the gap." in result["alerts"][0]["text"]


def test_p16_without_history_there_is_no_forecast_and_none_alerts(empty_books):
    days = [date(2026, 11, number) for number in range(1, 7)]
    empty_books.load(days)
    empty_books.use(days)
    empty_books.budget(amount=601, x_alert_rules="used:99 forecast:1")
    result = empty_books.check(days[-1])
    (status,) = result["budgets"]
    assert [status[f"x_forecast{end}"] for end in ("", "_low", "_high")] == [None, None, None]
    assert status["x_exceeds_on"] is None
    (alert,) = result["alerts"]
    assert alert["rule"] == "used:99"
    assert "No forecast: fewer than 7 of the last 28 days are loaded." in alert["text"]


def test_p16_a_budget_without_any_usage_is_no_data_and_not_zero(empty_books, caplog):
    empty_books.budget(x_alert_rules="used:1 forecast:1")
    result = empty_books.check()
    (status,) = result["budgets"]
    assert (status["x_used"], status["x_forecast"]) == (None, None)
    assert (status["x_days_loaded"], status["x_days_missing"]) == (0, 18)
    assert result["alerts"] == []
    assert "Budget 'production' matches no usage of the last 119 days" in caplog.text


def test_p16_a_forecast_alerts_from_the_5th_on(books):
    books.budget(amount=3000, x_alert_rules="forecast:100")
    assert get_rules(books.check(date(2026, 11, 4))) == []
    assert get_rules(books.check(date(2026, 11, 5))) == ["forecast:100"]


def test_p16_a_rule_fires_from_its_percentage_on(books):
    books.budget("a", amount="2250", x_alert_rules="used:80")
    books.budget("b", amount="2250.01", x_alert_rules="used:80")
    assert [alert["budget_name"] for alert in books.check()["alerts"]] == ["a"]


def test_p16_a_status_is_replaced_when_its_day_is_checked_again(books):
    books.budget()
    books.check()
    books.database.query("UPDATE usage_daily SET consumed_quantity = 50 WHERE charge_period_start = '2026-11-18'")
    books.check()
    books.check(NOV_18 - DAY)
    statuses = books.database.query("SELECT x_as_of, x_used FROM usage_budget_status ORDER BY x_as_of")
    assert [(str(day), Decimal(str(used))) for day, used in statuses] == [("2026-11-17", 1700), ("2026-11-18", 1750)]
