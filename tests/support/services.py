"""All simulated APIs on one port, and an Airflow connection to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.simulator import APIS, Simulator
from datacoves_usage_provider.simulator.api import SimulatedApi
from datacoves_usage_provider.simulator.usage import days_between
from tests.contract.cases import find_case


class Services(dict[str, SimulatedApi]):
    """The APIs by connection type."""

    def __init__(self, *apis: SimulatedApi) -> None:
        super().__init__({api.conn_type: api for api in apis})

    def total(self, start: date, end: date) -> dict[tuple[str, str], Decimal]:
        """Return what was used from ``start`` up to ``end`` by provider and meter, and the money by its currency."""
        totals: Counter[tuple[str, str]] = Counter()
        for conn_type, api in self.items():
            for day in days_between(start, end):
                for key, amount in find_case(conn_type).truth(api, day):
                    totals[api.name, key.meter] += amount.quantity
                    if amount.cost is not None:
                        totals[api.name, amount.currency] += amount.cost
        return dict(totals)


@pytest.fixture
def services() -> Services:
    return Services(*(api() for api in APIS))


@pytest.fixture
def set_conns(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Point a connection to each API; arguments replace the keys of those that they name."""
    with Simulator(*services.values()) as simulator:

        def set_all(**keys: str) -> None:
            for api in services.values():
                connection = api.make_connection(simulator.url)
                with_key = replace(connection, key=keys.get(connection.conn_type, connection.key))
                monkeypatch.setenv(with_key.variable, with_key.to_json())

        set_all()
        yield set_all
