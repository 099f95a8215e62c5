"""
Usage APIs on a loopback port, as their vendors document them, with switches for what the documents leave open.

>>> from datacoves_usage_provider.simulator import DatacovesBilling, Simulator, faults
>>> with Simulator(DatacovesBilling()) as simulator:
...     simulator.faults.append(faults.Status(503))
...     simulator.billing_url  # the host of an Airflow connection
"""

from __future__ import annotations

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.datacoves_billing import DatacovesBilling
from datacoves_usage_provider.simulator.server import Simulator

__all__ = ["DatacovesBilling", "Simulator", "faults"]
