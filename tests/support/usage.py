"""Usage as the tests compare it: what a simulated API holds, what is read of it, and what a warehouse keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Key(NamedTuple):
    sub_account: str
    service: str
    resource: str
    meter: str
    day: date


class Amount(NamedTuple):
    quantity: Decimal
    unit: str
    cost: Decimal | None = None
    currency: str | None = None


Usage = dict[Key, Amount]
Day = Iterator[tuple[Key, Amount]]


def minutes_of(environment: str, service: str, day: date) -> Key:
    return Key(environment, service, "", "Worker Minutes", day)
