"""One task that tells where the month will end, and who should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING, Any

from datacoves_usage_provider.operators.usage_operator import UsageOperator

if TYPE_CHECKING:
    from datacoves_usage_provider.compat import BaseNotifier, Context


class CheckBudgetsOperator(UsageOperator):
    """
    Compare the month to date, and its forecast, with budgets; call notifiers for each alert that is new.

    The month is that of the last complete UTC day before the run. A rule alerts once in a month, also when several
    checks run at once; with another amount, a budget is a new one. Budgets are rows of ``usage_budget``. All arguments
    but ``notifiers`` are templated, as those of ``CollectUsageOperator`` are.

    An alert counts as sent after all ``notifiers`` have returned, which together must take less than a minute. If one
    fails, the task fails, and its next try calls all of them again.

    :param budgets: names of budgets; None: all that are effective in the month
    :param notifiers: Airflow's notifiers, such as ``SmtpNotifier``. Their templates have ``usage_alert``: an entry of
        ``alerts`` (below) plus ``amount``, ``unit`` and ``value``, which fired the rule
    :param sql_conn_id: the warehouse: a connection whose hook is a ``DbApiHook``
    :param schema: the warehouse schema of the tables; None: the session decides
    :return: plain JSON with ``as_of``, ``budgets`` (a row of ``usage_budget_status`` each) and ``alerts``: those that
        this try of the task has sent, each with ``budget_name``, ``month`` (``YYYY-MM``), ``rule`` and ``text``. What
        an earlier try sent before it failed is not among them, but in ``usage_alert`` under the same ``x_run_id``
    """

    template_fields: Sequence[str] = ("budgets", "sql_conn_id", "schema")
    ui_color = "#e7f3ef"

    def __init__(
        self,
        *,
        budgets: str | Sequence[str] | None = None,
        notifiers: Sequence[BaseNotifier] = (),
        sql_conn_id: str = "usage_warehouse",
        schema: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.budgets = budgets
        self.notifiers = notifiers
        self.sql_conn_id = sql_conn_id
        self.schema = schema

    def run_task(self, context: Context) -> dict[str, Any]:
        # Imported here, so that parsing a DAG file does not pay for SQL libraries.
        from datacoves_usage_provider.cost.budget_check import BudgetCheck
        from datacoves_usage_provider.cost.warehouse import CostWarehouse
        from datacoves_usage_provider.operators.argument_reader import ArgumentReader
        from datacoves_usage_provider.operators.lineage import Lineage, Tables
        from datacoves_usage_provider.operators.rendered import parse_names, parse_required, parse_text
        from datacoves_usage_provider.period import get_last_complete_day

        arguments = (*CheckBudgetsOperator.template_fields, "notifiers")
        reader = ArgumentReader({name: getattr(self, name) for name in arguments})
        names = reader.read(parse_names, "budgets")
        reader.read(_check_notifiers, "notifiers")  # now, and not when the first alert is new
        sql_conn_id = reader.read(parse_required, "sql_conn_id")
        schema = reader.read(parse_text, "schema")
        reader.check()
        dag_run = context["dag_run"]
        as_of = get_last_complete_day(dag_run, datetime.now(timezone.utc))
        warehouse = CostWarehouse.connect(sql_conn_id, schema)
        warehouse.prepare()
        run = {"x_dag_id": dag_run.dag_id, "x_run_id": dag_run.run_id}
        checked = BudgetCheck(warehouse, as_of, run, partial(self._notify, context), self.log).check(names)
        read = ("usage_budget", "usage_daily", "usage_load_log", "usage_rate")
        written = ("usage_budget_status", "usage_alert")
        self.lineage = Lineage([Tables(sql_conn_id, schema, read)], [Tables(sql_conn_id, schema, written)])
        return checked

    def _notify(self, context: Context, alert: Mapping[str, str]) -> None:
        """Do what calling a notifier does, but let its errors through: Airflow 2 only logs them."""
        context["usage_alert"] = alert
        for notifier in self.notifiers:
            called = copy(notifier)  # rendering changes it
            context.update({name: getattr(called, name) for name in called.template_fields})
            called.render_template_fields(context)
            called.notify(context)


def _check_notifiers(value: Any) -> None:
    is_list = isinstance(value, (list, tuple))
    if not is_list or any(isinstance(one, type) or not hasattr(one, "notify") for one in value):
        raise ValueError("must be a list of notifiers, such as [SmtpNotifier(...)]")
