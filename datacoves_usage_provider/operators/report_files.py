"""The report task's arguments, checked together, and its work: read, write HTML and CSV, replace the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Any

from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.operators.rendered import parse_required, parse_text, show, simplify
from datacoves_usage_provider.period import get_period
from datacoves_usage_provider.report.csv_files import TABLES, write_csv_files
from datacoves_usage_provider.report.html import render_report
from datacoves_usage_provider.report.period import ReportPeriod, make_month_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.readings import Readings
from datacoves_usage_provider.report.storage import write_files
from datacoves_usage_provider.report.totals import make_totals
from datacoves_usage_provider.warehouse.reader import WarehouseReader
from datacoves_usage_provider.window import UsageWindow

FORMATS = ("html", "csv")
READ_SECONDS = 300
"""A task may take longer than a page: nobody waits before it."""


@dataclass(frozen=True)
class ReportArguments:
    path: str
    month: UsageWindow | None
    formats: tuple[str, ...]
    sql_conn_id: str
    schema: str | None


def read_arguments(given: Mapping[str, Any]) -> ReportArguments:
    """Return the checked arguments, or raise one ``UsageConfigError`` that lists everything that is wrong."""
    problems: list[str] = []

    def read(parse: Callable[[Any], Any], name: str) -> Any:
        try:
            return parse(simplify(given[name]))
        except ValueError as error:
            problems.append(f"{name}: {error}")

    arguments = ReportArguments(
        path=read(parse_required, "path"),
        month=read(_parse_month, "month"),
        formats=read(_parse_formats, "formats"),
        sql_conn_id=read(parse_required, "sql_conn_id"),
        schema=read(parse_text, "schema"),
    )
    if problems:
        raise UsageConfigError(f"The task's arguments are wrong: {'; '.join(problems)}.")
    return arguments


def _parse_month(value: Any) -> UsageWindow | None:
    if value is None:
        return None
    if isinstance(value, date):
        return get_month(date(value.year, value.month, 1))
    try:
        first = date.fromisoformat(f"{value}-01")
    except ValueError as error:
        raise ValueError(f"must be a month of the form YYYY-MM, not {show(value)}") from error
    if f"{first:%Y-%m}" != value:
        raise ValueError(f"must be a month of the form YYYY-MM, not {show(value)}")
    return get_month(first)


def _parse_formats(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, Sequence) else ()
    if isinstance(value, str):
        names = [name.strip(" []()'\"") for name in value.split(",")]
    wanted = tuple(name for name in FORMATS if name in names)
    if not wanted or any(name not in (*FORMATS, "") for name in names):
        raise ValueError(f"must be {' or '.join(map(repr, FORMATS))}, or both, not {show(value)}")
    return wanted


def make_report(arguments: ReportArguments, dag_run: Any) -> tuple[dict[str, Any], Sequence[str]]:
    """Write the files; return the operator's XCom value, and the names of the tables and views behind it."""
    period = _find_period(arguments, dag_run)
    reader = WarehouseReader.connect(arguments.sql_conn_id, arguments.schema, READ_SECONDS)
    readings = read_usage(reader, period, all_accounts=True)
    if readings is None:
        raise UsageConfigError(
            f"Warehouse connection {arguments.sql_conn_id!r} does not have the usage tables, so there is nothing to "
            "report. Run a DAG that collects usage first, or name the connection and schema that it loads into."
        )
    files = _write(readings, period, arguments.formats)
    outdated = set(_name_csv_files(period).values()) - set(files) if "csv" in arguments.formats else ()
    report = {
        "month": f"{period.month.start:%Y-%m}",
        "files": write_files(arguments.path, files, outdated),
        "totals": make_totals(readings),
    }
    return report, readings.sources


def _find_period(arguments: ReportArguments, dag_run: Any) -> ReportPeriod:
    now = datetime.now(timezone.utc)
    month = arguments.month or get_period(dag_run, "month", now)
    if month.start >= now.date():
        raise UsageConfigError(f"The month {month.start:%Y-%m} does not have a complete day yet. Name an earlier one.")
    return make_month_period(month, now.date())


def _write(readings: Readings, period: ReportPeriod, formats: tuple[str, ...]) -> dict[str, bytes]:
    files = {}
    if "html" in formats:
        files[f"{_name(period)}.html"] = render_report(readings, period).encode()
    if "csv" in formats:
        names = _name_csv_files(period)
        files |= {names[table]: content for table, content in write_csv_files(readings, period).items()}
    return files


def _name_csv_files(period: ReportPeriod) -> dict[str, str]:
    return {table: f"{_name(period)}-{table}.csv" for table in TABLES}


def _name(period: ReportPeriod) -> str:
    return f"usage-{period.month.start:%Y-%m}"
