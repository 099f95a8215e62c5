"""One task that writes a month's usage as files that need no Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datacoves_usage_provider.operators.usage_operator import UsageOperator

if TYPE_CHECKING:
    from datacoves_usage_provider.compat import Context


class ReportUsageOperator(UsageOperator):
    """
    Write the report of a month: one HTML file for a browser, a mail or a printer, and CSV files of the same numbers.

    The files are ``usage-YYYY-MM.html`` and ``usage-YYYY-MM-<table>.csv``. None is written unless all could be made. In
    a folder none is replaced unless all could be written; an object storage replaces one after the other, each whole.
    All arguments are templated, as text or as native objects; after rendering, ``""`` and
    ``"None"`` mean None.

    :param path: the folder: an absolute path that the worker can write to, or the URL of an object storage
    :param month: ``YYYY-MM``; None: the last complete month (UTC) before the run
    :param formats: ``"html"``, ``"csv"`` or both, as a list or as text with commas
    :param sql_conn_id: the warehouse: a connection whose hook is a ``DbApiHook``
    :param schema: the warehouse schema of the tables; None: the session decides
    :return: plain JSON with ``month``, ``files`` (their paths, sorted) and ``totals`` (per account, meter, unit and
        currency; numbers are decimal text)
    """

    template_fields: Sequence[str] = ("path", "month", "formats", "sql_conn_id", "schema")
    ui_color = "#e7f3ef"

    def __init__(
        self,
        *,
        path: str,
        month: str | None = None,
        formats: Sequence[str] | str = ("html", "csv"),
        sql_conn_id: str = "usage_warehouse",
        schema: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.month = month
        self.formats = formats
        self.sql_conn_id = sql_conn_id
        self.schema = schema

    def run_task(self, context: Context) -> dict[str, Any]:
        # Imported here, so that parsing a DAG file does not pay for SQL and templates.
        from datacoves_usage_provider.operators.lineage import Files, Lineage, Tables
        from datacoves_usage_provider.operators.report_files import make_report, read_arguments
        from datacoves_usage_provider.text import count

        arguments = read_arguments({name: getattr(self, name) for name in ReportUsageOperator.template_fields})
        report, read = make_report(arguments, context["dag_run"])
        self.lineage = Lineage([Tables(arguments.sql_conn_id, arguments.schema, read)], [Files(report["files"])])
        files = report["files"]
        self.log.info("Wrote %s to %s: %s.", count(len(files), "file"), arguments.path, ", ".join(files))
        return report
