"""Reads the budgets of a month: the last check of each, and the alerts."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql import Select

from datacoves_usage_provider.report.period import ReportPeriod
from datacoves_usage_provider.report.readings import Alert, BudgetCheck
from datacoves_usage_provider.report.relations import Relations


def read_budgets(connection: Connection, relations: Relations, period: ReportPeriod) -> list[BudgetCheck]:
    if "usage_budget_status" not in relations:
        return []
    last: dict[str, BudgetCheck] = {}
    for row in connection.execute(_select_checks(relations, period)):
        last.setdefault(
            row.x_budget_name,
            BudgetCheck(
                name=row.x_budget_name,
                as_of=row.x_as_of,
                amount=row.x_amount,
                unit=row.x_unit,
                used=row.x_used,
                forecast=row.x_forecast,
                forecast_low=row.x_forecast_low,
                forecast_high=row.x_forecast_high,
                days_missing=row.x_days_missing,
                unpriced_rows=row.x_unpriced_rows,
                exceeds_on=row.x_exceeds_on,
            ),
        )
    return list(last.values())


def _select_checks(relations: Relations, period: ReportPeriod) -> Select[Any]:
    """
    The last check of a budget comes first.

    A budget that was deleted or renamed in the running month is left out; of a month that is over, it was a part.
    """
    table = relations["usage_budget_status"]
    wanted = and_(table.c.billing_period_start == period.month.start, table.c.x_as_of <= period.until)
    checks = select(table).where(wanted).order_by(table.c.x_budget_name, table.c.x_as_of.desc())
    if period.is_over or "usage_budget" not in relations:
        return checks
    return checks.where(table.c.x_budget_name.in_(select(relations["usage_budget"].c.x_budget_name)))


def read_alerts(connection: Connection, relations: Relations, period: ReportPeriod) -> list[Alert]:
    if "usage_alert" not in relations:
        return []
    columns = relations["usage_alert"].c
    wanted = and_(columns.billing_period_start == period.month.start, columns.x_as_of <= period.until)
    rows = connection.execute(
        select(columns.x_as_of, columns.x_text, columns.x_rule)
        .where(wanted)
        .order_by(columns.x_as_of.desc(), columns.x_text, columns.x_rule)
    )
    return [
        Alert(as_of, [rule for *_, rule in same], text)
        for (as_of, text), same in groupby(rows, key=lambda row: (row.x_as_of, row.x_text))
    ]
