"""P5, P10: names that people and vendors choose are bound parameters or quoted, and never a part of a statement."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator.adverity_usage import Workspace
from tests.contract.cases import find_case
from tests.support.statements import watching
from tests.support.truth import days, loaded, truth

WINDOW = days(date(2026, 2, 10), 3)
ARGUMENTS = {"start": str(WINDOW.start), "end": str(WINDOW.end)}
MARK = "zqj"
SCHEMAS = [
    "finance",
    "Finance",
    'we"ird; DROP TABLE x; --',
    "it's",
    "ü.nicode \U0001f4b8",
    ":name",
    "a b",
    "50%",
    "%s %(name)s",
]
NAMES = [
    f"{MARK}'; DROP TABLE usage_daily; --",
    f'{MARK}"; DROP TABLE usage_daily; --',
    f"{MARK}' OR '1' = '1",
    f"{MARK}\\' %s %(name)s :name ? $1 {{x}}",
    f"{MARK} Société \U0001f4b8\t日本",
]


@pytest.fixture
def case():
    return find_case("adverity")


@pytest.fixture
def api(case) -> Any:
    """Its workspaces and datastreams have names that would be statements."""
    api = case.make_api()
    api.workspaces = tuple(Workspace(name, name, (f"1{name}", f"2{name}")) for name in NAMES)
    return api


@pytest.fixture
def statements() -> Iterator[list[str]]:
    found: list[str] = []
    with watching(found.append):
        yield found


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def make_postgres_schema(warehouse: Any, name: str, _: Path) -> None:
    warehouse.query(f"CREATE SCHEMA {quote(name)}".replace(":", "\\:"))


def attach_sqlite_schema(_: Any, name: str, folder: Path) -> Callable[[], None]:
    """SQLite's schemas are files that each connection attaches."""

    def attach(connection: Any, _: Any) -> None:
        connection.execute(f"ATTACH ? AS {quote(name)}", (str(folder / "attached.db"),))

    event.listen(Engine, "connect", attach)
    return lambda: event.remove(Engine, "connect", attach)


@pytest.fixture
def make_schema(warehouse, tmp_path) -> Iterator[Callable[[str], None]]:
    make = {"postgresql": make_postgres_schema, "sqlite": attach_sqlite_schema}[warehouse.dialect]
    undo: list[Callable[[], None]] = []

    def make_it(name: str) -> None:
        undo.extend(filter(None, [make(warehouse, name, tmp_path)]))

    yield make_it
    for each in undo:
        each()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_p5_a_schema_of_any_name(api, collect, warehouse, make_schema, schema):
    make_schema(schema)
    for again in (False, True):
        result = collect(schema=schema, **ARGUMENTS)
        assert bool(result["loaded"]["added"]) is not again
    held = truth(api, UsageQuery(WINDOW))
    counted = f"SELECT count(*) FROM {quote(schema)}.usage_daily".replace(":", "\\:")
    assert warehouse.query(counted) == [(len(held),)]
    months = f"SELECT sum(x_days) FROM {quote(schema)}.usage_monthly".replace(":", "\\:")
    assert warehouse.query(months) == [(len([key for key in held if key.meter != "Unique Rows"]),)]


def test_p5_names_of_a_vendor_never_become_part_of_a_statement(case, api, set_conn, collect, warehouse, statements):
    set_conn(billing_account_id=NAMES[0])
    collect(**ARGUMENTS)
    assert loaded(warehouse) == truth(api, UsageQuery(WINDOW))
    filters = {"workspace_id": NAMES, "datastream_id": [f"1{name}" for name in NAMES]}
    case.restate(api, WINDOW.start)
    collect(**ARGUMENTS, filters=filters)
    asked = {key: amount for key, amount in loaded(warehouse).items() if key.resource.startswith("1")}
    assert asked == truth(api, UsageQuery(WINDOW, {name: tuple(values) for name, values in filters.items()}))
    assert warehouse.query("SELECT DISTINCT billing_account_id FROM usage_load_log") == [(NAMES[0],)]
    assert statements
    assert [statement for statement in statements if MARK in statement] == []


def test_p5_catching_up_on_names_of_a_vendor(api, collect, warehouse, statements):
    arguments = {"run_after": str(WINDOW.end), "filters": json.dumps({"workspace_id": NAMES})}
    collect(**arguments)
    assert collect(catch_up_days=2, **arguments)["loaded"]["days"] == 3
    assert collect(catch_up_days=2, **arguments)["loaded"]["days"] == 1
    assert loaded(warehouse) == truth(api, UsageQuery(WINDOW))
    assert [statement for statement in statements if MARK in statement] == []
