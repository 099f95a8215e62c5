"""``usage_budgets_daily`` as Airflow runs it, up to the mail of an alert."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cost.budgets import Books

ONE_DAY = timedelta(days=1)


@pytest.fixture
def today(today):
    """The day of the run; up to the 5th, the month has too few days for an alert, so then it is the 1st."""
    return today if today.day > 5 else today.replace(day=1)


@pytest.fixture
def history(warehouse, today) -> Books:
    """140 days of 10,000 minutes each, more than the budgets in ``dags/reference`` allow."""
    books = Books(warehouse)
    days = [today - ONE_DAY * number for number in range(1, 141)]
    books.load(days)
    books.use(days, 10_000)
    return books


def test_p16_an_alert_of_the_dag_arrives_once_by_mail(run_dag, history, mail_server, today):
    first = run_dag("budgets_by_mail", str(today))
    assert first.task[0] == "success", first.said
    yesterday = today - ONE_DAY
    statuses = {status["x_budget_name"]: status for status in first.xcom["budgets"]}
    used = 10_000 * yesterday.day
    assert first.xcom["as_of"] == str(yesterday)
    assert statuses["Datacoves minutes"]["x_used"] == str(used)
    assert Decimal(statuses["Datacoves cost"]["x_used"]) > 0
    assert [mail["subject"] for mail in mail_server.mails] == [
        f"Budget alert: {alert['budget_name']}, {alert['month']} (rule {alert['rule']})"
        for alert in first.xcom["alerts"]
    ]
    texts = [mail.get_body(("html",)).get_content().strip() for mail in mail_server.mails]
    assert texts == [alert["text"] for alert in first.xcom["alerts"]]
    assert len(texts) == len(history.read_alerts())
    again = run_dag("budgets_by_mail", str(today))
    assert again.task[0] == "success", again.said
    assert again.xcom["alerts"] == []
    assert len(mail_server.mails) == len(texts)


def test_p16_a_mail_server_that_is_away_fails_the_task_and_the_alert_stays_new(
    run_dag, history, mail_server, today, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", '{"conn_type": "smtp", "host": "127.0.0.1", "port": 9}')
        failed = run_dag("budgets_by_mail", str(today))
    assert failed.task[0] == "failed", failed.said
    assert "was not sent, so it stays new" in failed.said
    assert history.read_alerts() == []
    sent = run_dag("budgets_by_mail", str(today))
    assert len(sent.xcom["alerts"]) == len(mail_server.mails) == len(history.read_alerts())
