"""P8, for what people type and set up: one clear error that says what to do, and nothing is lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateTable

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.warehouse.tables import make_tables

NOT_SLUGS = ["a'; DROP TABLE usage_daily; --", 'a"b', "../admin", "a/b", "a?b", "a%2Fb", "a\nb", "ümlaut", "\u0661"]


def failure(collect, **arguments) -> str:
    with pytest.raises(AirflowFailException) as raised:
        collect(**arguments)
    return str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"start": "2026-11-20", "end": "2026-11-19"}, "must end after it starts"),
        ({"start": "2026-11-20", "end": "2026-11-20"}, "must end after it starts"),
        ({"start": "2026-11-20"}, "give both or neither"),
        ({"end": "2026-11-20", "start": "None"}, "give both or neither"),
        ({"start": "20.11.2026", "end": "2026-11-21"}, "YYYY-MM-DD, not '20.11.2026'"),
        ({"start": "0206-11-20", "end": "2026-11-21"}, "0206-11-20 is long before any usage: is the year right?"),
        ({"period": "week"}, "'day' or 'month', not 'week'"),
        ({"lookback_days": "-1"}, "a whole number of days from 0 to 3650, not '-1'"),
        ({"lookback_days": "1.5"}, "from 0 to 3650, not '1.5'"),
        ({"lookback_days": True}, "from 0 to 3650, not True"),
        ({"lookback_days": "9" * 5000}, "from 0 to 3650, not '99999"),
        ({"filters": "{"}, "filters: is not JSON"),
        ({"filters": '{["service"]: "airflow"}'}, "filters: is not JSON"),
        pytest.param({"filters": "[" * 100_000}, "filters: is not JSON", id="very many brackets"),
        ({"filters": "[]"}, "must be an object"),
        ({"filters": {"service": []}}, "service must be text or a list that is not empty, not []"),
        ({"filters": '{"environment_slug": 1.2}'}, "each value of environment_slug must be text, not 1.2"),
        ({"filters": {"service": ["airflow", ""]}}, "service has an empty value"),
        ({"filters": {"services": "airflow"}}, "does not have a filter 'services'; it has: environment_slug, service"),
        ({"filters": {"service": "spark"}}, "does not know service 'spark'; it knows: airflow, airbyte, unknown"),
        ({"filters": {"environment_slug": "nowhere"}}, "no environment 'nowhere'"),
        ({"usage_conn_id": ""}, "usage_conn_id: is required"),
        ({"sql_conn_id": [5]}, "sql_conn_id: must be text"),
    ],
    ids=str,
)
def test_p8_arguments_that_do_not_fit(collect, sqlite_warehouse, arguments, words):
    assert words in failure(collect, **arguments)


@pytest.mark.parametrize("slug", NOT_SLUGS)
def test_p8_what_is_not_a_slug_never_becomes_part_of_a_url(collect, simulator, slug):
    said = failure(collect, sql_conn_id=None, filters={"environment_slug": slug})
    assert "environment_slug must contain only letters, digits" in said
    assert simulator.requests == []


def test_p8_all_that_does_not_fit_is_said_at_once(collect):
    said = failure(collect, period="week", start="x", lookback_days="y", filters="z")
    assert [name for name in ("period", "start and end", "lookback_days", "filters") if name not in said] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": ""}, "the API key (password) is empty"),
        ({"password": None}, "the API key (password) is empty"),
        ({"port": 8443}, "its port must be empty or 0, not 8443"),
        ({"password": "wrong-key-0123456789"}, "Check the API key in the connection's password field"),
        ({"host": ""}, "Billing API URL (host) is empty"),
        ({"host": "api.example.com/api/v1/billing"}, "must be a full URL that starts with https://"),
        ({"host": "ftp://api.example.com"}, "starts with https://"),
        ({"host": "https://user:pw@api.example.com"}, "must not contain a user"),
        ({"host": "https://[bad"}, "starts with https://"),
        ({"timeout": "soon"}, "timeout must be a number greater than 0, and at most 3600, not 'soon'"),
        ({"timeout": 0}, "timeout must be a number greater than 0"),
        ({"timeout": 1e12}, "and at most 3600"),
        ({"max_answer_mb": -1}, "max_answer_mb must be a number greater than 0"),
        ({"password": "e"}, "the API key (password) has 1 characters, which is too short"),
        ({"billing_account_id": {"a": 1}}, "billing_account_id must be text"),
        ({"billing_account_id": "a\x00b"}, "billing_account_id must be text"),
        ({"billing_account_id": "x" * 256}, "has 256 characters; a column holds at most 255"),
        ({"host": f"https://{'a' * 70}.example.com/"}, "Check the URL in the connection's host field and the proxy"),
        ({"verify": "/no/such/bundle.pem"}, "path of a CA bundle that can be read here"),
    ],
    ids=str,
)
def test_p8_connections_that_do_not_fit(collect, set_datacoves_conn, change, words):
    set_datacoves_conn(**change)
    said = failure(collect, sql_conn_id=None)
    assert words in said
    assert "datacoves_billing_default" in said


def test_p8_all_that_is_wrong_with_a_connection_is_said_at_once(collect, set_datacoves_conn):
    set_datacoves_conn(host="api.example.com", password="a b", timeout="soon")
    said = failure(collect, sql_conn_id=None)
    assert [word for word in ("Billing API URL", "API key", "timeout") if word not in said] == []


@pytest.mark.filterwarnings("ignore:Encountered")  # Airflow 2 warns, and goes on
@pytest.mark.parametrize("extra", ["nonsense", "[1]", '"text"'])
def test_p8_an_extra_that_is_not_a_json_object_is_an_error(api, simulator, collect, monkeypatch, extra):
    connection = {"conn_type": "datacoves_billing", "host": simulator.billing_url, "password": api.key}
    monkeypatch.setenv("AIRFLOW_CONN_DATACOVES_BILLING_DEFAULT", json.dumps(connection | {"extra": extra}))
    assert "its extra is not a JSON object" in failure(collect, sql_conn_id=None)


@pytest.mark.parametrize("text", ["-----BEGIN NOTHING-----", ""])
def test_p8_a_file_that_is_not_a_ca_bundle_is_named_at_once(simulator, collect, set_datacoves_conn, tmp_path, text):
    (tmp_path / "bundle.pem").write_text(text)
    set_datacoves_conn(host=simulator.billing_url.replace("http:", "https:"), verify=str(tmp_path / "bundle.pem"))
    assert "verify" in failure(collect, sql_conn_id=None)


def test_p8_https_towards_a_port_that_speaks_http(simulator, collect, set_datacoves_conn):
    set_datacoves_conn(host=simulator.billing_url.replace("http:", "https:"))
    assert "should the connection's host field start with http://?" in failure(collect, sql_conn_id=None)


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/billing", "/api/v1/billing/"])
def test_p8_every_form_of_the_billing_url_works(simulator, collect, set_datacoves_conn, path):
    set_datacoves_conn(host=simulator.url + path)
    assert collect(sql_conn_id=None)["totals"]


def test_p8_a_url_that_is_not_the_api_is_an_error(simulator, collect, set_datacoves_conn):
    set_datacoves_conn(host=f"{simulator.url}/somewhere")
    assert "Check the URL in the connection's host field" in failure(collect, sql_conn_id=None)


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (None, "There is no connection 'other' (usage API)"),
        ({"conn_type": "generic"}, "is of type 'generic'"),
        ({"conn_type": "sqlite", "host": "/tmp/x.db"}, "is of type 'sqlite', which cannot be used as the usage API"),  # noqa: S108
    ],
    ids=str,
)
def test_p8_a_usage_connection_of_another_type(airflow_db, collect, monkeypatch, connection, words):
    if connection is not None:
        monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(connection))
    assert words in failure(collect, usage_conn_id="other")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"conn_type": "datacoves_billing",}', "There is no connection 'other' (usage API), or Airflow cannot read"),
        ('{"conn_type": "datacoves_billing", "key": "k"}', "or Airflow cannot read what"),
        (
            '{"host": "https://api.example.com"}',
            "Connection 'other' (usage API) does not have a type. In JSON it is the field conn_type",
        ),
        ("datacoves_billing://:k@https%3A%2F%2Fapi.example.com", "such as datacoves-billing://, with - for each _"),
        ("the-key-alone", "does not have a type"),
    ],
    ids=str,
)
def test_p8_a_usage_connection_that_is_written_wrong(airflow_db, collect, monkeypatch, text, words):
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", text)
    assert words in failure(collect, usage_conn_id="other")


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (None, "There is no connection 'other' (warehouse)"),
        ({"conn_type": "generic"}, "is of type 'generic'"),
        ({"conn_type": "datacoves_billing"}, "is of type 'datacoves_billing', which cannot be used as the warehouse"),
        ({"conn_type": "sqlite", "host": "/no/such/folder/x.db"}, "the database file cannot be opened"),
        ({"conn_type": "sqlite", "host": ":memory:"}, "is a SQLite database in memory"),
    ],
    ids=str,
)
def test_p8_a_warehouse_that_is_not_a_database(airflow_db, collect, monkeypatch, connection, words):
    if connection is not None:
        monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(connection))
    assert words in failure(collect, sql_conn_id="other")


def test_p8_a_file_that_is_not_a_database(collect, sqlite_warehouse):
    Path(sqlite_warehouse.uri.removeprefix("sqlite:///")).write_text("This is text. " * 100)
    assert "the file is not a SQLite database" in failure(collect)


def test_p8_a_table_with_other_columns_is_left_alone(collect, warehouse):
    warehouse.query("CREATE TABLE usage_daily (day DATE, sub_account_id TEXT, minutes INTEGER)")
    said = failure(collect)
    assert "usage_daily cannot hold usage: it has no column service_provider_name" in said
    assert "sub_account_id" not in said
    assert warehouse.query("SELECT count(*) FROM usage_daily") == [(0,)]


@pytest.mark.parametrize(
    ("ours", "other", "words"),
    [
        ("consumed_quantity NUMERIC(38, 18)", "consumed_quantity INTEGER", "keeps consumed_quantity as"),
        ("consumed_quantity NUMERIC(38, 18)", "consumed_quantity NUMERIC(12, 2)", "which would round it"),
        ("effective_cost NUMERIC(38, 18)", "effective_cost FLOAT", "keeps effective_cost as"),
        (
            "charge_period_start DATE",
            "charge_period_start TIMESTAMP",
            "keeps charge_period_start as timestamp",
        ),
        ("resource_id, sku_meter)", "resource_id)", "has another primary key than (service_provider_name,"),
    ],
)
def test_p5_p11_a_table_that_would_round_or_keep_a_day_twice_is_an_error(collect, warehouse, ours, other, words):
    dialect = create_engine(warehouse.uri).dialect
    ddl = str(CreateTable(make_tables(None).daily).compile(dialect=dialect))
    assert ours in ddl
    warehouse.query(ddl.replace(ours, other))
    assert words in failure(collect).replace("TIMESTAMP", "timestamp")


def test_p8_a_view_with_other_columns_is_left_alone(collect, warehouse):
    warehouse.query("CREATE VIEW usage_monthly AS SELECT 1 AS minutes")
    assert "usage_monthly cannot hold usage" in failure(collect)
    assert warehouse.query("SELECT * FROM usage_monthly") == [(1,)]


def test_p8_a_view_in_the_place_of_a_table(collect, postgres_warehouse):
    collect()
    postgres_warehouse.query("ALTER TABLE usage_load_log RENAME TO kept_elsewhere")
    postgres_warehouse.query("CREATE VIEW usage_load_log AS SELECT * FROM kept_elsewhere")
    assert "it is a view, not a table" in failure(collect)


def test_p8_a_schema_that_does_not_exist(collect, warehouse):
    assert "the schema does not exist" in failure(collect, schema="nowhere")


def as_role(postgres_warehouse, monkeypatch, role: str) -> None:
    postgres_warehouse.query(f"CREATE ROLE {role} LOGIN")
    connection = json.loads(os.environ["AIRFLOW_CONN_USAGE_WAREHOUSE"]) | {"login": role}
    monkeypatch.setenv("AIRFLOW_CONN_USAGE_WAREHOUSE", json.dumps(connection))


def test_p8_a_role_that_may_not_create_tables(collect, postgres_warehouse, monkeypatch):
    as_role(postgres_warehouse, monkeypatch, "no_ddl")
    try:
        said = failure(collect)
        assert "the user lacks a right" in said
        assert "usage_warehouse" in said
    finally:
        postgres_warehouse.query("DROP ROLE no_ddl")


def test_p8_a_role_that_may_only_read_loses_nothing(collect, postgres_warehouse, monkeypatch):
    collect()
    before = postgres_warehouse.query("SELECT * FROM usage_daily ORDER BY 3, 5")
    as_role(postgres_warehouse, monkeypatch, "reader")
    postgres_warehouse.query("GRANT SELECT ON usage_daily, usage_monthly TO reader")
    try:
        assert "the user lacks a right" in failure(collect)
        assert postgres_warehouse.query("SELECT * FROM usage_daily ORDER BY 3, 5") == before
    finally:
        postgres_warehouse.query("DROP OWNED BY reader; DROP ROLE reader")


def test_p8_a_read_only_sqlite_database(collect, sqlite_warehouse):
    collect()
    before = sqlite_warehouse.query("SELECT * FROM usage_daily ORDER BY 3, 5")
    with Path(sqlite_warehouse.uri.removeprefix("sqlite:///")).open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")  # a write version that SQLite does not know: it only reads such a file, even as root
    assert "the database file, or its folder, is read-only" in failure(collect)
    assert sqlite_warehouse.query("SELECT * FROM usage_daily ORDER BY 3, 5") == before
