"""The report's bars as text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

_WIDTH = 48


def draw_days(path: Path, meter: str) -> Iterator[str]:
    """Yield a line for each day of a report's ``…-days.csv``: a bar, or that the day is not loaded."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sku_meter"] == meter]
    largest = max((Decimal(row["consumed_quantity"] or 0) for row in rows), default=Decimal(0)) or Decimal(1)
    for row in rows:
        quantity = Decimal(row["consumed_quantity"] or 0)
        bar = "#" * round(_WIDTH * quantity / largest)
        text = "not loaded" if row["x_loaded"] == "missing" else f"{bar} {quantity:,f}".strip()
        yield f"  {row['charge_period_start']}  {text}"
