"""Exact numbers in databases with and without decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from datacoves_usage_provider.exceptions import UsageDataError
from datacoves_usage_provider.records import FRACTION_DIGITS, WHOLE_DIGITS

_PRECISION = WHOLE_DIGITS + FRACTION_DIGITS
_MAX_SQLITE_INTEGER = 2**63 - 1


class InexactNumberError(UsageDataError, DontWrapMixin):
    """A number that SQLite cannot hold exactly."""


class _SqliteNumeric(UserDefinedType[Decimal]):
    """NUMERIC affinity: numbers compare and sort as numbers, unlike decimals kept as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"NUMERIC({_PRECISION}, {FRACTION_DIGITS})"


class ExactNumeric(TypeDecorator[Decimal]):
    """
    ``NUMERIC(38, 18)`` that takes and gives ``Decimal``.

    SQLite has no decimals: there a number is bound as an integer, or as the double whose shortest text is that number;
    one that is neither is an ``InexactNumberError``.
    """

    impl = sqlalchemy.Numeric(_PRECISION, FRACTION_DIGITS)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_SqliteNumeric() if dialect.name == "sqlite" else self.impl)

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | float | None:
        if value is None or dialect.name != "sqlite":
            return value
        return to_sqlite_number(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return value if value is None or isinstance(value, Decimal) else Decimal(str(value))


def to_sqlite_number(number: Decimal) -> int | float:
    """Return the SQLite number that is exactly ``number``, or raise an ``InexactNumberError``."""
    if number == number.to_integral_value() and abs(number) <= _MAX_SQLITE_INTEGER:
        return int(number)
    double = float(number)
    if Decimal(repr(double)) != number:
        raise InexactNumberError(
            f"SQLite cannot hold {number} exactly: it keeps whole numbers of 63 bits and others of about 15 digits. "
            "Use a warehouse with decimals, such as PostgreSQL."
        )
    return double
