"""Loads as a worker makes them, without Airflow, so that a process that makes one starts in no time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.chunk import BillingAccount, UsageChunk
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.warehouse.changes import Changes
from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.engine import KEPT
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import UsageWindow
from tests.warehouse_proofs.model import IDS

PROVIDER = "Datacoves"
CONN_ID = "usage"
FIRST_DAY = date(2026, 10, 1)
NAMED = {name: ids[:-1] for name, ids in IDS.items()}
METERS = tuple(f"Meter {n}" for n in range(4))
Watch = Callable[[str], None]


def open_warehouse(uri: str, watch: Watch | None = None) -> Warehouse:
    """Return the warehouse as ``Warehouse.connect`` does; ``watch`` sees what it runs, just before."""
    engine = create_engine(uri, **KEPT)
    find_database(engine.dialect).prepare_for_loads(engine)
    if watch is not None:
        _watch(engine, watch)
    return Warehouse(engine, None, "warehouse")


def _watch(engine: Engine, watch: Watch) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def see_statement(_: Any, __: Any, statement: str, *___: Any) -> None:
        watch(statement)

    @event.listens_for(engine, "commit")
    def see_commit(_: Any) -> None:
        watch("COMMIT")


def load(warehouse: Warehouse, run: str, chunk: UsageChunk, conn_id: str = CONN_ID) -> Changes:
    return warehouse.load(chunk, Provenance(conn_id, "a_dag", run), allow_empty=True)


def make_dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance, no secret


def make_days(first: int, count: int) -> tuple[date, ...]:
    return tuple(FIRST_DAY + timedelta(days=first + n) for n in range(count))


def make_chunk(account: str, days: tuple[date, ...], scope: Scope, records: Iterable[UsageRecord]) -> UsageChunk:
    window = UsageWindow(days[0], days[-1] + timedelta(days=1))
    return UsageChunk(BillingAccount(PROVIDER, account), window, days, scope, tuple(records), 1, 0)


def make_record(
    key: tuple[Any, ...], quantity: Any, cost: Decimal | None = None, unit: str = "Minutes", name: str = ""
) -> UsageRecord:
    """``key``: day, sub account, service, resource, meter."""
    day, sub_account, service, resource, meter = key
    return UsageRecord(
        sub_account_id=sub_account,
        service_name=service,
        resource_id=resource,
        meter=Meter(meter, unit),
        resource_name=name,
        charge_period_start=day,
        consumed_quantity=Decimal(quantity),
        effective_cost=cost,
        billing_currency=None if cost is None else "USD",
    )


def find_keys(days: Iterable[date], scope: Scope, meters: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return all keys that a response may have."""
    return list(product(days, *(scope.narrowed.get(name, ids) for name, ids in NAMED.items()), meters))


def make_random_chunk(seed: str, number: int) -> UsageChunk:
    """Return one of many overlapping chunks of an account; ``number`` is the quantity of all of its records."""
    dice = make_dice(f"{seed} {number}")
    days = make_days(dice.randrange(6), dice.randint(1, 4))
    scope = Scope(
        **{
            name: tuple(dice.sample(ids, dice.randint(1, len(ids))))
            for name, ids in NAMED.items()
            if dice.random() < 0.3
        }
    )
    keys = [key for key in find_keys(days, scope, METERS[:2]) if dice.random() < 0.7]
    return make_chunk("an account", days, scope, (make_record(key, number) for key in keys))


def make_large_chunk(number: int) -> UsageChunk:
    """
    Return a month, large enough for each part of its load to take a while; ``number`` is all of its quantities.

    Of each two, either has rows that the other lacks.
    """
    days = make_days(0, 31)
    keys = [key for n, key in enumerate(find_keys(days, Scope(), METERS)) if (n + number) % 3]
    return make_chunk("an account", days, Scope(), (make_record(key, number) for key in keys))
