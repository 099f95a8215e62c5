"""Each point that the documents leave open, both ways."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.simulator import faults

DAY = date(2026, 3, 2)
WEEK = {"start_date": "2026-03-02", "end_date": "2026-03-08"}
WINTER = {"start_date": "2026-01-01", "end_date": "2026-03-14"}


def days_in(answer):
    return sorted({row["date"][:10] for row in answer.json()})


def ask_dates(ask):
    return [row["date"] for row in ask("/abc123/", start_date=str(DAY), end_date=str(DAY)).json()]


@pytest.mark.parametrize(("end_inclusive", "last"), [(True, "2026-03-08"), (False, "2026-03-07")])
def test_end_inclusive(ask, api, end_inclusive, last):
    api.end_inclusive = end_inclusive
    assert days_in(ask(**WEEK))[-1] == last
    assert days_in(ask(start_date=str(DAY), end_date=str(DAY))) == ([str(DAY)] if end_inclusive else [])


def test_equal_dates(ask, api):
    assert ask(start_date=str(DAY), end_date=str(DAY)).status_code == 200
    api.equal_dates = False
    answer = ask(start_date=str(DAY), end_date=str(DAY))
    assert (answer.status_code, answer.json()) == (400, {"error": "start_date must be before end_date."})
    assert ask(start_date=str(DAY), end_date=str(DAY + timedelta(days=1))).status_code == 200


@pytest.mark.parametrize(("limit_counts_days", "longest"), [(True, 179), (False, 180)])
def test_limit_counts_days(ask, api, limit_counts_days, longest):
    api.limit_counts_days = limit_counts_days
    start = date(2025, 7, 1)
    assert ask(start_date=str(start), end_date=str(start + timedelta(days=longest))).status_code == 200
    assert ask(start_date=str(start), end_date=str(start + timedelta(days=longest + 1))).status_code == 400


def test_the_vendors_sample_script_is_within_the_limit(ask):
    assert ask(start_date="2025-07-01", end_date="2025-12-27").status_code == 200


def test_unknown_in_unfiltered(ask, api):
    def services():
        return {row["service"] for row in ask(**WINTER).json()}

    assert services() == {"airflow", "airbyte"}
    api.unknown_in_unfiltered = True
    assert services() == {"airflow", "airbyte", "unknown"}


def test_older_defaults(ask, api):
    api.older_defaults = True
    assert days_in(ask()) == ["2026-03-15"]  # the rest of it is still to come
    assert days_in(ask(start_date="2026-03-10"))[0] == "2026-03-10"
    assert ask(start_date="2026-04-15").json() == {"error": "start_date must be before end_date."}


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
def test_date_style(ask, api, style, text):
    api.date_style = style
    assert set(ask_dates(ask)) == {text}


@pytest.mark.parametrize(("style", "written_day"), [("east", "2026-03-03"), ("west", "2026-03-01")])
@pytest.mark.parametrize("rows_per_day", [1, 2, 7])
def test_offsets_name_another_day_than_utc_does(ask, api, style, written_day, rows_per_day):
    api.date_style, api.rows_per_day = style, rows_per_day
    for text in ask_dates(ask):
        assert text.startswith(written_day)
        assert datetime.fromisoformat(text).astimezone(timezone.utc).date() == DAY


@pytest.mark.parametrize("minutes", [0, 1, 2, 1439])
def test_rows_per_day_add_up(ask, api, minutes):
    api.rows_per_day = 3
    api.restate("abc123", "airflow", DAY, minutes)
    rows = ask("/abc123/", start_date=str(DAY), end_date=str(DAY), service="airflow").json()
    assert [row["date"] for row in rows] == ["2026-03-02T04:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T20:00:00Z"]
    assert sum(row["amount_minutes"] for row in rows) == minutes
    assert all(row["amount_minutes"] >= 0 for row in rows)


def test_environments(ask, api):
    api.environments = ("only",)
    assert {row["environment_slug"] for row in ask(**WEEK).json()} == {"only"}
    assert ask("/abc123/").status_code == 404


def test_key(ask, api):
    api.key = "another"
    assert ask().status_code == 401


ODD_KEY = 'k"e\\y/+%'
SPELLINGS = [ODD_KEY, 'k\\"e\\\\y/+%', "k%22e%5Cy%2F%2B%25", base64.b64encode(ODD_KEY.encode()).decode()]


def ask_for_errors(ask, api, simulator):
    """One error of each kind: the API's own, those of faults, and pages."""
    simulator.faults.extend(
        [None, None, None, None, faults.Status(403), faults.Status(503), faults.Html(), faults.Body("?", "text/plain")]
    )
    errors = [ask(start_date="x"), ask("/nowhere/"), ask("/a/b/c/")]
    api.key = "another"
    return [*errors, *(ask() for _ in range(5))]


@pytest.mark.parametrize("echo_key", [False, True])
def test_echo_key(ask, api, http, simulator, echo_key):
    api.key, api.echo_key = ODD_KEY, echo_key
    http.headers["Authorization"] = f"Token {ODD_KEY}"
    answers = ask_for_errors(ask, api, simulator)
    assert [answer.status_code for answer in answers] == [400, 404, 404, 401, 403, 503, 200, 200]
    for answer in answers:
        is_json = answer.headers["Content-Type"] == "application/json"
        said = "".join(answer.json().values()) if is_json else answer.text
        assert [spelling in said for spelling in SPELLINGS] == [echo_key] * 4


def test_echo_key_leaves_right_answers_alone(ask, api):
    right = ask(**WEEK).content
    api.echo_key = True
    assert ask(**WEEK).content == right
