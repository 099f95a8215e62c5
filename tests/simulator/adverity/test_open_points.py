"""Each point that the documents leave open, both ways, and what may happen while pages are read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

WEEK = {"date_from": "2026-03-02", "date_to": "2026-03-08"}
FEBRUARY = {"date_from": "2026-02-01", "date_to": "2026-02-28"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def days_in(items):
    return sorted({item["date"] for item in items})


def key_of(item):
    return item["workspace_id"], item["datastream_id"], date.fromisoformat(item["date"])


@pytest.mark.parametrize("scheme", ["Token", "Bearer"])
def test_auth_scheme(get, api, http, scheme):
    api.auth_scheme = scheme
    for tried in ("Token", "Bearer"):
        http.headers["Authorization"] = f"{tried} {api.key}"
        response = get(**WEEK)
        assert response.status_code == (200 if tried == scheme else 401)
        assert response.headers.get("WWW-Authenticate") == (None if tried == scheme else scheme)


def test_end_inclusive(read, api):
    api.end_inclusive = False
    assert days_in(read(**WEEK))[-1] == "2026-03-07"
    assert read(date_from="2026-03-02", date_to="2026-03-02") == []
    assert days_in(read(date_from="2026-03-14", date_to="2026-03-15")) == ["2026-03-14"]


def test_reject_large_pages(get, api):
    assert len(get(**FEBRUARY, page_size=101).json()["items"]) == 100
    api.reject_large_pages = True
    assert len(get(**FEBRUARY, page_size=100).json()["items"]) == 100
    response = get(**FEBRUARY, page_size=101)
    assert response.status_code == 400
    assert response.json() == {"detail": "page_size: Ensure this value is less than or equal to 100."}


def test_reject_past_end(get, api):
    past = get(**FEBRUARY, page=99).json()
    assert (past["items"], past["count"]) == ([], get(**FEBRUARY).json()["count"])
    api.reject_past_end = True
    response = get(**FEBRUARY, page=99)
    assert (response.status_code, response.json()) == (404, {"detail": "Invalid page."})
    assert get(date_from="2026-03-15").json() == {"items": [], "count": 0}


@pytest.mark.parametrize("name", ["workspace_id", "datastream_id"])
def test_unknown_is_unfiltered(read, api, name):
    assert read(**WEEK, **{name: UNKNOWN}) == []
    api.unknown_is_unfiltered = True
    assert read(**WEEK, **{name: UNKNOWN}) == read(**WEEK)
    known = {"workspace_id": api.workspaces[0].id, "datastream_id": api.workspaces[0].datastream_ids[0]}[name]
    assert {item[name] for item in read(**WEEK, **{name: [UNKNOWN, known]})} == {known}


def test_whole_months(read, api):
    query = {"granularity": "monthly", "date_from": "2026-02-10", "date_to": "2026-03-02"}
    workspace = api.workspaces[0]
    key = workspace.id, workspace.datastream_ids[0]

    def figures():
        items = [item for item in read(**query) if (item["workspace_id"], item["datastream_id"]) == key]
        return {item["date"]: (item["unique_rows"], item["total_rows"]) for item in items}

    assert figures() == {
        "2026-02-01": api.monthly_rows(*key, date(2026, 2, 10), date(2026, 3, 1)),
        "2026-03-01": api.monthly_rows(*key, date(2026, 3, 1), date(2026, 3, 3)),
    }
    api.whole_months = True
    assert figures() == {
        "2026-02-01": api.monthly_rows(*key, date(2026, 2, 1), date(2026, 3, 1)),
        "2026-03-01": api.monthly_rows(*key, date(2026, 3, 1), date(2026, 3, 15)),
    }


@pytest.mark.parametrize("whole_months", [False, True])
def test_yesterday_late(read, api, whole_months):
    api.yesterday_late, api.whole_months = True, whole_months
    assert days_in(read(date_from="2026-03-13", date_to="2026-03-15")) == ["2026-03-13"]
    assert read(date_from="2026-03-14", date_to="2026-03-14") == []
    item = read(granularity="monthly", workspace_id=api.workspaces[0].id)[-1]
    assert item["total_rows"] == api.total(*key_of(item)[:2], date(2026, 3, 1), date(2026, 3, 14)).total
    api.yesterday_late = False
    assert days_in(read(date_from="2026-03-13")) == ["2026-03-13", "2026-03-14"]


def test_between_pages_an_item_appears_and_the_next_one_comes_twice(read, api):
    whole = read(**FEBRUARY)
    key = key_of(whole[3])
    rows = api.rows(*key)
    api.restate(*key, None)
    api.between_pages.append(lambda: api.restate(*key, rows))
    shifted = read(**FEBRUARY)
    assert shifted[100] == shifted[99]
    assert whole[3] not in shifted
    assert read(**FEBRUARY) == whole


def test_between_pages_an_item_goes_and_another_one_is_missed(read, get, api):
    whole = read(**FEBRUARY)
    api.between_pages.append(lambda: api.restate(*key_of(whole[3]), None))
    shifted = read(**FEBRUARY)
    assert [item for item in whole if item not in shifted] == [whole[100]]
    assert get(**FEBRUARY).json()["count"] == len(whole) - 1


def test_each_reading_of_several_pages_meets_one_change(read, api):
    met = []
    api.between_pages += [lambda: met.append(1), lambda: met.append(2)]
    read(**WEEK)  # one page
    assert met == []
    read(**FEBRUARY)
    assert met == [1]
    read(**FEBRUARY)
    read(**FEBRUARY)
    assert met == [1, 2]


def test_requests_at_the_same_time_are_seen(get, api):
    api.latency = 0.2
    get(**WEEK)
    get(**WEEK)
    assert api.most_in_flight == 1
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: get(**WEEK), range(3)))
    assert api.most_in_flight == 3
    api.most_in_flight = 0
    get(**WEEK)
    assert api.most_in_flight == 1


def test_echo_key(get, api, http):
    api.echo_key, api.auth_scheme = True, "Bearer"
    http.headers["Authorization"] = f"Bearer {api.key}"
    assert api.key in get(date_from="x").json()["detail"]
    assert api.key not in get(**WEEK).text
