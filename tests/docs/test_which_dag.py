"""The page "Which DAG?", and what the page on DDL has for allocations."""

from __future__ import annotations

import json
import re
import runpy
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.allocation.airflow_tables import KEY
from datacoves_usage_provider.allocation.tables import make_allocation_tables
from datacoves_usage_provider.allocation.views import make_allocation_views
from datacoves_usage_provider.allocation.warehouse import AllocationWarehouse
from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.operators.allocation import AllocateUsageOperator
from datacoves_usage_provider.simulator import Airflow
from datacoves_usage_provider.warehouse.schema import make_ddl
from tests.docs.arguments import find_defaults, read_arguments
from tests.docs.markdown import find_block_after, find_blocks, read, read_table
from tests.docs.test_ddl import _without_layout
from tests.docs.test_queries import TEAMS, find_query
from tests.docs.test_rights import connect_as_usage
from tests.support.metadata import SHAPES, Metadata, add_worked_day

PAGE = "docs/which-dag.md"
DDL = "docs/ddl.md"
SCHEMA = "usage"
TODAY = ("2026-11-04", "airflow")
GRANTS = [statement.strip() for statement in find_block_after("grants:allocation", DDL).split(";")[:-1]]
READING = find_block_after("airflow grants", PAGE)
EACH_RIGHT = [
    (right, target)
    for grant in GRANTS
    for rights, target in [re.fullmatch(r"GRANT (.+) ON (.+) TO usage", grant).groups()]
    for right in rights.split(", ")
]


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_the_ddl_is_what_the_package_makes(dialect):
    engine = create_engine(f"{dialect}://", poolclass=NullPool)
    tables = make_allocation_tables(None)
    everything = (*tables.all, *make_allocation_views(tables.allocation))
    made = [ddl for one in everything for ddl in make_ddl(engine.dialect, one)]
    text = find_block_after("ddl:allocation", DDL)
    if dialect == "sqlite":
        text = text.replace("TIMESTAMP WITH TIME ZONE", "DATETIME")
    assert list(map(_without_layout, text.split(";")[:-1])) == list(map(_without_layout, made))


def test_a_task_returns_what_the_page_shows(make_metadata, bill, allocate):
    add_worked_day(make_metadata("3"))
    bill({TODAY: 12})
    assert allocate() == json.loads(find_block_after("xcom of an allocation", PAGE))


def test_the_operators_arguments_are_as_the_page_says():
    assert read_arguments(AllocateUsageOperator, PAGE) == find_defaults(AllocateUsageOperator)


def test_the_picture_has_the_numbers_of_the_xcom():
    shown = re.sub(r"<title>.+</title>|<[^>]+>", "", read("docs/pictures/split-of-a-bill.svg"))
    allocated = json.loads(find_block_after("xcom of an allocation", PAGE))
    for dag in allocated["dags"]:
        assert f"{dag['dag_id']} {dag['consumed_quantity']}" in shown
    assert f"no DAG {allocated['unattributed']}" in shown
    assert f"billed for {allocated['billed']} minutes" in shown


