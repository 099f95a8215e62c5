"""Exact numbers in databases with and without decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.dialects.database import Database


class ExactNumeric(TypeDecorator[Decimal]):
    """``NUMERIC(38, 18)`` that takes and gives ``Decimal``; a number that the database cannot hold is an error."""

    impl = Database.exact_number
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(find_database(dialect).exact_number)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        return None if find_database(dialect).gives_decimals else super().result_processor(dialect, coltype)

    def process_result_value(self, value: Any, _: Dialect) -> Decimal | None:
        return value if value is None or isinstance(value, Decimal) else Decimal(str(value))
