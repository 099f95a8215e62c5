"""Decimals in SQLite, which has none."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.types import UserDefinedType

from datacoves_usage_provider.columns import EXACT, FRACTION_DIGITS, WHOLE_DIGITS
from datacoves_usage_provider.exceptions import UsageDataError

_MAX_INTEGER = 2**63 - 1


class SQLiteNumber(UserDefinedType[Decimal]):
    """
    NUMERIC affinity, so that numbers compare and sort as numbers, which decimals kept as text would not.

    Each is bound as an integer, or as the double whose shortest text it is.
    """

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"NUMERIC({WHOLE_DIGITS + FRACTION_DIGITS}, {FRACTION_DIGITS})"

    def bind_processor(self, _: Dialect) -> Callable[[Decimal | None], int | float | None]:
        return lambda number: None if number is None else to_sqlite_number(Decimal(number))

    def literal_processor(self, _: Dialect) -> Callable[[Decimal], str]:
        return lambda number: str(to_sqlite_number(Decimal(number)))


def to_sqlite_number(number: Decimal) -> int | float:
    """Return the SQLite number that is exactly ``number``; a ``UsageDataError`` if there is none."""
    if _is_integer(number):
        return int(number)
    double = float(number)
    if Decimal(repr(double)) != number:
        raise UsageDataError(
            f"SQLite cannot hold {number} exactly: it keeps whole numbers of 63 bits and others of about 15 digits. "
            "Use a warehouse with decimals, such as PostgreSQL."
        )
    return double


def round_to_sqlite(number: Decimal) -> Decimal:
    """Return the number nearest to ``number`` that SQLite has."""
    return number if _is_integer(number) else Decimal(repr(float(number)))


def _is_integer(number: Decimal) -> bool:
    return number == number.to_integral_value() and abs(number) <= _MAX_INTEGER


class ExactSum:
    """SQLite's ``sum`` for a connection that reads: the sum of the decimals, to the 15 digits that a double keeps."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, number: float | None) -> None:
        if number is not None:
            self._sum = EXACT.add(self._sum or Decimal(0), Decimal(repr(number)))

    def finalize(self) -> int | float | None:
        if self._sum is None:
            return None
        is_whole = self._sum == self._sum.to_integral_value() and abs(self._sum) <= _MAX_INTEGER
        return int(self._sum) if is_whole else float(f"{self._sum:.15g}")
