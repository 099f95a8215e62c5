"""What the command prints when the APIs are there: how an Airflow is connected to them."""

from __future__ import annotations

from collections.abc import Sequence

from datacoves_usage_provider.simulator.adverity import Adverity
from datacoves_usage_provider.simulator.b3os import B3os
from datacoves_usage_provider.simulator.connection_text import Connection
from datacoves_usage_provider.simulator.server import Simulator
from datacoves_usage_provider.simulator.webcrawlerapi import WebCrawlerApi


def make_connections(simulator: Simulator, billing_key: str) -> tuple[Connection, ...]:
    return (
        Connection("datacoves_billing", simulator.billing_url, billing_key),
        Connection("adverity", simulator.url, Adverity.key),
        Connection("webcrawlerapi", simulator.url, WebCrawlerApi.key),
        Connection("b3os", simulator.url, B3os.key, {"organization_id": B3os.organization_id}),
    )


def make_greeting(url: str, connections: Sequence[Connection]) -> str:
    commands = "\n".join(f"    {connection.make_command()}" for connection in connections)
    exports = "\n".join(f"    {connection.make_export()}" for connection in connections)
    return f"""\
The usage APIs answer on {url}. Ctrl-C stops them.

Create the connections in Airflow:

{commands}

or give them to the Airflow that you start in this shell:

{exports}
"""
