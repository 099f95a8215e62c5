"""Airflow's tables that tell who ran what, in the shape of each major and of the copies that Datacoves syncs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, get_args
from uuid import NAMESPACE_URL, uuid5

from datacoves_usage_provider.simulator.airflow_dags import DAGS, NIGHTLY
from datacoves_usage_provider.simulator.airflow_rows import (
    Span,
    TaskRow,
    find_earlier_pokes,
    find_failures,
    make_current_row,
    make_earlier_rows,
)
from datacoves_usage_provider.simulator.airflow_tasks import TaskInstance

Shape = Literal["airflow-2", "airflow-3", "copies"]

_SYNC_EVERY = timedelta(hours=6)
_FIRST_SYNC = datetime(2024, 1, 1, tzinfo=timezone.utc)

_KEY = ("dag_id text", "run_id text", "task_id text", "map_index integer")
_TRY = (*_KEY, "try_number integer", "state text", "queued_dttm TIME", "start_date TIME", "end_date TIME")
_SPAN = ("start_date TIME", "end_date TIME")


@dataclass(frozen=True)
class Table:
    """``columns``: name and type, where ``TIME`` stands for a time stamp with its offset."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def make_tables(shape: Shape, instances: Sequence[TaskInstance], at: datetime) -> Iterator[Table]:
    """Make the tables as they are ``at`` that moment."""
    if shape not in get_args(Shape):
        raise ValueError(f"shape must be one of {', '.join(get_args(Shape))}, not {shape!r}.")
    dags = (*DAGS, NIGHTLY)
    yield Table("dag_tag", ("dag_id text", "name text"), [(dag.dag_id, tag) for dag in dags for tag in dag.tags])
    if shape == "copies":
        yield from _make_copies(instances, at)
        return
    yield Table("dag", ("dag_id text", "owners text"), [(dag.dag_id, dag.owners) for dag in dags])
    yield from _make_tables_of_3(instances, at) if shape == "airflow-3" else _make_tables_of_2(instances, at)


def _make_tables_of_2(instances: Sequence[TaskInstance], at: datetime) -> Iterator[Table]:
    yield Table("task_instance", (*_TRY, "updated_at TIME"), list(_make_current_rows(instances, at)))
    yield Table("task_instance_history", _TRY, [row[:-1] for row in _make_earlier_rows(instances, at)])
    pokes = [(*_key_of(poke), poke.try_number, poke.start_date, poke.end_date) for poke in _find_pokes(instances, at)]
    yield Table("task_reschedule", (*_KEY, "try_number integer", *_SPAN), pokes)
    yield _make_failures(instances, at)


def _make_tables_of_3(instances: Sequence[TaskInstance], at: datetime) -> Iterator[Table]:
    rows = [(_make_id(row), *row) for row in _make_current_rows(instances, at)]
    yield Table("task_instance", ("id text", *_TRY, "updated_at TIME"), rows)
    history = [(_make_id(row), *row[:-1]) for row in _make_earlier_rows(instances, at)]
    yield Table("task_instance_history", ("task_instance_id text", *_TRY), history)
    # The server writes when it handled the poke, not when the poke began.
    pokes = [(_make_id(_key_of(poke)), poke.end_date, poke.end_date) for poke in _find_pokes(instances, at)]
    yield Table("task_reschedule", ("ti_id text", *_SPAN), pokes)


def _make_copies(instances: Sequence[TaskInstance], at: datetime) -> Iterator[Table]:
    """No history, no reschedules, no owners; each sync appends what has changed since the one before."""
    columns = (*_TRY, "updated_at TIME", "_dlt_load_id text", "_dlt_id text")
    copied = sorted(((sync, row) for one in instances for sync, row in _sync(one, at)), key=lambda copy: copy[0])
    yield Table("task_instance", columns, [(*row, *_make_dlt_ids(row, sync)) for sync, row in copied])
    yield _make_failures(instances, at)


def _make_failures(instances: Sequence[TaskInstance], at: datetime) -> Table:
    failures = [failure for instance in instances for failure in find_failures(instance, at)]
    return Table("task_fail", (*_KEY, *_SPAN), [(*_key_of(one), one.start_date, one.end_date) for one in failures])


def _sync(instance: TaskInstance, at: datetime) -> Iterator[tuple[datetime, TaskRow]]:
    """Yield the syncs before ``at`` that saw a change, and the row that each of them saw."""
    moments = [instance.created, *(moment for pod in instance.pods for moment in (pod.queued, pod.started, pod.ended))]
    for sync in sorted({moment + (_FIRST_SYNC - moment) % _SYNC_EVERY for moment in moments}):
        row = make_current_row(instance, sync)
        if row and sync <= at:
            yield sync, row


def _make_dlt_ids(row: TaskRow, sync: datetime) -> tuple[str, str]:
    load = str(sync.timestamp())
    return load, uuid5(NAMESPACE_URL, f"{load}/{_make_id(row)}").hex[:14]


def _make_current_rows(instances: Iterable[TaskInstance], at: datetime) -> Iterator[TaskRow]:
    return (row for instance in instances if (row := make_current_row(instance, at)))


def _make_earlier_rows(instances: Iterable[TaskInstance], at: datetime) -> Iterator[TaskRow]:
    return (row for instance in instances for row in make_earlier_rows(instance, at))


def _find_pokes(instances: Iterable[TaskInstance], at: datetime) -> Iterator[Span]:
    return (poke for instance in instances for poke in find_earlier_pokes(instance, at))


def _key_of(span: Span) -> tuple[str, str, str, int]:
    return span.instance.dag_id, span.instance.run_id, span.instance.task_id, span.instance.map_index


def _make_id(key: Sequence[Any]) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, key[:4]))))
