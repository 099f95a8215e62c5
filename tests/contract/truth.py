"""What an API holds, what a hook reads of it and what a warehouse keeps, in one form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

if TYPE_CHECKING:
    from tests.contract.cases import ContractCase

UNITS = {
    "Worker Minutes": "Minutes",
    "Unique Rows": "Rows",
    "Total Rows": "Rows",
    "Requests": "Requests",
    "Compute Units": "Compute Units",
    "Runs": "Runs",
}


class Key(NamedTuple):
    sub_account: str
    service: str
    resource: str
    meter: str
    day: date


class Amount(NamedTuple):
    quantity: Decimal
    cost: Decimal | None = None
    currency: str | None = None


Truth = dict[Key, Amount]

FILTERED = {
    "environment_slug": "sub_account",
    "service": "service",
    "workspace_id": "sub_account",
    "datastream_id": "resource",
}


def days(start: date, count: int) -> UsageWindow:
    return UsageWindow(start, start + ONE_DAY * count)


def read_truth(case: ContractCase, api: Any, asked: UsageQuery) -> Truth:
    """Return what ``api`` itself says that it holds for ``asked``."""
    held = (item for day in asked.window.days for item in case.truth(api, day))
    return {key: amount for key, amount in held if _is_asked(key, asked.filters)}


def _is_asked(key: Key, filters: Mapping[str, tuple[str, ...]]) -> bool:
    return all(getattr(key, FILTERED[name]) in values for name, values in filters.items())


def take(records: Iterable[UsageRecord]) -> Truth:
    """Return what a hook read; no key may be there twice."""
    return _collect(
        (
            Key(*record.key),
            Amount(record.consumed_quantity, record.effective_cost, record.billing_currency),
            record.consumed_unit,
        )
        for record in records
    )


def read_daily(warehouse: Any, where: str = "1 = 1") -> Truth:
    """Return what ``usage_daily`` holds, as SQL gives it to a user."""
    rows = warehouse.query(
        "SELECT sub_account_id, service_name, resource_id, sku_meter, charge_period_start, consumed_quantity, "
        f"effective_cost, billing_currency, consumed_unit FROM usage_daily WHERE {where}"
    )
    return _collect(_read_row(row) for row in rows)


def read_logged_days(warehouse: Any) -> list[str]:
    return [str(row[0]) for row in warehouse.query("SELECT charge_period_start FROM usage_load_log ORDER BY 1")]


def _read_row(row: tuple[Any, ...]) -> tuple[Key, Amount, str]:
    *ids, day, quantity, cost, currency, unit = row
    day = day if isinstance(day, date) else date.fromisoformat(day)
    return Key(*ids, day), Amount(_exact(quantity), None if cost is None else _exact(cost), currency), unit


def _exact(number: Any) -> Decimal:
    return Decimal(str(number))


def _collect(items: Iterable[tuple[Key, Amount, str]]) -> Truth:
    found: Truth = {}
    for key, amount, unit in items:
        assert key not in found, f"{key} is there twice"
        assert unit == UNITS[key.meter]
        found[key] = amount
    return found


def make_totals(held: Truth, but: Iterable[str] = ("Unique Rows",)) -> list[dict[str, Any]]:
    """Return what XCom shall have of ``held``; ``but``: meters that have no total."""
    sums: dict[tuple[str, ...], list[Amount]] = {}
    for key, amount in held.items():
        if key.meter not in but:
            sums.setdefault((key.sub_account, key.service, key.meter), []).append(amount)
    return [dict(_make_total(key, amounts)) for key, amounts in sorted(sums.items())]


def _make_total(key: tuple[str, ...], amounts: list[Amount]) -> Iterator[tuple[str, Any]]:
    sub_account, service, meter = key
    quantity = sum(amount.quantity for amount in amounts)
    currency = amounts[0].currency
    yield from {"sub_account_id": sub_account, "service_name": service, "sku_meter": meter}.items()
    yield "consumed_unit", UNITS[meter]
    yield "consumed_quantity", _plain(quantity) if meter == "Compute Units" else int(quantity)
    yield "effective_cost", None if currency is None else _plain(sum(amount.cost or 0 for amount in amounts))
    yield "billing_currency", currency


def _plain(number: Decimal | int) -> str:
    """``12.5``, ``100``, ``0``: no exponent, no trailing zeros."""
    return f"{Decimal(number).normalize():f}"
