"""What a file of rates may say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from datacoves_usage_provider.cost.cells import (
    parse_currency,
    parse_day,
    parse_name,
    parse_name_or_any,
    parse_number,
    parse_pricing_quantity,
)
from datacoves_usage_provider.cost.reference_file import CellRule, Kind, Mistake, Row, RowRule, check_end
from datacoves_usage_provider.cost.tables import ANY

_SPECIFIC = ("service_provider_name", "billing_account_id", "service_name", "sku_meter")
_START, _END = "sku_price_effective_start", "sku_price_effective_end"


def _check_price(price: Decimal | None, fixed: Decimal | None) -> str | None:
    return "may only be empty where x_fixed_cost is not" if price is None and fixed is None else None


def _check_account(account: str, fixed: Decimal | None) -> str | None:
    return (
        "must be an account by name, because x_fixed_cost is not empty"
        if fixed is not None and account == ANY
        else None
    )


def _check_included(included: Decimal | None, price: Decimal | None) -> str | None:
    return "needs a contracted_unit_price to take off" if included is not None and price is None else None


def _check_first(day: date | None, included: Decimal | None, fixed: Decimal | None) -> str | None:
    if day is None or day.day == 1 or (included is None and fixed is None):
        return None
    return f"must be the first of a month, not {day}, where x_included_quantity or x_fixed_cost is not empty"


def _find_overlaps(rows: Sequence[Row]) -> Iterator[Mistake]:
    """Find rows as specific as each other of which more than one is effective on some day."""
    alike: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if all(name in row.values for name in (*_SPECIFIC, _START, _END)):
            alike[tuple(row.values[name] for name in _SPECIFIC)].append(row)
    for group in alike.values():
        group.sort(key=lambda row: row.values[_START])
        last = group[0]  # of those so far, the one that is effective longest
        for row in group[1:]:
            if row.values[_START] < _get_end(last):
                yield _describe_overlap(last, row)
            last = max(last, row, key=_get_end)


def _get_end(row: Row) -> date:
    return row.values[_END] or date.max


def _describe_overlap(earlier: Row, later: Row) -> Mistake:
    start = later.values[_START]
    advice = "leave one of them out" if earlier.values[_START] == start else f"end line {earlier.line} on {start}"
    return Mistake(
        later.line,
        _START,
        f"line {earlier.line} has a rate for the same provider, account, service and meter on {start}, too: {advice}",
    )


RATES = Kind(
    table="usage_rate",
    cells={
        "service_provider_name": CellRule(parse_name, is_required=True),
        "billing_account_id": CellRule(parse_name_or_any, default=ANY),
        "service_name": CellRule(parse_name_or_any, default=ANY),
        "sku_meter": CellRule(parse_name, is_required=True),
        "pricing_unit": CellRule(parse_name, is_required=True),
        "x_pricing_quantity": CellRule(parse_pricing_quantity, default=Decimal(1)),
        "contracted_unit_price": CellRule(parse_number),
        "billing_currency": CellRule(parse_currency, is_required=True),
        _START: CellRule(parse_day, is_required=True),
        _END: CellRule(parse_day),
        "x_included_quantity": CellRule(parse_number),
        "x_fixed_cost": CellRule(parse_number),
    },
    rows=(
        RowRule((_END, _START), check_end),
        RowRule(("contracted_unit_price", "x_fixed_cost"), _check_price),
        RowRule(("billing_account_id", "x_fixed_cost"), _check_account),
        RowRule(("x_included_quantity", "contracted_unit_price"), _check_included),
        RowRule((_START, "x_included_quantity", "x_fixed_cost"), _check_first),
        RowRule((_END, "x_included_quantity", "x_fixed_cost"), _check_first),
    ),
    compare=_find_overlaps,
)
