"""One task that fetches, loads and totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from datacoves_usage_provider.operators.usage_operator import UsageOperator

if TYPE_CHECKING:
    from datetime import date

    from datacoves_usage_provider.compat import Context


class CollectUsageOperator(UsageOperator):
    """
    Collect the usage of one API connection into the warehouse and return its totals.

    The days are those of the last complete ``period`` (UTC) before the run, or ``start`` to ``end``. Only rows that
    differ are written, so running again is harmless. All arguments are templated, as text or as native objects. After
    rendering, ``""`` and ``"None"`` mean None, numbers may be text and ids numbers, days may be dates or moments (which
    stand for their UTC day), and ``filters`` may be JSON text.

    Assets (datasets on Airflow 2) among its ``outlets`` get events whose extra has ``service_provider_name``,
    ``billing_account_id``, ``window`` and ``is_complete``: False if the API did not cover all of the window yet.

    :param usage_conn_id: the usage API: a connection whose hook is a ``UsageHook``
    :param sql_conn_id: the warehouse: a connection whose hook is a ``DbApiHook``; None: a dry run, only totals
    :param schema: the warehouse schema of the tables; None: the session decides
    :param period: ``"day"`` or ``"month"``
    :param start: first day, ``YYYY-MM-DD``; with ``end`` it replaces ``period``, and switches both ``…_days`` off
    :param end: the day after the last, ``YYYY-MM-DD``
    :param lookback_days: also load this many days before the period again, for late corrections
    :param catch_up_days: look this many days back before the period, and also load those that the load log lacks
    :param filters: ``{name: value or list of values}`` in the API's own words
    :param allow_empty: may a response without any record replace days that have some? If not, it is an error: a
        service that is down may respond like that
    :return: plain JSON with ``service_provider_name``, ``billing_account_id``, ``window`` (``start``, ``end``
        exclusive), ``totals`` of that window, and ``loaded`` (``days``, ``records``, ``added``, ``changed``,
        ``removed``; None in a dry run). It stays below 48 kB: beyond 200 sub accounts, ``totals_by`` is
        ``"service"``, and the ``sub_account_id`` of ``totals`` is None
    """

    template_fields: Sequence[str] = (
        "usage_conn_id",
        "sql_conn_id",
        "schema",
        "period",
        "start",
        "end",
        "lookback_days",
        "catch_up_days",
        "filters",
        "allow_empty",
    )
    template_fields_renderers: ClassVar = {"filters": "json"}
    ui_color = "#e7f3ef"

    def __init__(
        self,
        *,
        usage_conn_id: str,
        sql_conn_id: str | None = "usage_warehouse",
        schema: str | None = None,
        period: str = "day",
        start: str | date | None = None,
        end: str | date | None = None,
        lookback_days: int | str = 0,
        catch_up_days: int | str = 0,
        filters: Mapping[str, str | Sequence[str]] | str | None = None,
        allow_empty: bool | str = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.usage_conn_id = usage_conn_id
        self.sql_conn_id = sql_conn_id
        self.schema = schema
        self.period = period
        self.start = start
        self.end = end
        self.lookback_days = lookback_days
        self.catch_up_days = catch_up_days
        self.filters = filters
        self.allow_empty = allow_empty

    def run_task(self, context: Context) -> dict[str, Any]:
        # Imported here, so that parsing a DAG file does not pay for HTTP, JSON and SQL libraries.
        from datacoves_usage_provider.operators.arguments import read_arguments
        from datacoves_usage_provider.operators.collection import collect
        from datacoves_usage_provider.operators.lineage import Lineage, Tables, UsageAccount
        from datacoves_usage_provider.operators.xcom import make_value

        arguments = read_arguments({name: getattr(self, name) for name in CollectUsageOperator.template_fields})
        report = collect(arguments, context["dag_run"], self.log)
        result = make_value(report.to_json(), report.totals)
        self._describe_to_assets(context, result, report.is_complete)
        written = [Tables(arguments.sql_conn_id, arguments.schema, report.tables)] if arguments.sql_conn_id else []
        self.lineage = Lineage([UsageAccount(arguments.usage_conn_id, result["billing_account_id"])], written)
        report.log_summary()
        return result

    def _describe_to_assets(self, context: Context, result: dict[str, Any], is_complete: bool) -> None:
        """Say in the events of the assets among the task's outlets what has arrived."""
        from datacoves_usage_provider.compat import Asset

        arrived = {name: result[name] for name in ("service_provider_name", "billing_account_id", "window")}
        for outlet in self.outlets:
            if isinstance(outlet, Asset):
                context["outlet_events"][outlet].extra = {**arrived, "is_complete": is_complete}
