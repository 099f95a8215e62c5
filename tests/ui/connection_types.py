"""The table of connection types: what the tests of a form and its Test button must know of each simulated API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import APIS, Adverity, B3os, DatacovesBilling, Simulator
from datacoves_usage_provider.simulator.api import SimulatedApi
from tests.docs.vendor_pages import FORMS, PAGES, make_hook, read_export, read_switches
from tests.support.truth import days, truth


@dataclass(frozen=True)
class ConnectionType:
    """One connection type, and the class of the simulated API that its connections reach."""

    api_class: type[SimulatedApi]

    @property
    def conn_type(self) -> str:
        return self.api_class.conn_type

    @property
    def conn_id(self) -> str:
        return f"{self.conn_type}_default"

    @property
    def name(self) -> str:
        """What the choice of types shows."""
        return str(FORMS[self.conn_type]["hook-name"])

    @property
    def labels(self) -> Mapping[str, str]:
        """The vendor's words for the standard fields."""
        return dict(FORMS[self.conn_type]["ui-field-behaviour"]["relabeling"])

    @property
    def typed(self) -> Mapping[str, str]:
        """What is put into the form's own fields, by the name of the extra: what the vendor's page has, and limits."""
        _, shown = read_export(PAGES[self.conn_type])
        return {**shown["extra"], "timeout": "20", "max_answer_mb": "5"}

    @property
    def found(self) -> str:
        """What the Test button says of an API that responds."""
        week = days(datetime.now(timezone.utc).date() - timedelta(days=7), 7)
        count = len({key.sub_account for key in truth(self.make_api(), UsageQuery(week))})
        noun = make_hook(self.conn_type).api.sub_account_noun
        vendor = make_hook(self.conn_type).api.service_provider_name
        return f"{vendor} accepts the key: {count} {noun}{'s' * (count != 1)}"

    @property
    def unreachable(self) -> str:
        """What it says of one that does not."""
        return make_hook(self.conn_type).api.reach_hint or "No complete response from"

    def make_api(self) -> SimulatedApi:
        return self.api_class(**read_switches(self.api_class))

    def get_host(self, simulator: Simulator) -> str:
        return simulator.url + self.api_class.host_path


CONNECTION_TYPES = tuple(ConnectionType(api) for api in APIS)
DATACOVES, ADVERITY, B3OS = (ConnectionType(api) for api in (DatacovesBilling, Adverity, B3os))
