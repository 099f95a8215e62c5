"""The operator as a task runs it: its arguments, its day, and the notifiers that it calls."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from datacoves_usage_provider import CheckBudgetsOperator
from datacoves_usage_provider.compat import AirflowFailException, BaseNotifier
from tests.cost.budgets import NOV_18

pytestmark = pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)


class Remembers(BaseNotifier):
    """Keeps what its template says each time that it is called."""

    template_fields = ("message",)
    messages: ClassVar[list[str]] = []

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message

    def notify(self, context: Any) -> None:
        self.messages.append(self.message)


class Breaks(BaseNotifier):
    def notify(self, context: Any) -> None:
        raise TimeoutError("the mail server is silent")


@pytest.fixture
def messages() -> list[str]:
    Remembers.messages.clear()
    return Remembers.messages


def execute(moment: datetime = datetime(2026, 11, 19, 4, tzinfo=timezone.utc), **arguments: Any) -> dict[str, Any]:
    operator = CheckBudgetsOperator(task_id="check", **arguments)
    run = SimpleNamespace(dag_id="a_dag", run_id="a_run", run_after=moment)
    return operator.execute({"dag_run": run, "dag": None})


def test_the_day_is_the_last_complete_one_before_the_run(books):
    books.budget()
    assert execute()["as_of"] == str(NOV_18)
    assert execute(datetime(2026, 11, 1, 0, 30, tzinfo=timezone.utc))["as_of"] == "2026-10-31"


def test_a_day_that_is_not_over_is_never_checked(books, today):
    later = datetime.now(timezone.utc) + timedelta(days=40)
    assert execute(later)["as_of"] in (str(today - timedelta(days=1)), str(today))


def test_a_name_that_would_break_the_subject_of_a_mail_is_one_line_in_templates(books, messages):
    books.budget("one\nBcc: everyone", amount=1800, x_alert_rules="used:100")
    result = execute(notifiers=[Remembers("{{ usage_alert.budget_name }}")])
    assert messages == ["one\\nBcc: everyone"]
    assert result["alerts"][0]["budget_name"] == "one\nBcc: everyone"


def test_each_alert_gets_a_copy_of_each_notifier(books, messages):
    books.budget(amount=2250)
    text = "{{ usage_alert.month }} {{ usage_alert.rule }}: {{ usage_alert.value }} of {{ usage_alert.amount }}"
    notifiers = [Remembers(f"{text} {{{{ usage_alert.unit }}}}")] * 2
    execute(notifiers=notifiers)
    expected = ["2026-11 used:80: 1800 of 2250 Minutes", "2026-11 forecast:110: 3000 of 2250 Minutes"]
    assert messages == [expected[0]] * 2 + [expected[1]] * 2
    assert notifiers[0].message.startswith("{{ usage_alert.month }}")


def test_templates_of_a_notifier_have_its_own_fields_as_where_airflow_calls_it(books, messages):
    class Sends(Remembers):
        template_fields = ("channel", "message")
        channel = "#finops"

    books.budget(amount=1800, x_alert_rules="used:100")
    text = "{{ channel }}: {{ usage_alert.rule }}"
    execute(notifiers=[Sends(text)])
    Sends(text)({"dag": None, "usage_alert": {"rule": "used:100"}})
    assert messages == ["#finops: used:100"] * 2


def test_p16_a_notifier_that_fails_fails_the_task_on_both_majors(books, messages):
    books.budget(amount=1800, x_alert_rules="used:100")
    with pytest.raises(TimeoutError, match="the mail server is silent"):
        execute(notifiers=[Remembers("once"), Breaks()])
    assert books.read_alerts() == []
    execute(notifiers=[Remembers("again")])
    assert messages == ["once", "again"]


@pytest.mark.parametrize("budgets", ["one", ["one"], '["one"]', ("one",), " one "])
def test_names_may_come_in_any_form_that_rendering_leaves(books, budgets):
    for name in ("one", "two"):
        books.budget(name)
    assert [status["x_budget_name"] for status in execute(budgets=budgets)["budgets"]] == ["one"]


@pytest.mark.parametrize("budgets", [None, "", "None"])
def test_no_names_are_all_budgets(books, budgets):
    for name in ("one", "two"):
        books.budget(name)
    assert len(execute(budgets=budgets)["budgets"]) == 2


def test_everything_that_is_wrong_with_the_arguments_is_in_one_error(books):
    with pytest.raises(AirflowFailException) as error:
        execute(budgets=[], sql_conn_id="", schema=1.5)
    for part in ("budgets: it must be text or a list that is not empty", "sql_conn_id: is required", "schema: must be"):
        assert part in str(error.value)


@pytest.mark.parametrize("notifiers", [None, Remembers("one"), [Remembers], [print], "mail"])
def test_what_is_no_list_of_notifiers_is_an_error_before_anything_alerts(books, notifiers):
    with pytest.raises(AirflowFailException, match="notifiers: must be a list of notifiers, such as"):
        execute(notifiers=notifiers)
