"""Rates and budgets from files into their tables."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from datacoves_usage_provider.cost.budget_rows import BUDGETS
from datacoves_usage_provider.cost.cells import is_currency
from datacoves_usage_provider.cost.currencies import CURRENCIES
from datacoves_usage_provider.cost.rates import RATES
from datacoves_usage_provider.cost.reference_file import ReferenceFile, Row, read_reference_file
from datacoves_usage_provider.cost.tables import ANY
from datacoves_usage_provider.cost.warehouse import CostWarehouse
from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.text import count, list_warnings, quote
from datacoves_usage_provider.warehouse.dialects import find_database

_KINDS = {"rates": RATES, "budgets": BUDGETS}
_MOST_MISTAKES = 100
_MOST_METERS = 10


class MeterInUse(NamedTuple):
    """What ``usage_daily`` has rows of."""

    service_provider_name: str
    sku_meter: str
    consumed_unit: str
    x_is_additive: bool


def read_files(folder: Path, names: Mapping[str, str | None]) -> dict[str, ReferenceFile | None]:
    """
    Return the files ``"rates"`` and ``"budgets"``, whose ``names`` are paths relative to ``folder``; None for none.

    Raises one ``UsageConfigError`` that lists every mistake in them, up to a hundred.
    """
    files = {what: read_reference_file(folder, name, _KINDS[what]) if name else None for what, name in names.items()}
    mistakes = [mistake for file in files.values() if file for mistake in file.mistakes]
    if mistakes:
        more = f"; and {len(mistakes) - _MOST_MISTAKES} more" if len(mistakes) > _MOST_MISTAKES else ""
        listed = "; ".join(mistakes[:_MOST_MISTAKES])
        raise UsageConfigError(f"Mistakes in reference data: {listed}{more}. No table was changed.")
    return files


def replace_tables(
    warehouse: CostWarehouse, files: Mapping[str, ReferenceFile | None], log: logging.Logger
) -> dict[str, int | None]:
    """Let the table of each file have its rows and no others; log what was read and what looks odd in it."""
    meters = _read_meters(warehouse)
    for file in filter(None, files.values()):
        _replace_table(warehouse, file)
        separator = "semicolons" if file.delimiter == ";" else "commas"
        rows = count(len(file.rows), "row")
        log.info("%s, separated by %s: %s has its %s.", file.name, separator, file.kind.table, rows)
        for warning in _find_warnings(file, meters):
            log.warning("%s", warning)
    return {what: len(file.rows) if file else None for what, file in files.items()}


def _replace_table(warehouse: CostWarehouse, file: ReferenceFile) -> None:
    table = warehouse.cost_tables.get(file.kind.table)
    names = list(file.kind.cells)
    rows = [tuple(row.values[name] for name in names) for row in file.rows]

    def replace(connection: Connection) -> None:
        database = find_database(connection.dialect)
        # Otherwise, of two tasks that replace it at once, neither would see the other's rows, and both would stay.
        database.lock_table(connection, table)
        connection.execute(delete(table))
        database.insert_rows(connection, table, {}, names, rows)

    warehouse.run_in_transaction(replace, lambda: f"{file.kind.table} has the rows that it had before.")


def _read_meters(warehouse: CostWarehouse) -> list[MeterInUse]:
    """Return what there is usage of."""
    query = select(*(warehouse.tables.daily.c[name] for name in MeterInUse._fields)).distinct()
    rows = warehouse.run_in_transaction(
        lambda connection: connection.execute(query).all(), lambda: "No table was changed."
    )
    return [MeterInUse(*row) for row in rows]


def _find_warnings(file: ReferenceFile, meters: Sequence[MeterInUse]) -> Iterator[str]:
    """Yield sentences about what may be a slip, or may come one day."""
    if not file.rows:
        yield f"{file.name} has no rows, so {file.kind.table} is empty."
    of_rows = (f"{file.name} line {row.line}: {text}" for row in file.rows for text in _find_row_warnings(row, meters))
    yield from list_warnings(of_rows)


def _find_row_warnings(row: Row, meters: Sequence[MeterInUse]) -> Iterator[str]:
    unit = row.values.get("pricing_unit") or row.values["x_unit"]
    for currency in filter(is_currency, (row.values.get("billing_currency", ""), unit)):
        if currency not in CURRENCIES:
            yield f"{quote(currency)} is not a currency that ISO 4217 lists."
    provider, meter = row.values["service_provider_name"], row.values["sku_meter"]
    wanted = (provider, meter, ANY if is_currency(unit) else unit)
    found = [known for known in meters if _matches(wanted, known[:3])]
    named = f"{quote(provider)} {quote(meter)}{'' if is_currency(unit) else f' in {quote(unit)}'}"
    if meters and not found:
        yield f"usage_daily has no rows of {named}, only of {_list(meters)}."
    elif found and not any(known.x_is_additive for known in found) and not is_currency(unit):
        yield f"{named} is a meter whose days do not add up: it has no price, and counts against no budget."


def _matches(wanted: Iterable[str], known: Iterable[str]) -> bool:
    return all(name in (ANY, value) for name, value in zip(wanted, known, strict=True))


def _list(meters: Iterable[MeterInUse]) -> str:
    listed = [f"{quote(one[0])} {quote(one[1])} in {quote(one[2])}" for one in sorted(meters)]
    more = [f"{len(listed) - _MOST_METERS} more"] if len(listed) > _MOST_METERS else []
    return ", ".join([*listed[:_MOST_METERS], *more])
