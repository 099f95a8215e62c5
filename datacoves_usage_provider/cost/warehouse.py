"""The tables and views of usage and of its cost behind an Airflow SQL connection."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.engine import Engine

from datacoves_usage_provider.cost.tables import make_cost_tables
from datacoves_usage_provider.cost.views import make_cost_views
from datacoves_usage_provider.warehouse.session import WarehouseSession
from datacoves_usage_provider.warehouse.views import make_views


class CostWarehouse(WarehouseSession):
    """What tasks on rates and budgets read and write; ``tables`` are those of usage, ``cost_tables`` its own."""

    def __init__(self, engine: Engine, schema: str | None, conn_id: str) -> None:
        super().__init__(engine, schema, conn_id)
        self.cost_tables = make_cost_tables(schema)

    def prepare(self) -> None:
        """Create what is missing of the tables and views, and check the rest."""
        views = (*make_views(self.tables), *make_cost_views(self.tables, self.cost_tables))
        self.create_missing([*self.tables.all, *self.cost_tables.all, *views])

    def round_number(self, number: Decimal) -> Decimal:
        """Return what the tables keep of a computed number."""
        return self._database.round_number(number)
