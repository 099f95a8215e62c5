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

WHOLE_UNITS = ("Minutes", "Rows", "Requests", "Runs")
"""Units that are counted: XCom has them as integers."""


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


Truth = dict[Key, Amount]


def days(start: date, count: int) -> UsageWindow:
    return UsageWindow(start, start + ONE_DAY * count)


def read_truth(case: ContractCase, api: Any, asked: UsageQuery) -> Truth:
    """Return what ``api`` itself says that it holds for ``asked``."""
    held = (item for day in asked.window.days for item in case.truth(api, day))
    wanted = {case.filter_fields[name]: values for name, values in asked.filters.items()}
    return {key: amount for key, amount in held if _is_wanted(key, wanted)}


def _is_wanted(key: Key, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(getattr(key, name) in values for name, values in wanted.items())


def take(records: Iterable[UsageRecord]) -> Truth:
    """Return what a hook read; no key may be there twice."""
    return _collect(
        (
            Key(*record.key),
            Amount(record.consumed_quantity, record.consumed_unit, record.effective_cost, record.billing_currency),
        )
        for record in records
    )


def read_daily(warehouse: Any, where: str = "1 = 1") -> Truth:
    """Return what ``usage_daily`` holds, as SQL gives it to a user."""
    rows = warehouse.query(
        "SELECT sub_account_id, service_name, resource_id, sku_meter, charge_period_start, consumed_quantity, "
        f"consumed_unit, effective_cost, billing_currency FROM usage_daily WHERE {where}"
    )
    return _collect(_read_row(row) for row in rows)


def read_logged_days(warehouse: Any) -> list[str]:
    return [str(row[0]) for row in warehouse.query("SELECT charge_period_start FROM usage_load_log ORDER BY 1")]


def _read_row(row: tuple[Any, ...]) -> tuple[Key, Amount]:
    *ids, day, quantity, unit, cost, currency = row
    day = day if isinstance(day, date) else date.fromisoformat(day)
    return Key(*ids, day), Amount(_exact(quantity), unit, None if cost is None else _exact(cost), currency)


def _exact(number: Any) -> Decimal:
    return Decimal(str(number))


def _collect(items: Iterable[tuple[Key, Amount]]) -> Truth:
    found: Truth = {}
    for key, amount in items:
        assert key not in found, f"{key} is there twice"
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
    _, unit, _, currency = amounts[0]
    yield from {"sub_account_id": sub_account, "service_name": service, "sku_meter": meter}.items()
    yield "consumed_unit", unit
    yield "consumed_quantity", int(quantity) if unit in WHOLE_UNITS else _plain(quantity)
    yield "effective_cost", None if currency is None else _plain(sum(amount.cost or 0 for amount in amounts))
    yield "billing_currency", currency


def _plain(number: Decimal | int) -> str:
    """``12.5``, ``100``, ``0``: no exponent, no trailing zeros."""
    return f"{Decimal(number).normalize():f}"
