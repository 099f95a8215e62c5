"""
Usage APIs on a loopback port, as their vendors document them, with switches for what the documents leave open.

>>> from datacoves_usage_provider.simulator import Adverity, DatacovesBilling, Simulator, faults
>>> with Simulator(DatacovesBilling(), Adverity(auth_scheme="Bearer")) as simulator:
...     simulator.faults.append(faults.Status(503))
...     simulator.billing_url  # the host of an Airflow connection to Datacoves
...     simulator.url  # the host of one to any of the others

Each API has a file with its HTTP rules, its switches and its Airflow connection. What was really used is in a file
``…_usage.py`` beside it, or in the same file where that is short. ``APIS`` lists the APIs: the command, the demo and
the tests serve all of them. ``Airflow`` is no API: it writes the tables of an Airflow whose worker pods explain the
minutes that the simulated Datacoves bills.
"""

from __future__ import annotations

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.adverity import Adverity
from datacoves_usage_provider.simulator.airflow import Airflow
from datacoves_usage_provider.simulator.api import SimulatedApi
from datacoves_usage_provider.simulator.b3os import B3os
from datacoves_usage_provider.simulator.datacoves import DatacovesBilling
from datacoves_usage_provider.simulator.server import Simulator
from datacoves_usage_provider.simulator.webcrawlerapi import WebCrawlerApi

__all__ = ["APIS", "Adverity", "Airflow", "B3os", "DatacovesBilling", "Simulator", "WebCrawlerApi", "faults"]

APIS: tuple[type[SimulatedApi], ...] = (DatacovesBilling, Adverity, WebCrawlerApi, B3os)
