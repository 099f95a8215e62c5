"""What a cell of reference data may say. Each parser takes text that is not empty, and raises ``ValueError``."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from datacoves_usage_provider.columns import FRACTION_DIGITS, TEXT_LENGTH, WHOLE_DIGITS, number_fits, text_fits
from datacoves_usage_provider.cost.priced_usage import PRICING_QUANTITIES
from datacoves_usage_provider.cost.tables import ANY
from datacoves_usage_provider.text import quote
from datacoves_usage_provider.window import parse_day as parse_iso_day

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def parse_name(text: str) -> str:
    if text == ANY:
        raise ValueError("must be a name, not '*'")
    return parse_name_or_any(text)


def parse_name_or_any(text: str) -> str:
    if not text_fits(text):
        raise ValueError(f"must have at most {TEXT_LENGTH} characters, without NUL")
    return text


def parse_number(text: str) -> Decimal:
    """Return a number of at least 0 that the tables hold exactly."""
    if not _NUMBER.fullmatch(text):
        hint = ", with a point and not a comma" if "," in text else ""
        raise ValueError(f"must be a plain number such as 0.05{hint}, not {quote(text)}")
    number = Decimal(text)
    if number < 0:
        raise ValueError(f"must not be negative, as {quote(text)} is")
    if not number_fits(number):
        most = f"{WHOLE_DIGITS} digits before the point and {FRACTION_DIGITS} after it"
        raise ValueError(f"must have at most {most}, not {quote(text)}")
    return number


def parse_amount(text: str) -> Decimal:
    number = parse_number(text)
    if not number:
        raise ValueError("must be above 0")
    return number


def parse_pricing_quantity(text: str) -> Decimal:
    number = parse_number(text)
    if number not in PRICING_QUANTITIES:
        raise ValueError(f"must be 1, 10, 100 and so on up to 1000000, not {quote(text)}")
    return number


def parse_currency(text: str) -> str:
    if not is_currency(text):
        raise ValueError(f"must be an ISO 4217 code, three capitals such as EUR, not {quote(text)}")
    return text


def is_currency(text: str) -> bool:
    return _CURRENCY.fullmatch(text) is not None


def parse_day(text: str) -> date:
    try:
        return parse_iso_day(text)
    except ValueError as error:
        raise ValueError(f"must be a day such as 2026-11-01 (YYYY-MM-DD), not {quote(text)}") from error


def parse_month_start(text: str) -> date:
    day = parse_day(text)
    if day.day != 1:
        raise ValueError(f"must be the first of a month, such as {day.replace(day=1)}, not {quote(text)}")
    return day
