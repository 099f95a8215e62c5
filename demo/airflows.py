"""The Airflow of each simulated Datacoves environment: a SQLite file with the tables that tell who ran what."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from datacoves_usage_provider.simulator import Airflow

DAYS = 34
"""Yesterday, and the days before it that the DAG looks at."""


def make_airflows(folder: Path, environments: Iterable[str], today: date) -> dict[str, str]:
    """Return the connections to them, as environment variables."""
    variables = {}
    for environment in environments:
        name = f"airflow_{environment.replace('-', '_')}"
        database = folder / f"{name}.db"
        with closing(sqlite3.connect(database)) as connection:
            Airflow(environment=environment).write_tables(connection, today - timedelta(days=DAYS), today)
        variables[f"AIRFLOW_CONN_{name.upper()}"] = f"sqlite://{database}"
    return variables
