"""Numbers that stay what they are: added without rounding, and written into JSON digit by digit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, localcontext
from typing import Any

_EXACT = Context(prec=100, traps=[Inexact])
_MILLION = Decimal(1_000_000)


def add(numbers: Iterable[Decimal]) -> Decimal:
    with localcontext(_EXACT):
        return sum(numbers, Decimal(0))


def millionths(count: int) -> Decimal:
    """Return ``count`` millionths, without trailing zeros."""
    with localcontext(_EXACT):
        return count / _MILLION


def write_json(value: Any) -> str:
    """Write what ``json.dumps`` can write, and decimals: in plain notation, with the digits that they have."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{json.dumps(name)}:{write_json(item)}' for name, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(write_json, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)
