"""On PostgreSQL the rights that the docs name are enough to see usage, and none of them is too many."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest

from datacoves_usage_provider.page import content
from tests.docs.markdown import find_block_after
from tests.docs.test_ddl import read_cost_ddl
from tests.docs.test_rights import PAGE, SCHEMA, tables_by_hand  # noqa: F401
from tests.support.page_usage import PageUsage

GRANTS = [statement.strip() for statement in find_block_after("grants:report", PAGE).split(";")[:-1]]
READ = re.findall(r"usage\.\w+", GRANTS[1])


NOW = datetime(2026, 11, 18, 9, tzinfo=timezone.utc)
"""In the middle of a month: on the 1st, the page shows a month that is over, and reads no budgets for it."""


@pytest.fixture
def granted(tables_by_hand, monkeypatch, mocker) -> Any:  # noqa: F811 - the fixture of this name
    """Half a year of usage, filled by the owner of the tables; the page's connection is that of another user."""
    allocation = find_block_after("ddl:allocation", PAGE)
    tables_by_hand.query(f"SET search_path TO {SCHEMA}; {'; '.join(read_cost_ddl())}; {allocation}")
    PageUsage(f"{tables_by_hand.uri}?options=-csearch_path%3D{SCHEMA}", NOW.date()).fill()
    mocker.patch.object(content, "datetime", wraps=datetime).now.return_value = NOW
    for grant in GRANTS:
        tables_by_hand.query(grant)
    monkeypatch.setenv("AIRFLOW__DATACOVES_USAGE__SCHEMA", SCHEMA)
    return tables_by_hand


def find_statuses() -> set[int]:
    dag = {"environment": "prod01"}
    return {page.status for page in (content.show_usage({}), content.show_dag("load_orders_00", dag))}


def test_the_rights_are_enough_to_see_usage(granted):
    assert find_statuses() == {200}


def test_none_of_the_rights_is_too_many(granted):
    for target in READ:
        granted.query(f"REVOKE SELECT ON {target} FROM usage")
        assert 500 in find_statuses(), target
        granted.query(f"GRANT SELECT ON {target} TO usage")
    assert find_statuses() == {200}
