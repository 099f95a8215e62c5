"""Checks of the records of one response. Each error is a ``UsageDataError``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.meters import Meter
from datacoves_usage_provider.query import Scope
from datacoves_usage_provider.records import UsageRecord, describe
from datacoves_usage_provider.text import quote, shorten
from datacoves_usage_provider.window import ONE_DAY, UsageWindow

_LONGEST_LIST = 500
_NUMBERS = {"consumed_quantity": (Decimal,), "effective_cost": (Decimal, type(None))}
_get_day = attrgetter("charge_period_start")


def check_meters(records: Collection[UsageRecord], meters: Collection[Meter]) -> None:
    """Allow ``meters``, which the API declares."""
    for meter in set(map(attrgetter("meter"), records)).difference(meters):
        record = next(record for record in records if record.meter == meter)
        raise UsageDataError(f"{describe(record)}: the API does not declare {meter}. Add it to the API's meters.")


def check_days(records: Collection[UsageRecord], window: UsageWindow) -> None:
    """Allow the days of ``window`` and its two neighbours, which are there if an API's end is inclusive."""
    for day in set(map(_get_day, records)):
        is_date = type(day) is date  # an API of another package may give a datetime, which is a kind of date
        if not is_date or window.start - day > ONE_DAY or day > window.end:
            record = next(record for record in records if record.charge_period_start == day)
            problem = f"only {window} was requested" if is_date else "charge_period_start is not a date"
            raise UsageDataError(f"{describe(record)}: {problem}. None of the response was loaded.")


def check_numbers(records: Collection[UsageRecord]) -> None:
    """Allow decimals, and None for money: an API of another package may give numbers that were rounded already."""
    for name, kinds in _NUMBERS.items():
        for kind in set(map(type, map(attrgetter(name), records))):
            if not issubclass(kind, kinds):
                record = next(record for record in records if type(getattr(record, name)) is kind)
                value = quote(getattr(record, name))
                raise UsageDataError(
                    f"{describe(record)}: {name} is {value}, which is not a Decimal. None of the response was loaded."
                )


def check_money(records: Iterable[UsageRecord]) -> None:
    """Allow money in a currency only: sums are by currency, so they would lack other money, and not count it either."""
    for record in records:
        if record.effective_cost is not None and not record.billing_currency:
            raise UsageDataError(
                f"{describe(record)}: effective_cost is {shorten(str(record.effective_cost))}, but billing_currency is "
                "missing. None of the response was loaded."
            )


def check_scope(records: Iterable[UsageRecord], scope: Scope) -> None:
    """Let pass the values that were requested: a load replaces no others."""
    for name, wanted in scope.narrowed.items():
        for record in records:
            if getattr(record, name) not in wanted:
                raise UsageDataError(
                    f"{describe(record)}: the response has {name} {quote(getattr(record, name))}, but "
                    f"only {shorten(', '.join(wanted), _LONGEST_LIST)} was requested."
                )
