"""The report's tables as CSV that a spreadsheet opens: numbers are numbers, and no name is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import AccountReadings, Readings
from datacoves_usage_provider.totals import plain

_ACCOUNT = ("service_provider_name", "billing_account_id")
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
"""
Where a formula can begin: also after what ends a cell in countries whose Excel does not take commas for separators.

The last four are wide forms, which Excel takes for the same in East Asia.
"""
_BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as another encoding."""

Row = Sequence[Any]


def write_csv_files(readings: Readings, period: ReportPeriod) -> dict[str, bytes]:
    """Return the files by the last part of their name; one without a row is left out."""
    tables = {name: (header, list(list_rows(readings, period))) for name, (header, list_rows) in TABLES.items()}
    return {name: _write(header, rows) for name, (header, rows) in tables.items() if rows}


def _write(header: Row, rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([_show(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _show(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return _FORMULA.sub("'", value) if isinstance(value, str) else value


_DAYS = (*_ACCOUNT, "sku_meter", "consumed_unit", "charge_period_start", "x_loaded", "consumed_quantity")


def _list_days(readings: Readings, period: ReportPeriod) -> Iterator[Row]:
    """A day that is not loaded has no quantity, which is not 0."""
    for account in readings.read:
        for meter, quantities in sorted(account.days.items()):
            for day in period.so_far.days:
                yield (*account.account, *meter, day, account.coverage.get_state(day), _find(account, quantities, day))


def _find(account: AccountReadings, quantities: Any, day: date) -> Decimal | None:
    is_zero = account.coverage.get_state(day) == "loaded"
    found: Decimal | None = quantities.get(day, Decimal(0) if is_zero else None)
    return found


_ENVIRONMENTS = (
    *_ACCOUNT,
    "sub_account_id",
    "sub_account_name",
    "service_name",
    "sku_meter",
    "consumed_unit",
    "consumed_quantity",
    "x_compared_days",
    "x_quantity_of_these_days",
    "x_quantity_of_the_same_days_before",
)


def _list_environments(readings: Readings, _: ReportPeriod) -> Iterator[Row]:
    """Meters whose days do not add up stay out."""
    for account in readings.read:
        days = len(account.spans.pairs)
        for cell in sorted(account.cells, key=lambda cell: cell[:3]):
            if cell.meter not in account.not_additive and (cell.month or cell.before):
                names = cell.sub_account_id, cell.sub_account_name, cell.service_name
                yield (*account.account, *names, *cell.meter, cell.month, days, cell.now, cell.before)


_COSTS = (
    *_ACCOUNT,
    "sub_account_id",
    "service_name",
    "sku_meter",
    "consumed_unit",
    "x_line",
    "consumed_quantity",
    "effective_cost",
    "billing_currency",
    "x_unpriced_rows",
)


def _list_costs(readings: Readings, _: ReportPeriod) -> Iterator[Row]:
    for account in readings.read:
        lines = sorted(account.costs or (), key=lambda cost: (cost[:3], cost.line, cost.currency or ""))
        for cost in lines:
            names = cost.sub_account_id, cost.service_name, *cost.meter, cost.line
            yield (*account.account, *names, cost.quantity, cost.cost, cost.currency, cost.unpriced_rows)


_DAGS = (
    *_ACCOUNT,
    "sub_account_id",
    "service_name",
    "allocated_resource_id",
    "x_team",
    "x_owners",
    "sku_meter",
    "consumed_unit",
    "consumed_quantity",
    "effective_cost",
    "billing_currency",
)


def _list_dags(readings: Readings, _: ReportPeriod) -> Iterator[Row]:
    for account in readings.read:
        for dag in sorted(account.dags, key=lambda dag: (dag.sub_account_id, -dag.quantity, dag.dag_id)):
            names = dag.sub_account_id, dag.service_name, dag.dag_id, dag.team, dag.owners
            yield (*account.account, *names, *dag.meter, dag.quantity, dag.cost, dag.currency)


_BUDGETS = (
    "x_budget_name",
    "x_as_of",
    "x_amount",
    "x_unit",
    "x_used",
    "x_forecast",
    "x_forecast_low",
    "x_forecast_high",
    "x_days_missing",
    "x_unpriced_rows",
    "x_exceeds_on",
)


def _list_budgets(readings: Readings, _: ReportPeriod) -> Iterator[Row]:
    return iter(readings.budgets)


TABLES: dict[str, tuple[Row, Callable[[Readings, ReportPeriod], Iterator[Row]]]] = {
    "days": (_DAYS, _list_days),
    "environments": (_ENVIRONMENTS, _list_environments),
    "costs": (_COSTS, _list_costs),
    "dags": (_DAGS, _list_dags),
    "budgets": (_BUDGETS, _list_budgets),
}
"""Header and rows of each file, by the last part of its name."""
