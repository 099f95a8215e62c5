"""One metered quantity of one resource in one day, exact to the last decimal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal, DecimalException
from operator import attrgetter

import msgspec

from datacoves_usage_provider.columns import EXACT, FRACTION_DIGITS, TEXT_LENGTH, WHOLE_DIGITS, number_fits, text_fits
from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.text import quote, shorten

_NAME_LENGTH = 10_000  # columns of names have no limit; this one keeps a wrong response out
_NUMBERS = ("consumed_quantity", "effective_cost")
TEXT_FIELDS = {
    "sub_account_id": TEXT_LENGTH,
    "service_name": TEXT_LENGTH,
    "resource_id": TEXT_LENGTH,
    "billing_currency": TEXT_LENGTH,
    "sub_account_name": _NAME_LENGTH,
    "resource_name": _NAME_LENGTH,
}

Texts = Mapping[str, Collection["str | None"]]
"""The distinct values of each of ``TEXT_FIELDS`` in some records."""

KEY = ("sub_account_id", "service_name", "resource_id", "sku_meter", "charge_period_start")
Key = tuple[str, str, str, str, date]


class UsageRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    A row as an API reports it, named as the columns of ``usage_daily``.

    ``charge_period_start`` is the UTC day. ``consumed_quantity`` is in the unit of ``meter``; ``effective_cost`` is in
    ``billing_currency``, which it needs, and None where the API reports no money. Ids that an API does not have are
    ``""``.
    """

    sub_account_id: str
    service_name: str
    meter: Meter
    charge_period_start: date
    consumed_quantity: Decimal
    sub_account_name: str = ""
    resource_id: str = ""
    resource_name: str = ""
    effective_cost: Decimal | None = None
    billing_currency: str | None = None

    @property
    def key(self) -> Key:
        """What is unique within a billing account."""
        return get_key(self)

    @property
    def sku_meter(self) -> str:
        return self.meter.name

    @property
    def consumed_unit(self) -> str:
        return self.meter.unit


# The dotted path avoids a call of the property for each of many records.
get_key: Callable[[UsageRecord], Key] = attrgetter(*(name.replace("sku_meter", "meter.name") for name in KEY))


def add_up(records: Collection[UsageRecord]) -> tuple[UsageRecord, ...]:
    """Return one record for each key: quantities and costs summed, names from the last; in order of first sight."""
    # Different hashes mean different keys. A set of the keys themselves would take several times the memory.
    if len(set(map(hash, map(get_key, records)))) == len(records):
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
                f"{describe(other)}: {name} is {quote(getattr(other, name))} here and {quote(getattr(one, name))} in "
                "another record of the same day. They cannot be added up."
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
    names = (record.sku_meter, record.sub_account_id, record.service_name, record.resource_id)
    return f"{' / '.join(shorten(str(name)) for name in names if name)} on {record.charge_period_start}"


def find_texts(records: Collection[UsageRecord]) -> Texts:
    return {name: set(map(attrgetter(name), records)) for name in TEXT_FIELDS}


def check_texts_fit(records: Iterable[UsageRecord], texts: Texts) -> None:
    """Raise what ``check_fits`` raises for a text of ``records``, whose distinct ones are ``texts``."""
    if not all(_text_fits(name, text) for name, values in texts.items() for text in values):
        _check_each(records)


def check_numbers_fit(records: Collection[UsageRecord]) -> None:
    """Raise what ``check_fits`` raises for a number. Most numbers repeat, so each is looked at once."""
    numbers = {id(number): number for name in _NUMBERS for number in map(attrgetter(name), records)}
    if not all(map(_number_fits, numbers.values())):
        _check_each(records)


def _check_each(records: Iterable[UsageRecord]) -> None:
    for record in records:
        check_fits(record)


def check_fits(record: UsageRecord) -> None:
    """Raise a ``UsageDataError`` for a number or text that a column of ``usage_daily`` cannot hold as it is."""
    for name in _NUMBERS:
        if not _number_fits(number := getattr(record, name)):
            raise UsageDataError(
                f"{describe(record)}: {name} is {shorten(str(number))}, which NUMERIC(38, 18) cannot hold exactly "
                f"({WHOLE_DIGITS} digits before the point, {FRACTION_DIGITS} after it)."
            )
    for name, length in TEXT_FIELDS.items():
        if not _text_fits(name, text := getattr(record, name)):
            found = f"has {len(text)} characters" if type(text) is str else f"is of type {type(text).__name__}"
            raise UsageDataError(
                f"{describe(record)}: {name} {found}. A column holds a str of at most {length} characters without NUL."
            )


def _number_fits(number: Decimal | None) -> bool:
    return number is None or number_fits(number)


def _text_fits(name: str, text: str | None) -> bool:
    return name not in KEY if text is None else text_fits(text, TEXT_FIELDS[name])
