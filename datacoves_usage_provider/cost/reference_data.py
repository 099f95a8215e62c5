"""Rates and budgets from files into their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Table, delete, select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.cost.cells import is_currency
from datacoves_usage_provider.cost.currencies import CURRENCIES
from datacoves_usage_provider.cost.reference_file import ReferenceFile, Row
from datacoves_usage_provider.cost.tables import ANY
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.text import list_warnings, quote
from datacoves_usage_provider.warehouse.dialects import find_database

_MOST_MISTAKES = 100


class MeterInUse(NamedTuple):
    """What ``usage_daily`` has rows of."""

    service_provider_name: str
    sku_meter: str
    consumed_unit: str


def check_files(files: Iterable[ReferenceFile]) -> None:
    """Raise one ``UsageConfigError`` that lists every mistake in ``files``, up to a hundred of them."""
    mistakes = [mistake for file in files for mistake in file.mistakes]
    if not mistakes:
        return
    shown = "; ".join(mistakes[:_MOST_MISTAKES])
    more = f"; and {len(mistakes) - _MOST_MISTAKES} more" if len(mistakes) > _MOST_MISTAKES else ""
    raise UsageConfigError(f"Mistakes in reference data: {shown}{more}. No table was changed.")


def replace_table(warehouse: CostWarehouse, file: ReferenceFile) -> None:
    """Let the table of ``file`` have its rows, and no others."""
    table = warehouse.get_reference_table(file.kind.table)
    names = list(file.kind.cells)
    rows = [tuple(row.values[name] for name in names) for row in file.rows]

    def replace(connection: Connection) -> None:
        database = find_database(connection.dialect)
        # Otherwise, of two tasks that replace it at once, neither would see the other's rows, and both would stay.
        database.lock_table(connection, table)
        connection.execute(delete(table))
        database.insert_rows(connection, table, {}, names, rows)

    warehouse.run_in_transaction(replace, lambda: f"{file.kind.table} has the rows that it had before.")


def find_warnings(file: ReferenceFile, meters: Sequence[MeterInUse]) -> Iterator[str]:
    """Yield sentences about what may be a slip, or may come one day; ``meters`` are all that have usage."""
    if not file.rows:
        yield f"{file.name} has no rows, so {file.kind.table} is empty."
    of_rows = (f"{file.name} line {row.line}: {text}" for row in file.rows for text in _find_doubts(row, meters))
    yield from list_warnings(of_rows)


def read_meters(warehouse: CostWarehouse) -> list[MeterInUse]:
    """Return what there is usage of."""
    daily: Table = warehouse.tables.daily
    query = select(*(daily.c[name] for name in MeterInUse._fields)).distinct()
    rows = warehouse.run_in_transaction(lambda connection: connection.execute(query).all(), lambda: "")
    return [MeterInUse(*row) for row in rows]


def _find_doubts(row: Row, meters: Sequence[MeterInUse]) -> Iterator[str]:
    unit = row.values.get("pricing_unit") or row.values["x_unit"]
    for currency in filter(is_currency, (row.values.get("billing_currency", ""), unit)):
        if currency not in CURRENCIES:
            yield f"{quote(currency)} is not a currency that ISO 4217 lists."
    provider, meter = row.values["service_provider_name"], row.values["sku_meter"]
    wanted = (provider, meter, ANY if is_currency(unit) else unit)
    if meters and not any(_matches(wanted, known) for known in meters):
        in_unit = "" if is_currency(unit) else f" in {quote(unit)}"
        yield f"There is no usage of {quote(provider)}, {quote(meter)}{in_unit}. There is {_list(meters)}."


def _matches(wanted: Iterable[str], known: MeterInUse) -> bool:
    return all(name in (ANY, value) for name, value in zip(wanted, known, strict=True))


def _list(meters: Iterable[MeterInUse]) -> str:
    return ", ".join(f"{quote(one[0])} {quote(one[1])} in {quote(one[2])}" for one in sorted(meters)[:10])
