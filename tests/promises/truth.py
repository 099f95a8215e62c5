"""What the simulator holds, what a hook reads and what a warehouse keeps, in one form to compare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import DatacovesBilling
from datacoves_usage_provider.window import UsageWindow

SERVICES = ("airflow", "airbyte", "unknown")


def window(start: str, end: str) -> UsageWindow:
    return UsageWindow(date.fromisoformat(start), date.fromisoformat(end))


def query(start: str, end: str, **filters: tuple[str, ...]) -> UsageQuery:
    return UsageQuery(window(start, end), filters)


def truth(api: DatacovesBilling, asked: UsageQuery) -> dict[tuple[str, str, date], int]:
    """What the simulator holds for ``asked``: minutes by (environment, service, day)."""
    return dict(_truth(api, asked))


def _truth(api: DatacovesBilling, asked: UsageQuery) -> Iterator[tuple[tuple[str, str, date], int]]:
    for environment in asked.filters.get("environment_slug", api.environments):
        for service in asked.filters.get("service", SERVICES):
            for day in asked.window.days:
                minutes = api.minutes(environment, service, day)
                if minutes is not None:
                    yield (environment, service, day), minutes


def read_all(hook: DatacovesBillingHook, asked: UsageQuery) -> dict[tuple[str, str, date], int]:
    records = list(hook.get_usage(asked))
    minutes = {(r.sub_account_id, r.service_name, r.charge_period_start): int(r.consumed_quantity) for r in records}
    assert len(minutes) == len(records)
    return minutes


DAILY = "SELECT sub_account_id, service_name, charge_period_start, consumed_quantity FROM usage_daily"


def loaded(warehouse: Any) -> dict[tuple[str, str, date], int]:
    """What the warehouse holds: minutes by (environment, service, day)."""
    rows = warehouse.query(DAILY)
    minutes = {
        (environment, service, day if isinstance(day, date) else date.fromisoformat(day)): quantity
        for environment, service, day, quantity in rows
    }
    assert len(minutes) == len(rows)
    return minutes
