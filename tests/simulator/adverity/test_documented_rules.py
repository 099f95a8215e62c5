"""What the vendor's doc page says, requested over the socket."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

WEEK = {"date_from": "2026-03-02", "date_to": "2026-03-08"}
FEBRUARY = {"date_from": "2026-02-01", "date_to": "2026-02-28"}
DAY = date(2026, 3, 2)


def buckets(api):
    """Every workspace with each of its datastreams, and with none, in the order of a response."""
    return [(workspace, one) for workspace in api.workspaces for one in (None, *workspace.datastream_ids)]


def expected_items(api, start, days):
    found = (
        (day, workspace, one, api.rows(workspace.id, one, day))
        for day in (start + timedelta(days=number) for number in range(days))
        for workspace, one in buckets(api)
    )
    return [
        {
            "date": str(day),
            "workspace_id": workspace.id,
            "workspace_name": workspace.name,
            "datastream_id": one,
            "unique_rows": rows.unique,
            "total_rows": rows.total,
        }
        for day, workspace, one, rows in found
        if rows is not None
    ]


def days_in(items):
    return sorted({item["date"] for item in items})


def test_a_response_is_items_and_their_count(get, api):
    response = get(**WEEK, page_size=100)
    expected = expected_items(api, DAY, 7)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    assert response.json() == {"items": expected, "count": len(expected)}


def test_all_pages_together_are_what_was_processed_in_a_stable_order(read, api):
    assert read(**FEBRUARY) == expected_items(api, date(2026, 2, 1), 28)


def test_there_are_items_of_no_datastream_and_items_of_no_rows(read):
    items = read(**FEBRUARY)
    assert None in {item["datastream_id"] for item in items}
    assert 0 in {item["total_rows"] for item in items}


@pytest.mark.parametrize(("params", "size"), [({}, 50), ({"page_size": 7}, 7), ({"page_size": 100}, 100)])
def test_pages(get, params, size):
    first, second = (get(**FEBRUARY, **params, page=page).json() for page in (1, 2))
    assert len(first["items"]) == len(second["items"]) == size
    assert first["items"][-1] != second["items"][0]
    assert first["count"] == second["count"] > 200
    assert get(**FEBRUARY, **params).json() == first
    last = get(**FEBRUARY, **params, page=1 + (first["count"] - 1) // size).json()
    assert len(last["items"]) == first["count"] % size or size


def test_both_dates_are_inclusive(read):
    assert days_in(read(**WEEK)) == [f"2026-03-0{day}" for day in range(2, 9)]
    assert days_in(read(date_from="2026-03-02", date_to="2026-03-02")) == ["2026-03-02"]


def test_the_defaults_are_the_first_of_the_month_and_yesterday(read):
    assert days_in(read())[::13] == ["2026-03-01", "2026-03-14"]
    assert days_in(read(date_to="2026-03-03")) == ["2026-03-01", "2026-03-02", "2026-03-03"]
    assert read(date_to="2026-02-28") == []


@pytest.mark.parametrize("date_to", ["2026-03-15", "2026-04-01", "9999-12-31"])
def test_the_end_is_silently_capped_to_yesterday(read, date_to):
    assert days_in(read(date_from="2026-03-13", date_to=date_to)) == ["2026-03-13", "2026-03-14"]
    assert read(date_from="2026-03-15", date_to=date_to) == []


def test_repeated_filters_add_up(read, api):
    first, second, _ = (workspace.id for workspace in api.workspaces)
    assert {item["workspace_id"] for item in read(**WEEK, workspace_id=first)} == {first}
    assert {item["workspace_id"] for item in read(**WEEK, workspace_id=[second, first])} == {first, second}
    streams = api.workspaces[0].datastream_ids[:2]
    assert {item["datastream_id"] for item in read(**WEEK, datastream_id=streams)} == set(streams)


def test_both_filters_must_fit(read, api):
    first, second, _ = api.workspaces
    assert read(**WEEK, workspace_id=second.id, datastream_id=first.datastream_ids[0]) == []
    items = read(**WEEK, workspace_id=[first.id, second.id], datastream_id=first.datastream_ids[0])
    assert {item["workspace_id"] for item in items} == {first.id}


@pytest.mark.parametrize("unknown", ["00000000-0000-4000-8000-000000000000", "x", ""])
def test_unknown_ids_are_silently_ignored(read, api, unknown):
    known = api.workspaces[1]
    assert read(**WEEK, workspace_id=[unknown, known.id]) == read(**WEEK, workspace_id=known.id) != []
    stream = known.datastream_ids[0]
    assert read(**WEEK, datastream_id=[stream, unknown]) == read(**WEEK, datastream_id=stream) != []


def test_a_month_has_one_item_for_each_bucket_and_is_dated_to_its_first_day(read, api):
    items = read(granularity="monthly", date_from="2026-01-01", date_to="2026-02-28")
    assert days_in(items) == ["2026-01-01", "2026-02-01"]
    february = {(i["workspace_id"], i["datastream_id"]): i for i in items if i["date"] == "2026-02-01"}
    assert len(items) == 2 * len(february) == 2 * len(buckets(api))
    for workspace, one in buckets(api):
        item = february[workspace.id, one]
        figure = api.monthly_rows(workspace.id, one, date(2026, 2, 1), date(2026, 3, 1))
        assert (item["unique_rows"], item["total_rows"]) == figure
        assert item["workspace_name"] == workspace.name


def test_daily_is_the_default_granularity(get):
    assert get(**WEEK, granularity="daily").json() == get(**WEEK).json()


@pytest.mark.parametrize("name", ["date_from", "date_to"])
@pytest.mark.parametrize("text", ["", "2026-3-1", "20260301", "2026-02-30", "2026-03-01T00:00:00Z", "today"])
def test_text_that_is_not_a_date_is_an_error(get, name, text):
    response = get(**WEEK | {name: text})
    assert response.status_code == 400
    assert response.json() == {"detail": f"{name}: Date has wrong format. Use YYYY-MM-DD."}


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ({"granularity": "weekly"}, '"weekly" is not a valid choice for granularity.'),
        ({"page": 0}, "page: A valid positive integer is required."),
        ({"page": "x"}, "page: A valid positive integer is required."),
        ({"page_size": -1}, "page_size: A valid positive integer is required."),
        ({"page_size": "9" * 5000}, "page_size: A valid positive integer is required."),
        ({"date_to": "2026-03-01"}, "date_from must not be after date_to."),
    ],
)
def test_any_other_wrong_parameter_is_an_error(get, wrong, detail):
    response = get(**WEEK | wrong)
    assert (response.status_code, response.json()) == (400, {"detail": detail})


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Authentication credentials were not provided."),
        ("{key}", "Authentication credentials were not provided."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token {key}x", "Invalid token."),
    ],
)
def test_without_the_key_there_is_no_usage(get, http, api, header, detail):
    http.headers["Authorization"] = header and header.format(key=api.key)
    response = get(**WEEK)
    assert (response.status_code, response.json()) == (401, {"detail": detail})


def test_without_the_slash_it_redirects(http, simulator):
    response = http.get(f"{simulator.url}/api/v1/usage?page=1", allow_redirects=False, timeout=60)
    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/usage/?page=1")


@pytest.mark.parametrize("path", ["/", "/api/v1/usages/", "/api/v1/usage/more/"])
def test_any_other_path_is_not_found(http, simulator, path):
    assert http.get(simulator.url + path, timeout=60).status_code == 404


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_any_other_method_is_an_error(http, simulator, method):
    response = http.request(method, f"{simulator.url}/api/v1/usage/", timeout=60)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
