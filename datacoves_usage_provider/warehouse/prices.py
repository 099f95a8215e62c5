"""A quantity at its price, as exactly as each database can say it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from datacoves_usage_provider.warehouse.dialects import find_database
from datacoves_usage_provider.warehouse.numbers import ExactNumeric


class PriceOf(FunctionElement[Any]):
    """``PriceOf(quantity, price, pricing_quantity)``: what the quantity costs, the price being for so many units."""

    name = "price_of"
    type = ExactNumeric()
    inherit_cache = True


@compiles(PriceOf)
def _compile(element: PriceOf, compiler: Any, **options: Any) -> str:
    operands: list[ColumnElement[Any]] = list(element.clauses)
    texts = [compiler.process(operand, **options) for operand in operands]
    return find_database(compiler.dialect).write_price(*texts)
