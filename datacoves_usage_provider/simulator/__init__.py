"""
Usage APIs on a loopback port, as their vendors document them, with switches for what the documents leave open.

>>> from datacoves_usage_provider.simulator import Adverity, DatacovesBilling, Simulator, faults
>>> with Simulator(DatacovesBilling(), Adverity(auth_scheme="Bearer")) as simulator:
...     simulator.faults.append(faults.Status(503))
...     simulator.billing_url  # the host of an Airflow connection to Datacoves
...     simulator.url  # the host of one to any of the others
"""

from __future__ import annotations

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.adverity import Adverity
from datacoves_usage_provider.simulator.b3os import B3os
from datacoves_usage_provider.simulator.datacoves_billing import DatacovesBilling
from datacoves_usage_provider.simulator.server import Simulator
from datacoves_usage_provider.simulator.webcrawlerapi import WebCrawlerApi

__all__ = ["Adverity", "B3os", "DatacovesBilling", "Simulator", "WebCrawlerApi", "faults"]
