"""The table of connection types: a row is all that the tests of a form and its Test button need to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, Simulator, WebCrawlerApi


@dataclass(frozen=True)
class ConnectionType:
    """
    One connection type, and the simulated API that its connections reach.

    ``name`` is what the choice of types shows; ``labels`` are the vendor's words for the standard fields. ``typed`` is
    put into the form's own fields, by the name of the extra. The Test button says ``found`` of an API that answers, and
    ``unreachable`` of one that does not.
    """

    conn_type: str
    name: str
    make_api: Callable[[], Any]
    get_host: Callable[[Simulator], str]
    labels: Mapping[str, str]
    typed: Mapping[str, str]
    found: str
    unreachable: str

    @property
    def conn_id(self) -> str:
        return f"{self.conn_type}_default"


DATACOVES = ConnectionType(
    conn_type="datacoves_billing",
    name="Datacoves Billing",
    make_api=DatacovesBilling,
    get_host=lambda simulator: simulator.billing_url,
    labels={"host": "Billing API URL", "password": "API key"},
    typed={"billing_account_id": "analytics", "timeout": "20"},
    found="Datacoves accepts the key: 3 environments",
    unreachable="The Billing API answers only inside its cluster.",
)

ADVERITY = ConnectionType(
    conn_type="adverity",
    name="Adverity",
    make_api=partial(Adverity, auth_scheme="Bearer"),
    get_host=lambda simulator: simulator.url,
    labels={"host": "Instance URL", "password": "API key"},
    typed={"auth_scheme": "Bearer", "billing_account_id": "marketing", "timeout": "20"},
    found="Adverity accepts the key: 3 workspaces",
    unreachable="No complete response from",
)

WEBCRAWLERAPI = ConnectionType(
    conn_type="webcrawlerapi",
    name="WebCrawlerAPI",
    make_api=WebCrawlerApi,
    get_host=lambda simulator: simulator.url,
    labels={"host": "API URL", "password": "Admin API key"},
    typed={"billing_account_id": "crawler", "max_answer_mb": "5"},
    found="WebCrawlerAPI accepts the key: 1 organization",
    unreachable="No complete response from",
)

B3OS = ConnectionType(
    conn_type="b3os",
    name="B3OS",
    make_api=B3os,
    get_host=lambda simulator: simulator.url,
    labels={"host": "API URL", "password": "API token"},
    typed={"billing_account_id": "workflows", "organization_id": B3os().organization_id},
    found="B3OS accepts the key: 1 organization",
    unreachable="No complete response from",
)

CONNECTION_TYPES = (DATACOVES, ADVERITY, WEBCRAWLERAPI, B3OS)
