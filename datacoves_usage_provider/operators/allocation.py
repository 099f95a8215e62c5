"""One task that splits an environment's billed minutes over the DAGs that caused them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datacoves_usage_provider.operators.usage_operator import UsageOperator

if TYPE_CHECKING:
    from datetime import date

    from datacoves_usage_provider.compat import Context


class AllocateUsageOperator(UsageOperator):
    """
    Split the billed worker minutes of one Datacoves environment over its DAGs and return the largest.

    The minutes are those of ``usage_daily``; what ran is read from the task instances of the environment's Airflow,
    which is never written to. A day's shares add up to its bill: what no DAG explains is unattributed. Running again is
    harmless. All arguments are templated like those of ``CollectUsageOperator``; booleans may be text, too.

    :param sub_account_id: the environment's slug
    :param airflow_conn_id: that environment's Airflow: a SQL connection to its metadata database, a replica of it, or
        copies of its tables
    :param airflow_schema: the schema of those tables; None: the session decides
    :param billing_account_id: None: the one billing account that has the environment
    :param period: ``"day"`` or ``"month"``: the last complete one before the run (UTC)
    :param start: first day, ``YYYY-MM-DD``; with ``end`` it replaces ``period``, and switches both ``…_days`` off
    :param end: the day after the last, ``YYYY-MM-DD``
    :param lookback_days: also allocate this many days before the period again
    :param catch_up_days: look this many days back before the period, and also allocate those whose allocation does not
        add up to their bill
    :param pod_per_task: each task is a pod of its own, as with the KubernetesExecutor; False: split by run time alone
    :param team_tag_prefix: prefix of the tags that name a DAG's team; None: no team
    :param sql_conn_id: the warehouse: a connection whose hook is a ``DbApiHook``
    :param schema: the warehouse schema of the usage tables; None: the session decides
    :return: plain JSON with ``service_provider_name``, ``billing_account_id``, ``sub_account_id``, ``window``
        (``start``, ``end`` exclusive); ``billed``, ``dags`` (the 20 largest: ``dag_id``, ``consumed_quantity``,
        ``x_pods``) and ``unattributed`` of that window and the service ``airflow``, None without a bill; ``status``
        (how many days have each status) and ``days``, lookback and catch-up included
    """

    template_fields: Sequence[str] = (
        "sub_account_id",
        "airflow_conn_id",
        "airflow_schema",
        "billing_account_id",
        "period",
        "start",
        "end",
        "lookback_days",
        "catch_up_days",
        "pod_per_task",
        "team_tag_prefix",
        "sql_conn_id",
        "schema",
    )
    ui_color = "#e7f3ef"

    def __init__(
        self,
        *,
        sub_account_id: str,
        airflow_conn_id: str,
        airflow_schema: str | None = None,
        billing_account_id: str | None = None,
        period: str = "day",
        start: str | date | None = None,
        end: str | date | None = None,
        lookback_days: int | str = 2,
        catch_up_days: int | str = 31,
        pod_per_task: bool | str = True,
        team_tag_prefix: str | None = "team:",
        sql_conn_id: str = "usage_warehouse",
        schema: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sub_account_id = sub_account_id
        self.airflow_conn_id = airflow_conn_id
        self.airflow_schema = airflow_schema
        self.billing_account_id = billing_account_id
        self.period = period
        self.start = start
        self.end = end
        self.lookback_days = lookback_days
        self.catch_up_days = catch_up_days
        self.pod_per_task = pod_per_task
        self.team_tag_prefix = team_tag_prefix
        self.sql_conn_id = sql_conn_id
        self.schema = schema

    def run_task(self, context: Context) -> dict[str, Any]:
        # Imported here, so that parsing a DAG file does not pay for SQL libraries.
        from datacoves_usage_provider.operators.allocation_arguments import read_allocation_arguments
        from datacoves_usage_provider.operators.allocation_task import allocate
        from datacoves_usage_provider.operators.lineage import Lineage, Tables

        given = {name: getattr(self, name) for name in AllocateUsageOperator.template_fields}
        arguments = read_allocation_arguments(given)
        result = allocate(arguments, context["dag_run"], self.log)
        ran = Tables(arguments.airflow_conn_id, arguments.airflow_schema, ["task_instance"])
        billed, written = (
            Tables(arguments.sql_conn_id, arguments.schema, names)
            for names in (["usage_daily"], ["usage_allocation", "usage_reconciliation"])
        )
        self.lineage = Lineage([ran, billed], [written])
        return result
