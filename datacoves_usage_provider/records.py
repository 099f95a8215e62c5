"""One metered quantity of one resource in one day, exact to the last decimal."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from itertools import starmap
from operator import attrgetter

import msgspec

from datacoves_usage_provider.exceptions import UsageDataError

# NUMERIC(38, 18): what a number column of the warehouse holds.
WHOLE_DIGITS = 20
FRACTION_DIGITS = 18
TEXT_LENGTH = 255
_NAME_LENGTH = 10_000  # columns of names have no limit; this one keeps a wrong answer out
_NUMBERS = ("consumed_quantity", "effective_cost")
_TEXTS = {
    "sub_account_id": TEXT_LENGTH,
    "service_name": TEXT_LENGTH,
    "resource_id": TEXT_LENGTH,
    "sku_meter": TEXT_LENGTH,
    "consumed_unit": TEXT_LENGTH,
    "billing_currency": TEXT_LENGTH,
    "sub_account_name": _NAME_LENGTH,
    "resource_name": _NAME_LENGTH,
}

KEY = ("sub_account_id", "service_name", "resource_id", "sku_meter", "charge_period_start")
Key = tuple[str, str, str, str, date]

# Meters whose days do not add up: what is unique in each of two days may be the same.
NOT_ADDITIVE = frozenset({"Unique Rows"})

_COLUMN = Context(prec=WHOLE_DIGITS + FRACTION_DIGITS, traps=[Inexact, InvalidOperation])
_LAST_DIGIT = Decimal(1).scaleb(-FRACTION_DIGITS)

# Sums of such numbers never round: a result that would not fit is an error instead.
EXACT = Context(prec=76, traps=[Inexact, InvalidOperation])


class UsageRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A row as an API reports it, named as the columns of ``usage_daily``.

    ``charge_period_start`` is the UTC day. ``consumed_quantity`` is in ``consumed_unit``; ``effective_cost`` is in
    ``billing_currency``, and None where the API reports no money. Ids that an API does not have are ``""``.
    """

    sub_account_id: str
    service_name: str
    sku_meter: str
    charge_period_start: date
    consumed_quantity: Decimal
    consumed_unit: str
    sub_account_name: str = ""
    resource_id: str = ""
    resource_name: str = ""
    effective_cost: Decimal | None = None
    billing_currency: str | None = None

    @property
    def key(self) -> Key:
        """What is unique within a billing account."""
        return get_key(self)


get_key: Callable[[UsageRecord], Key] = attrgetter(*KEY)


def add_up(records: Collection[UsageRecord]) -> tuple[UsageRecord, ...]:
    """Return one record for each key: quantities and costs summed, names from the last. Order of first sight."""
    if len(set(map(get_key, records))) == len(records):
        return tuple(records)
    by_key: dict[Key, UsageRecord] = {}
    for record in records:
        key = get_key(record)
        seen = by_key.get(key)
        by_key[key] = record if seen is None else _sum(seen, record)
    return tuple(by_key.values())


def _sum(one: UsageRecord, other: UsageRecord) -> UsageRecord:
    for name in ("consumed_unit", "billing_currency"):
        if getattr(one, name) != getattr(other, name):
            raise UsageDataError(
                f"{describe(other)}: {name} is {getattr(other, name)!r} here and {getattr(one, name)!r} in another "
                "record of the same day; they cannot be added up."
            )
    try:
        return msgspec.structs.replace(
            other,
            consumed_quantity=EXACT.add(one.consumed_quantity, other.consumed_quantity),
            effective_cost=add_costs(one.effective_cost, other.effective_cost),
        )
    except DecimalException as error:
        raise UsageDataError(f"{describe(other)}: its numbers have too many digits to be added up exactly.") from error


def add_costs(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Add money of one currency; a sum with an unknown part is unknown."""
    return None if one is None or other is None else EXACT.add(one, other)


def describe(record: UsageRecord) -> str:
    """Name a record in an error: what, whose and when."""
    parts = (record.sku_meter, record.sub_account_id, record.service_name, record.resource_id)
    return f"{' / '.join(str(part) for part in parts if part)} on {record.charge_period_start}"


def check_all_fit(records: Collection[UsageRecord]) -> None:
    """Raise what ``check_fits`` raises. Each distinct number and text is looked at once, since most repeat."""
    numbers = {str(number): number for name in _NUMBERS for number in map(attrgetter(name), records) if number}
    texts = ((text, length) for name, length in _TEXTS.items() for text in set(map(attrgetter(name), records)))
    if all(map(_number_fits, numbers.values())) and all(starmap(_text_fits, texts)):
        return
    for record in records:
        check_fits(record)


def check_fits(record: UsageRecord) -> None:
    """Raise a ``UsageDataError`` for a number or text that a column of ``usage_daily`` cannot hold as it is."""
    for name in _NUMBERS:
        if not _number_fits(number := getattr(record, name)):
            raise UsageDataError(
                f"{describe(record)}: {name} is {number}, which NUMERIC(38, 18) cannot hold exactly "
                f"({WHOLE_DIGITS} digits before the point, {FRACTION_DIGITS} after it)."
            )
    for name, length in _TEXTS.items():
        if not _text_fits(text := getattr(record, name), length):
            said = f"has {len(text)} characters" if type(text) is str else f"is of type {type(text).__name__}"
            raise UsageDataError(
                f"{describe(record)[:TEXT_LENGTH]}: {name} {said}; a column holds a str of {length} characters, "
                "and none of them may be NUL."
            )


def _number_fits(number: Decimal | None) -> bool:
    return number is None or fits_column(number)


def _text_fits(text: str | None, length: int) -> bool:
    # A member of an enum equals its text, but is another key, and is written as its name.
    return text is None or (type(text) is str and len(text) <= length and "\x00" not in text)


def fits_column(number: Decimal) -> bool:
    """Tell whether NUMERIC(38, 18) holds ``number`` exactly."""
    try:
        _COLUMN.quantize(number, _LAST_DIGIT)
    except (Inexact, InvalidOperation):
        return False
    return number.is_finite()
