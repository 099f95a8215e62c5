"""The replacement of one chunk's rows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from sqlalchemy import Table, and_, delete, insert
from sqlalchemy.engine import Engine
from sqlalchemy.sql import ColumnElement

from datacoves_usage_provider.chunk import UsageChunk

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True)
class Provenance:
    """Which run puts a row there, and through which usage connection."""

    x_conn_id: str
    x_dag_id: str
    x_run_id: str


def replace_chunk(engine: Engine, daily: Table, chunk: UsageChunk, provenance: Provenance) -> None:
    """
    Make the rows of ``chunk``'s days and scope those of ``chunk``; afterwards all of it holds, or nothing changed.

    Rows of other providers, accounts, days, and of what the scope does not name, are not touched.
    """
    rows = _make_rows(chunk, provenance)
    with engine.begin() as connection:
        connection.execute(delete(daily).where(_covered_by(chunk, daily)))
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            connection.execute(insert(daily), batch)


def _covered_by(chunk: UsageChunk, daily: Table) -> ColumnElement[bool]:
    return and_(
        daily.c.service_provider_name == chunk.service_provider_name,
        daily.c.billing_account_id == chunk.billing_account_id,
        daily.c.charge_period_start.in_(chunk.days),
        *(daily.c[field].in_(values) for field, values in chunk.scope.items()),
    )


def _make_rows(chunk: UsageChunk, provenance: Provenance) -> Iterator[dict[str, Any]]:
    same = {
        "service_provider_name": chunk.service_provider_name,
        "billing_account_id": chunk.billing_account_id,
        **vars(provenance),
        "x_loaded_at": datetime.now(timezone.utc),
    }
    for record in chunk.records:
        yield {
            **same,
            **{field: getattr(record, field) for field in record.__struct_fields__},
            "billing_period_start": record.charge_period_start.replace(day=1),
        }
