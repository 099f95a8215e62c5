"""Amazon Redshift, which cannot keep P6."""

from __future__ import annotations

from datacoves_usage_provider.warehouse.dialects.database import Database


class Redshift(Database):
    unfit = (
        "Redshift, where a transaction reads the state in which it began, even after it waited for another: the second "
        "of two loads would fail, or compare with old rows."
    )
