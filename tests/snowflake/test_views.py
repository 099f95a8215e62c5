"""The statements of the docs for the views on Snowflake are what the package makes, and they run."""

from __future__ import annotations

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datacoves_usage_provider.warehouse.schema import make_ddl
from tests.docs.made_usage import ALL_VIEWS
from tests.docs.test_ddl import read_views
from tests.support.costs import prepare

NAMES = ("usage_jump", "usage_cost_daily", "usage_cost_monthly")


def test_the_statements_are_what_the_package_makes(snowflake_warehouse):
    dialect = create_engine(snowflake_warehouse.uri, poolclass=NullPool).dialect
    made = [ddl for view in ALL_VIEWS if view.name in NAMES for ddl in make_ddl(dialect, view)]
    assert ["".join(text.split()) for text in read_views("snowflake")] == ["".join(text.split()) for text in made]


def test_the_statements_make_views_that_the_package_takes_for_its_own(snowflake_warehouse):
    prepare(snowflake_warehouse)
    for name in reversed(NAMES):
        snowflake_warehouse.query(f"DROP VIEW {name}")
    for statement in read_views("snowflake"):
        snowflake_warehouse.query(statement)
    prepare(snowflake_warehouse)
