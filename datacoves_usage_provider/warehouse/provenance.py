"""Where a row comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """Which run puts a row there, and through which usage connection."""

    x_conn_id: str
    x_dag_id: str
    x_run_id: str
