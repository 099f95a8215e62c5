"""Each point that the documents leave open, both ways."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.simulator import faults

DAY = date(2026, 3, 2)
WEEK = {"start_date": "2026-03-02", "end_date": "2026-03-08"}
WINTER = {"start_date": "2026-01-01", "end_date": "2026-03-14"}


def days_in(response):
    return sorted({row["date"][:10] for row in response.json()})


def get_dates(get):
    return [row["date"] for row in get("/abc123/", start_date=str(DAY), end_date=str(DAY)).json()]


@pytest.mark.parametrize(("end_inclusive", "last"), [(True, "2026-03-08"), (False, "2026-03-07")])
def test_end_inclusive(get, api, end_inclusive, last):
    api.end_inclusive = end_inclusive
    assert days_in(get(**WEEK))[-1] == last
    assert days_in(get(start_date=str(DAY), end_date=str(DAY))) == ([str(DAY)] if end_inclusive else [])


def test_equal_dates(get, api):
    assert get(start_date=str(DAY), end_date=str(DAY)).status_code == 200
    api.equal_dates = False
    response = get(start_date=str(DAY), end_date=str(DAY))
    assert (response.status_code, response.json()) == (400, {"error": "start_date must be before end_date."})
    assert get(start_date=str(DAY), end_date=str(DAY + timedelta(days=1))).status_code == 200


@pytest.mark.parametrize(("limit_counts_days", "longest"), [(True, 179), (False, 180)])
def test_limit_counts_days(get, api, limit_counts_days, longest):
    api.limit_counts_days = limit_counts_days
    start = date(2025, 7, 1)
    assert get(start_date=str(start), end_date=str(start + timedelta(days=longest))).status_code == 200
    assert get(start_date=str(start), end_date=str(start + timedelta(days=longest + 1))).status_code == 400


def test_the_vendors_sample_script_is_within_the_limit(get):
    assert get(start_date="2025-07-01", end_date="2025-12-27").status_code == 200


def test_unknown_in_unfiltered(get, api):
    def services():
        return {row["service"] for row in get(**WINTER).json()}

    assert services() == {"airflow", "airbyte"}
    api.unknown_in_unfiltered = True
    assert services() == {"airflow", "airbyte", "unknown"}


def test_older_defaults(get, api):
    api.older_defaults = True
    assert days_in(get()) == ["2026-03-15"]  # the rest of it is still to come
    assert days_in(get(start_date="2026-03-10"))[0] == "2026-03-10"
    assert get(start_date="2026-04-15").json() == {"error": "start_date must be before end_date."}


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("timestamp", "2026-03-02T12:00:00Z"),
        ("date", "2026-03-02"),
        ("naive", "2026-03-02T12:00:00"),
        ("east", "2026-03-03T02:45:00+05:30"),
        ("west", "2026-03-01T20:00:00-08:00"),
        ("before-midnight", "2026-03-02T23:59:59.9999996Z"),
    ],
)
def test_date_style(get, api, style, text):
    api.date_style = style
    assert set(get_dates(get)) == {text}


@pytest.mark.parametrize(("style", "written_day"), [("east", "2026-03-03"), ("west", "2026-03-01")])
@pytest.mark.parametrize("rows_per_day", [1, 2, 7])
def test_offsets_name_another_day_than_utc_does(get, api, style, written_day, rows_per_day):
    api.date_style, api.rows_per_day = style, rows_per_day
    for text in get_dates(get):
        assert text.startswith(written_day)
        assert datetime.fromisoformat(text).astimezone(timezone.utc).date() == DAY


@pytest.mark.parametrize("minutes", [0, 1, 2, 1439])
def test_rows_per_day_add_up(get, api, minutes):
    api.rows_per_day = 3
    api.restate("abc123", "airflow", DAY, minutes)
    rows = get("/abc123/", start_date=str(DAY), end_date=str(DAY), service="airflow").json()
    assert [row["date"] for row in rows] == ["2026-03-02T04:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T20:00:00Z"]
    assert sum(row["amount_minutes"] for row in rows) == minutes
    assert all(row["amount_minutes"] >= 0 for row in rows)


def test_environments(get, api):
    api.environments = ("only",)
    assert {row["environment_slug"] for row in get(**WEEK).json()} == {"only"}
    assert get("/abc123/").status_code == 404


def test_key(get, api):
    api.key = "another"
    assert get().status_code == 401


ODD_KEY = 'k"e\\y/+%'
SPELLINGS = [ODD_KEY, 'k\\"e\\\\y/+%', "k%22e%5Cy%2F%2B%25", base64.b64encode(ODD_KEY.encode()).decode()]


def get_errors(get, api, simulator):
    """One error of each kind: the API's own, those of faults, and pages."""
    simulator.faults.extend(
        [None, None, None, None, faults.Status(403), faults.Status(503), faults.Html(), faults.Body("?", "text/plain")]
    )
    errors = [get(start_date="x"), get("/nowhere/"), get("/a/b/c/")]
    api.key = "another"
    return [*errors, *(get() for _ in range(5))]


@pytest.mark.parametrize("echo_key", [False, True])
def test_echo_key(get, api, http, simulator, echo_key):
    api.key, api.echo_key = ODD_KEY, echo_key
    http.headers["Authorization"] = f"Token {ODD_KEY}"
    responses = get_errors(get, api, simulator)
    assert [response.status_code for response in responses] == [400, 404, 404, 401, 403, 503, 200, 200]
    for response in responses:
        is_json = response.headers["Content-Type"] == "application/json"
        text = "".join(response.json().values()) if is_json else response.text
        assert [spelling in text for spelling in SPELLINGS] == [echo_key] * 4


def test_echo_key_leaves_right_responses_alone(get, api):
    right = get(**WEEK).content
    api.echo_key = True
    assert get(**WEEK).content == right
