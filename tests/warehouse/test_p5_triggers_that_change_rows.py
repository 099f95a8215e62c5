"""P5: a trigger that drops or rewrites rows while they are loaded is noticed, one that does not is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from datacoves_usage_provider.exceptions import UsageConfigError
from datacoves_usage_provider.warehouse.tables import Provenance
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from tests.docs.made_usage import make_chunk
from tests.support.statements import watching

RUN = Provenance("a_conn", "a_dag", "a_run")
DAYS = ("2026-11-01", "2026-11-02")
CHUNK = make_chunk("analytics", DAYS, {(DAYS[0], "abc123", "airflow"): 120, (DAYS[0], "dev123", "airflow"): 5})
EXPECTED = {"abc123": 120, "dev123": 5}


def make_trigger(body: str, when: str = "BEFORE INSERT") -> list[str]:
    return [
        f"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} END$$",
        f"CREATE TRIGGER my_trigger {when} ON usage_daily FOR EACH ROW EXECUTE FUNCTION mine()",
    ]


ON_SQLITE = "CREATE TRIGGER my_trigger AFTER INSERT ON usage_daily BEGIN {}; END"
DROPS = "IF NEW.sub_account_id = 'dev123' THEN RETURN NULL; END IF; RETURN NEW;"
DROPPED = r"'dev123'.* should be \(Decimal\('5'\).* and is None "
REWRITTEN = r"'abc123'.* should be \(Decimal\('120'\).* and is \(Decimal\('1\b"
RENAMED = r"'abc123'.* should be \(Decimal\('120'\).* and is None "
CHANGES = {
    "drops, on PostgreSQL": ("postgres", make_trigger(DROPS), DROPPED),
    "rewrites, on PostgreSQL": ("postgres", make_trigger("NEW.consumed_quantity := 1; RETURN NEW;"), REWRITTEN),
    "renames, on PostgreSQL": (
        "postgres",
        make_trigger("NEW.sub_account_id := 'ABC' || random(); RETURN NEW;"),
        RENAMED,
    ),
    "drops, on SQLite": (
        "sqlite",
        [ON_SQLITE.format("DELETE FROM usage_daily WHERE sub_account_id = 'dev123'")],
        DROPPED,
    ),
    "rewrites, on SQLite": ("sqlite", [ON_SQLITE.format("UPDATE usage_daily SET consumed_quantity = 1")], REWRITTEN),
}


def load(warehouse: Any, statements: list[str]) -> None:
    opened = Warehouse.connect(warehouse.conn_id, None)
    opened.prepare()
    for statement in statements:
        warehouse.query(statement)
    opened.load(CHUNK, RUN)


def read(warehouse: Any) -> dict[str, int]:
    return dict(warehouse.query("SELECT sub_account_id, consumed_quantity FROM usage_daily"))


@pytest.mark.parametrize(("warehouse", "statements", "row"), CHANGES.values(), ids=CHANGES, indirect=["warehouse"])
def test_p5_a_load_whose_rows_a_trigger_changes_fails_and_names_it_and_a_row(warehouse, statements, row):
    subject = "Warehouse connection 'usage_warehouse': a trigger or rule of your own"
    said = rf"^{subject} on usage_daily changes what a load writes \(my_trigger\): the row \({row}"
    with pytest.raises(UsageConfigError, match=said):
        load(warehouse, statements)
    assert read(warehouse) == {}


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_p5_a_trigger_that_writes_elsewhere_is_left_alone(warehouse):
    audit = make_trigger("INSERT INTO audit VALUES (NEW.sub_account_id); RETURN NEW;", "AFTER INSERT")
    load(warehouse, ["CREATE TABLE audit (id TEXT)", *audit])
    assert read(warehouse) == EXPECTED


def test_p5_without_triggers_nothing_is_read_again(warehouse):
    reads: list[str] = []
    with watching(lambda statement: reads.append(statement) if "FROM usage_daily" in statement else None):
        load(warehouse, [])
    assert len([statement for statement in reads if statement.startswith("SELECT")]) == 1
    assert read(warehouse) == EXPECTED
