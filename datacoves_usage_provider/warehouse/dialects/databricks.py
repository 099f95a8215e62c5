"""Databricks, which cannot keep P5."""

from __future__ import annotations

from datacoves_usage_provider.warehouse.dialects.database import Database


class Databricks(Database):
    unfit = (
        "Databricks, whose connector commits each statement and ignores transactions: a load that fails would leave "
        "half of a day."
    )
