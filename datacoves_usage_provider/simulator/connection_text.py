"""The Airflow connection to a simulated API, ready to paste into a shell."""

from __future__ import annotations

import json
import shlex

CONN_ID = "datacoves_billing_default"
CONN_TYPE = "datacoves_billing"


def make_command(host: str, key: str) -> str:
    """Return the command that stores the connection in Airflow's database."""
    words = ["airflow", "connections", "add", CONN_ID]
    return shlex.join([*words, "--conn-type", CONN_TYPE, "--conn-host", host, "--conn-password", key])


def make_export(host: str, key: str) -> str:
    """Return the line that gives the connection to all that the same shell starts."""
    connection = json.dumps({"conn_type": CONN_TYPE, "host": host, "password": key})
    return f"export AIRFLOW_CONN_{CONN_ID.upper()}={shlex.quote(connection)}"
