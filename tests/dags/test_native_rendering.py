"""Whatever Airflow's rendering makes of an argument is understood, also where it makes Python objects."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import jinja2
import pendulum
import pytest
from markupsafe import Markup

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.operators.arguments import read_arguments
from tests.support.truth import loaded, query, truth

IST = timezone(timedelta(hours=5, minutes=30))
SLUGS = ("123456", "abc123")
JANUARY = query("2026-01-01", "2026-02-01", environment_slug=SLUGS)
GIVEN = {
    "usage_conn_id": "a",
    "sql_conn_id": "b",
    "schema": None,
    "period": "day",
    "start": None,
    "end": None,
    "lookback_days": 0,
    "catch_up_days": 0,
    "filters": None,
    "allow_empty": None,
}

DAG = """
import pendulum
from airflow import DAG

from datacoves_usage_provider.operators.usage import CollectUsageOperator

SLUGS = {slugs!r}
for name, native in (("native", True), ("text", False)):
    with DAG(
        f"renders_{{name}}",
        schedule=None,
        start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
        render_template_as_native_obj=native,
        params={{"slug": "123456", "slugs": [*SLUGS], "as_json": '["123456", "abc123"]', "days": 0, "object": {{}}}},
    ) as dag:
        CollectUsageOperator(
            task_id="collect",
            usage_conn_id="{{{{ 'datacoves_billing_default' }}}}",
            start={start!r},
            end={end!r},
            lookback_days="{{{{ params.days }}}}",
            filters={filters!r},
        )
    globals()[dag.dag_id] = dag
"""


@pytest.fixture
def run_rendered(run_dag, dags_folder: Path, datacoves_conn, sqlite_warehouse, api):
    """Run a DAG whose task has these templates, as native objects or as text; return the run."""
    api.environments = ("123456", "abc123", "def456")

    def run(rendering: str, filters, start="2026-01-01", end="2026-02-01"):
        text = DAG.format(slugs=SLUGS, start=start, end=end, filters=filters)
        (dags_folder / "renders.py").write_text(text)
        return run_dag(f"renders_{rendering}")

    return run


FILTERS = {
    "a list": {"environment_slug": "{{ params.slugs }}"},
    "a list's JSON": {"environment_slug": "{{ params.as_json }}"},
    "an id of digits": {"environment_slug": ["{{ params.slug }}", "abc123"]},
    "an object": "{{ {'environment_slug': params.slugs} }}",
    "an object's JSON": "{{ {'environment_slug': params.slugs} | tojson }}",
}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("rendering", ["native", "text"])
def test_filters_are_understood_as_either_rendering_leaves_them(
    run_rendered, api, sqlite_warehouse, rendering, filters
):
    assert run_rendered(rendering, filters).task[0] == "success"
    assert loaded(sqlite_warehouse) == truth(api, JANUARY)


def test_a_generator_is_a_list(run_rendered, api, sqlite_warehouse):
    run_rendered("native", {"environment_slug": "{{ params.slugs | map('trim') }}"})
    assert loaded(sqlite_warehouse) == truth(api, JANUARY)


@pytest.mark.parametrize("rendering", ["native", "text"])
def test_days_may_be_dates_and_moments(run_rendered, api, sqlite_warehouse, rendering):
    start = "{{ macros.datetime(2026, 1, 1).date() }}"
    end = "{{ macros.datetime(2026, 2, 1, 10, 30) }}"
    run_rendered(rendering, {"environment_slug": [*SLUGS]}, start, end)
    assert loaded(sqlite_warehouse) == truth(api, JANUARY)


def read(**given):
    return read_arguments(GIVEN | given)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (date(2026, 1, 2), "2026-01-02"),
        (pendulum.date(2026, 1, 2), "2026-01-02"),
        (datetime.fromisoformat("2026-01-02T23:30"), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 30, tzinfo=IST), "2026-01-01"),
        (pendulum.datetime(2026, 1, 2, 20, tz="America/New_York"), "2026-01-03"),
        ("2026-01-02 00:00:00+00:00", "2026-01-02"),
        ("2026-01-02T20:00:00-05:00", "2026-01-03"),
        (Markup("2026-01-02"), "2026-01-02"),
    ],
    ids=repr,
)
def test_p1_a_moment_is_its_utc_day(value, day):
    window = read(start=value, end="2027-01-01").window
    assert str(window.start) == day
    assert type(window.start) is date  # which SQLite's driver asks for


@pytest.mark.parametrize(
    ("value", "values"),
    [
        (123456, ("123456",)),
        ([7, "7", " 7 "], ("7",)),
        (("b", "a"), ("b", "a")),
        ({"b", "a"}, ("a", "b")),
        ({"b": 1, "a": 2}.keys(), ("a", "b")),
        ((slug for slug in "ba"), ("b", "a")),
        ("['b', 'a']", ("b", "a")),
        ("[b]", ("[b]",)),
        (Markup("a"), ("a",)),
        (jinja2.Undefined(name="slug"), None),
    ],
    ids=repr,
)
def test_a_filter_is_text_or_several_texts(value, values):
    assert read(filters={"slug": value}).filters == ({} if values is None else {"slug": values})


@pytest.mark.parametrize("value", [2, "2", " 2 ", 2.0, "2.0", Decimal(2)], ids=repr)
def test_a_number_of_days_is_any_whole_number(value):
    assert read(lookback_days=value).lookback_days == 2


def test_ids_of_digits_are_ids():
    arguments = read(usage_conn_id=1, sql_conn_id=2, schema=3)
    assert (arguments.usage_conn_id, arguments.sql_conn_id, arguments.schema) == ("1", "2", "3")


UNDEFINED = jinja2.StrictUndefined(name="slug")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"start": 20260102, "end": 20260103}, "must be days of the form YYYY-MM-DD, not 20260102 and 20260103"),
        ({"filters": {"slug": 1.5}}, "each value of slug must be text, not 1.5"),
        ({"filters": {"slug": [True]}}, "each value of slug must be text, not True"),
        ({"filters": {"slug": b"a"}}, "each value of slug must be text, not b'a'"),
        ({"filters": {"slug": {"a": 1}}}, "each value of slug must be text, not {'a': 1}"),
        ({"filters": {"slug": UNDEFINED}}, "its template has an undefined variable: 'slug' is undefined"),
        ({"start": UNDEFINED, "end": UNDEFINED}, "start and end: its template has an undefined variable"),
        ({"filters": "{'slug': "}, "is not JSON"),
        ({"lookback_days": 10**400}, "must be a whole number of days"),
        ({"period": "x" * 1000}, "must be 'day' or 'month', not 'xxx"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_p8_what_is_left_over_is_said_in_short_words(given, words):
    with pytest.raises(Exception, match="(?s)arguments are wrong") as raised:
        read(**given)
    assert words in str(raised.value)
    assert len(str(raised.value)) < 300


def test_the_operator_takes_filters_from_json_with_numbers(execute, datacoves_conn, api):
    api.environments = ("123456",)
    result = execute(usage_conn_id=datacoves_conn, sql_conn_id=None, filters='{"environment_slug": [123456]}')
    assert {total["sub_account_id"] for total in result["totals"]} == {"123456"}
    with pytest.raises(AirflowFailException, match="each value of .* must be text, not 1"):
        execute(usage_conn_id=datacoves_conn, sql_conn_id=None, filters=json.dumps({"environment_slug": 1.25}))
