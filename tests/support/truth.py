"""What an API holds, what is read of it and what a warehouse keeps, in one form that can be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.records import UsageRecord
from datacoves_usage_provider.window import ONE_DAY, UsageWindow
from tests.contract.cases import CASES, find_case
from tests.support.usage import Amount, Key, Usage

SERVICES = ("airflow", "airbyte", "unknown")
"""Those of Datacoves."""
DECIMAL = {meter for case in CASES for meter in case.decimal_meters}
NOT_ADDITIVE = {meter for case in CASES for meter in case.meters_without_total}


def days(start: date, count: int) -> UsageWindow:
    return UsageWindow(start, start + ONE_DAY * count)


def window(start: str, end: str) -> UsageWindow:
    return UsageWindow(date.fromisoformat(start), date.fromisoformat(end))


def query(start: str, end: str, **filters: tuple[str, ...]) -> UsageQuery:
    return UsageQuery(window(start, end), filters)


def truth(api: Any, asked: UsageQuery) -> Usage:
    """Return what the simulated ``api`` itself says that it holds for ``asked``."""
    case = find_case(api.conn_type)
    wanted = {case.filter_fields[name]: values for name, values in asked.filters.items()}
    held = (item for day in asked.window.days for item in case.truth(api, day))
    return {key: amount for key, amount in held if all(getattr(key, name) in wanted[name] for name in wanted)}


def read_all(reader: Any, asked: UsageQuery) -> Usage:
    """Return what a hook, or a ``UsageReader``, reads."""
    return take(read_records(reader, asked))


def read_records(reader: Any, asked: UsageQuery) -> list[UsageRecord]:
    return [record for chunk in reader.read(asked) for record in chunk.records]


def take(records: Iterable[UsageRecord]) -> Usage:
    """Return what ``records`` say; no key may be there twice."""
    return _collect(
        (
            Key(*record.key),
            Amount(record.consumed_quantity, record.consumed_unit, record.effective_cost, record.billing_currency),
        )
        for record in records
    )


def loaded(warehouse: Any, where: str = "1 = 1") -> Usage:
    """Return what ``usage_daily`` holds, as SQL gives it to a user."""
    rows = warehouse.query(
        "SELECT sub_account_id, service_name, resource_id, sku_meter, charge_period_start, consumed_quantity, "
        f"consumed_unit, effective_cost, billing_currency FROM usage_daily WHERE {where}"
    )
    return _collect(_read_row(row) for row in rows)


def logged_days(warehouse: Any) -> list[str]:
    """Return the day of each row of the load log, sorted."""
    return [str(row[0]) for row in warehouse.query("SELECT charge_period_start FROM usage_load_log ORDER BY 1")]


def _read_row(row: tuple[Any, ...]) -> tuple[Key, Amount]:
    *ids, day, quantity, unit, cost, currency = row
    day = day if isinstance(day, date) else date.fromisoformat(day)
    return Key(*ids, day), Amount(_exact(quantity), unit, None if cost is None else _exact(cost), currency)


def _exact(number: Any) -> Decimal:
    return Decimal(str(number))


def _collect(items: Iterable[tuple[Key, Amount]]) -> Usage:
    found: Usage = {}
    for key, amount in items:
        assert key not in found, f"{key} is there twice"
        found[key] = amount
    return found


def make_totals(held: Usage, but: Collection[str] = NOT_ADDITIVE) -> list[dict[str, Any]]:
    """Return what XCom must have of ``held``; ``but``: meters that have no total."""
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
    yield "consumed_quantity", _plain(quantity) if meter in DECIMAL else int(quantity)
    yield "effective_cost", None if currency is None else _plain(sum(amount.cost or 0 for amount in amounts))
    yield "billing_currency", currency


def _plain(number: Decimal | int) -> str:
    """``12.5``, ``100``, ``0``: no exponent, no trailing zeros."""
    return f"{Decimal(number).normalize():f}"
