"""All four APIs on one port, and a connection to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, Simulator, WebCrawlerApi
from datacoves_usage_provider.simulator.greeting import make_connections


@dataclass(frozen=True)
class Services:
    datacoves: DatacovesBilling = field(default_factory=DatacovesBilling)
    adverity: Adverity = field(default_factory=Adverity)
    webcrawlerapi: WebCrawlerApi = field(default_factory=WebCrawlerApi)
    b3os: B3os = field(default_factory=B3os)

    def total(self, start: date, end: date) -> dict[tuple[str, str], Decimal]:
        """Return what was used from ``start`` up to ``end`` by provider and meter, and the money under ``"USD"``."""
        minutes = sum(
            self.datacoves.total(slug, service, start, end)
            for slug in self.datacoves.environments
            for service in ("airflow", "airbyte", "unknown")
        )
        rows = [
            self.adverity.total(workspace.id, datastream, start, end)
            for workspace in self.adverity.workspaces
            for datastream in (None, *workspace.datastream_ids)
        ]
        crawled = self.webcrawlerapi.total(start, end)
        ran = [self.b3os.total(workflow.id, start, end) for workflow in self.b3os.workflows]
        return {
            ("Datacoves", "Worker Minutes"): Decimal(minutes),
            ("Adverity", "Unique Rows"): Decimal(sum(one.unique for one in rows)),
            ("Adverity", "Total Rows"): Decimal(sum(one.total for one in rows)),
            ("WebCrawlerAPI", "Requests"): Decimal(crawled.requests),
            ("WebCrawlerAPI", "USD"): crawled.cost,
            ("B3OS", "Compute Units"): sum((one.compute_units for one in ran), Decimal()),
            ("B3OS", "Runs"): Decimal(sum(one.runs for one in ran)),
        }


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def set_conns(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Point the four connections to the simulator; arguments replace the keys of those that they name."""
    with Simulator(services.datacoves, services.adverity, services.webcrawlerapi, services.b3os) as simulator:

        def set_all(**keys: str) -> None:
            for connection in make_connections(simulator, services.datacoves.key):
                with_key = replace(connection, key=keys.get(connection.conn_type, connection.key))
                monkeypatch.setenv(with_key.variable, with_key.to_json())

        set_all()
        yield set_all
