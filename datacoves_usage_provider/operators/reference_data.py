"""One task that brings rates and budgets from files into the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datacoves_usage_provider.operators.usage_operator import UsageOperator

if TYPE_CHECKING:
    from os import PathLike

    from datacoves_usage_provider.compat import Context


class SyncReferenceDataOperator(UsageOperator):
    """
    Replace the tables ``usage_rate`` and ``usage_budget`` by what CSV files say.

    The files have a header with the names of the table's columns, in any order; docs/cost.md explains them. Both are
    checked whole before a table changes: an error lists every mistake with its file, line and column. What is missing
    of the tables and views of usage and cost is created. All arguments are templated.

    :param rates: the path of a CSV file, relative to the folder of the DAG file; None leaves the table alone
    :param budgets: the same, of the budgets
    :param sql_conn_id: the warehouse: a connection whose hook is a ``DbApiHook``
    :param schema: the warehouse schema of the tables; None: the session decides
    :return: plain JSON: how many rows ``rates`` and ``budgets`` have; None for one without a file
    """

    template_fields: Sequence[str] = ("rates", "budgets", "sql_conn_id", "schema")
    ui_color = "#e7f3ef"

    def __init__(
        self,
        *,
        rates: str | PathLike[str] | None = None,
        budgets: str | PathLike[str] | None = None,
        sql_conn_id: str = "usage_warehouse",
        schema: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rates = rates
        self.budgets = budgets
        self.sql_conn_id = sql_conn_id
        self.schema = schema

    def run_task(self, context: Context) -> dict[str, Any]:
        # Imported here, so that parsing a DAG file does not pay for SQL libraries.
        from datacoves_usage_provider.cost.reference_data import read_files, replace_tables
        from datacoves_usage_provider.cost.warehouse import CostWarehouse
        from datacoves_usage_provider.operators.argument_reader import ArgumentReader
        from datacoves_usage_provider.operators.lineage import Files, Lineage, Tables
        from datacoves_usage_provider.operators.rendered import parse_path, parse_required, parse_text

        reader = ArgumentReader({name: getattr(self, name) for name in SyncReferenceDataOperator.template_fields})
        names = {"rates": reader.read(parse_path, "rates"), "budgets": reader.read(parse_path, "budgets")}
        sql_conn_id = reader.read(parse_required, "sql_conn_id")
        schema = reader.read(parse_text, "schema")
        reader.check()
        folder = Path(context["dag"].fileloc).parent
        files = read_files(folder, names)
        warehouse = CostWarehouse.connect(sql_conn_id, schema)
        warehouse.prepare()
        rows = replace_tables(warehouse, files, self.log)
        read = [str(folder / name) for name in names.values() if name]
        written = [file.kind.table for file in files.values() if file]
        self.lineage = Lineage([Files(read)], [Tables(sql_conn_id, schema, written)])
        return rows
