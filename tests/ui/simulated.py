"""The usage APIs behind the connections, and what was really used there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator
from tests.ui.connection_types import ConnectionType


@dataclass(frozen=True)
class SimulatedApis:
    """All APIs of the table on one port; ``apis`` by connection type."""

    simulator: Simulator
    apis: dict[str, Any]

    def get_key(self, row: ConnectionType) -> str:
        return str(self.apis[row.conn_type].key)


def get_minutes(
    api: DatacovesBilling,
    start: date,
    end: date,
    environments: tuple[str, ...] = DatacovesBilling.environments,
    services: tuple[str, ...] = ("airflow", "airbyte", "unknown"),
) -> dict[tuple[str, str], int]:
    """Return the minutes of ``[start, end)`` by environment and service, without those that have no row."""
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    totals: dict[tuple[str, str], int] = {}
    for key in product(environments, services):
        minutes = [api.minutes(*key, day) for day in days]
        if any(minute is not None for minute in minutes):
            totals[key] = sum(minute or 0 for minute in minutes)
    return totals
