"""The pseudo-random usage: the same everywhere, and like that of real workspaces."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from datacoves_usage_provider.simulator import Adverity
from datacoves_usage_provider.simulator.adverity_usage import Rows

DAY = date(2026, 3, 2)
YEAR = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]


@pytest.fixture
def key(api):
    return api.workspaces[0].id, api.workspaces[0].datastream_ids[0]


def test_it_is_the_same_in_every_process_and_on_every_machine(api, key):
    days = [date(2026, 3, day) for day in (7, 8, 9, 10)]
    assert [api.rows(*key, day) for day in days] == [(49245, 52575), (34983, 37414), (0, 0), (19084, 20857)]


def test_ids_are_uuids_and_no_two_are_the_same(api):
    ids = [one for workspace in api.workspaces for one in (workspace.id, *workspace.datastream_ids)]
    assert len({UUID(one) for one in ids}) == len(ids)


def test_unique_rows_are_at_most_all_rows(api):
    found = [
        api.rows(workspace.id, one, day)
        for workspace in api.workspaces
        for one in (None, *workspace.datastream_ids)
        for day in YEAR
    ]
    assert all(0 <= rows.unique <= rows.total for rows in found if rows)
    assert any(rows.unique < rows.total for rows in found if rows)
    assert None in found
    assert Rows(0, 0) in found


def test_a_month_is_less_unique_than_its_days_together(api):
    fewer = 0
    for workspace in api.workspaces:
        for one in (None, *workspace.datastream_ids):
            start, end = date(2026, 1, 1), date(2026, 2, 1)
            days = [api.rows(workspace.id, one, start + timedelta(days=number)) for number in range(31)]
            month, total = api.monthly_rows(workspace.id, one, start, end), api.total(workspace.id, one, start, end)
            assert max(rows.unique for rows in days if rows) <= month.unique <= total.unique
            assert month.total == total.total == sum(rows.total for rows in days if rows)
            fewer += month.unique < total.unique
    assert fewer > 5


def test_a_month_of_one_day_is_that_day_and_of_none_is_nothing(api, key):
    assert api.monthly_rows(*key, DAY, DAY + timedelta(days=1)) == api.rows(*key, DAY) is not None
    assert api.monthly_rows(*key, DAY, DAY) is None
    assert api.total(*key, DAY, DAY) == Rows(0, 0)


def test_nothing_before_2024_and_nothing_before_a_day_is_over(key):
    def rows_at(moment, day):
        return Adverity(now=lambda: moment).rows(*key, day)

    midnight = datetime(2026, 3, 3, tzinfo=timezone.utc)
    assert rows_at(midnight, DAY) is not None
    assert rows_at(midnight - timedelta(seconds=1), DAY) is None
    assert rows_at(midnight, date(2023, 12, 31)) is None


@pytest.mark.parametrize("rows", [Rows(0, 0), Rows(7, 9), None])
def test_a_restated_day_is_what_the_api_reports(read, api, key, rows):
    before = api.total(*key, date(2026, 3, 1), DAY)
    api.restate(*key, DAY, rows)
    assert api.rows(*key, DAY) == rows
    items = read(date_from=str(DAY), date_to=str(DAY), datastream_id=key[1])
    assert [(item["unique_rows"], item["total_rows"]) for item in items] == ([] if rows is None else [rows])
    assert api.total(*key, date(2026, 3, 1), DAY) == before
    assert Adverity(now=api.now).rows(*key, DAY) != rows
