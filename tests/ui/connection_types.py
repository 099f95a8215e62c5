"""The table of connection types: a row is all that the tests of a form and its Test button need to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator


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
    found="accepts the key: 3 ",
    unreachable="The Billing API answers only inside its cluster.",
)

CONNECTION_TYPES = (DATACOVES,)
