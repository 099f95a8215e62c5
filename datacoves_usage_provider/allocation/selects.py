"""What is asked of an Airflow's tables: plain SELECTs of few columns; the arithmetic is done in Python."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.sql import ColumnElement, Select
from sqlalchemy.sql.expression import TableClause

from datacoves_usage_provider.allocation.airflow_tables import KEY

_STATES = ("success", "failed", "skipped", "running", "restarting", "up_for_retry", "removed", "upstream_failed")
"""Of a task instance in another state, the moments are those of another try, or not known."""


def select_tries(task_instance: TableClause, start: int, end: int) -> Select[Any]:
    """
    Select the latest tries that may have run from ``start`` up to ``end``.

    Copies may have several versions of a try. The newest is chosen before anything else: an old one may say for ever
    that the try is running. For the same reason, one without an end runs only if there is no later try.
    """
    one = _number_versions(task_instance, start, end).c
    return select(*_try_columns(one)).where(
        one.version == 1,
        *_may_run(one, start, end),
        or_(one.end_date.is_not(None), one.try_number == one.last_try),
        one.state.in_(_STATES),
    )


def select_earlier_tries(history: TableClause, start: int, end: int) -> Select[Any]:
    one = history.c
    return select(*_try_columns(one)).where(one.queued_dttm.is_not(None), one.start_date < end, one.end_date >= start)


def select_failed(task_fail: TableClause, start: int, end: int) -> Select[Any]:
    """Select failed tries; one that was killed may have left two rows with one start."""
    one = task_fail.c
    columns = [*(one[name] for name in KEY), one.start_date]
    return (
        select(*columns, func.max(one.end_date).label("end_date"))
        .where(one.start_date < end, one.end_date >= start)
        .group_by(*columns)
    )


def select_pokes(reschedule: TableClause, task_instance: TableClause, start: int, end: int) -> Select[Any]:
    """Select earlier pokes: dag id, start (null on Airflow 3, where the column has another moment) and end."""
    one = reschedule.c
    if "ti_id" not in one:
        return select(one.dag_id, one.start_date, one.end_date).where(one.start_date < end, one.end_date >= start)
    instance = task_instance.c
    is_of_the_days = and_(one.end_date >= start, one.end_date < end)
    # A copy may have several rows of a task instance, and a poke must not count twice.
    ids = (
        select(instance.id, func.min(instance.dag_id).label("dag_id"))
        .where(instance.id.in_(select(one.ti_id).where(is_of_the_days)))
        .group_by(instance.id)
        .subquery("ids")
    )
    joined = reschedule.join(ids, ids.c.id == one.ti_id)
    return select(ids.c.dag_id, one.end_date).select_from(joined).where(is_of_the_days)


def _try_columns(columns: Any) -> list[ColumnElement[Any]]:
    return [columns[name] for name in (*KEY, "try_number", "queued_dttm", "start_date", "end_date")]


def _may_run(one: Any, start: int, end: int) -> list[ColumnElement[bool]]:
    """Hold for rows of tries that had a pod and, by their moments, may have run from ``start`` up to ``end``."""
    is_late_enough = or_(one.end_date >= start, one.end_date.is_(None))
    return [one.queued_dttm.is_not(None), one.start_date < end, is_late_enough]


def _number_versions(task_instance: TableClause, start: int, end: int) -> Any:
    """Select all rows of the task instances of which one may run, with their ``version`` and ``last_try``."""
    one = task_instance.c
    key = [one[name] for name in KEY]
    wanted = select(*key).where(*_may_run(one, start, end)).distinct().subquery("wanted")
    newest_first = [_has_none(one.end_date), one.end_date.desc(), one.start_date.desc(), one.state]
    if "updated_at" in one:
        newest_first = [_has_none(one.updated_at), one.updated_at.desc(), *newest_first]
    return (
        select(
            *_try_columns(one),
            one.state,
            func.max(one.try_number).over(partition_by=key).label("last_try"),
            func.row_number().over(partition_by=[*key, one.try_number], order_by=newest_first).label("version"),
        )
        .select_from(task_instance.join(wanted, and_(*(one[name] == wanted.c[name] for name in KEY))))
        .subquery("versions")
    )


def _has_none(column: ColumnElement[Any]) -> ColumnElement[int]:
    """Sort rows without a value last, wherever the database would."""
    return case((column.is_(None), 1), else_=0)