def test_each_query_of_the_page_answers_its_heading(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    metadata.name_owners({"load": "ingest"})
    bill({TODAY: 12})
    allocate()
    largest, slowest = (
        block.text for block in find_blocks("sql") if block.page == PAGE and block.text.startswith("--")
    )
    rows = metadata.warehouse.query(largest)
    assert [(dag_id, owners, float(minutes)) for dag_id, owners, minutes, *_ in rows] == [
        ("load", "ingest", 6.21),
        ("", "", 2.25),
        ("report", "", 1.87),
        ("nightly", "", 1.67),
    ]
    assert [(row[0], row[2]) for row in metadata.warehouse.query(slowest)][:2] == [("load", 2), ("report", 2)]


def test_the_recipe_for_teams_shows_each_team_and_what_is_unattributed(make_metadata, bill, allocate):
    metadata = make_metadata("3")
    add_worked_day(metadata)
    metadata.tag({"load": ["team:web"], "report": ["team:web"]})
    bill({TODAY: 12})
    allocate()
    rows = metadata.warehouse.query(find_query(TEAMS, metadata.warehouse.dialect))
    assert [(str(month), team, float(minutes), *money) for month, team, minutes, *money in rows] == [
        ("2026-11-01", "web", 8.08, None, None),
        ("2026-11-01", "unattributed", 2.25, None, None),
        ("2026-11-01", "", 1.67, None, None),
    ]


def test_the_simulated_airflow_explains_the_bill_of_the_simulated_datacoves(bill, allocate, monkeypatch, tmp_path):
    script = tmp_path / "tables.py"
    script.write_text(find_block_after("simulated airflow", PAGE))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    runpy.run_path(str(script))
    tables = {"conn_type": "sqlite", "host": str(tmp_path / "airflow_abc123.db")}
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_ABC123", json.dumps(tables))
    today = datetime.now(timezone.utc).date()
    first, last = today - timedelta(days=32), today - timedelta(days=1)
    bill({(str(day), "airflow"): _measure_minutes(day) for day in (first, last)})
    allocated = allocate(str(today), airflow_conn_id="airflow_abc123", catch_up_days=31)
    assert allocated["status"] == {"within": 2}
    assert allocated["unattributed"] == "0"


def _measure_minutes(day: date) -> int:
    times = Airflow(environment="abc123").get_pod_time(day).values()
    return sum(times, timedelta()) // timedelta(minutes=1)


def test_the_tables_of_the_page_are_those_that_are_read():
    named = {name.strip("`") for name, _ in read_table("table", page=PAGE)}
    assert named == {table for shape in SHAPES.values() for table in shape}
    assert set(KEY) < set(SHAPES["2"]["task_instance"])


@pytest.fixture
def tables_by_hand(postgres_warehouse, monkeypatch):
    """The tables in a schema, an Airflow's in ``public``, bills, and a user without rights on all that."""
    postgres_warehouse.query(f"CREATE SCHEMA {SCHEMA}")
    AllocationWarehouse.connect(postgres_warehouse.conn_id, SCHEMA).prepare()
    add_worked_day(Metadata(postgres_warehouse, "3"))
    postgres_warehouse.query(
        f"INSERT INTO {SCHEMA}.usage_account VALUES ('Datacoves', 'acme', 'a_conn', now()); "
        f"INSERT INTO {SCHEMA}.usage_daily VALUES ('Datacoves', 'acme', 'abc123', '', 'airflow', '', '', "
        "'Worker Minutes', '2026-11-01', '2026-11-04', 12, 'Minutes', true, NULL, NULL, 'a', 'a', 'a', now())"
    )
    postgres_warehouse.query("CREATE ROLE usage LOGIN; CREATE ROLE usage_reader LOGIN")
    postgres_warehouse.query(READING)
    for grant in GRANTS:
        postgres_warehouse.query(grant)
    postgres_warehouse.query("GRANT usage_reader TO usage")
    connect_as_usage(postgres_warehouse, monkeypatch)
    yield postgres_warehouse
    postgres_warehouse.query("DROP OWNED BY usage, usage_reader; DROP ROLE usage, usage_reader")


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
def test_the_rights_of_the_pages_are_enough(tables_by_hand, allocate):
    for _ in range(2):
        assert allocate(schema=SCHEMA, airflow_schema="public")["status"] == {"above": 1}


@pytest.mark.parametrize("warehouse", ["postgres"], indirect=True)
@pytest.mark.parametrize(("right", "target"), EACH_RIGHT)
def test_none_of_the_rights_in_the_warehouse_is_too_many(right, target, tables_by_hand, allocate):
    allocate(schema=SCHEMA, airflow_schema="public")
    tables_by_hand.query(f"REVOKE {right} ON {target} FROM usage")
    with pytest.raises(AirflowFailException, match="the user lacks a right"):
        allocate(schema=SCHEMA, airflow_schema="public")
