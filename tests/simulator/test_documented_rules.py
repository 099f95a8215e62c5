"""What the vendor's page says, asked over the socket."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

WEEK = {"start_date": "2026-03-02", "end_date": "2026-03-08"}

INVALID_DATE = {"error": "Invalid date format. Use YYYY-MM-DD."}
TOO_LONG = {"error": "Date range cannot exceed 6 months (180 days)."}
START_AFTER_END = {"error": "start_date must be before end_date."}


def environments_in(answer):
    return {row["environment_slug"] for row in answer.json()}


def days_in(answer):
    return sorted({row["date"][:10] for row in answer.json()})


def test_rows_have_the_four_documented_fields_and_types(ask, api):
    answer = ask("/abc123/", start_date="2026-03-02", end_date="2026-03-02", service="airflow")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == [
        {
            "environment_slug": "abc123",
            "service": "airflow",
            "date": "2026-03-02T12:00:00Z",
            "amount_minutes": api.minutes("abc123", "airflow", date(2026, 3, 2)),
        }
    ]


def test_every_row_of_the_range_is_there_and_no_other(ask, api):
    rows = ask(**WEEK).json()
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(7)]
    expected = {
        (environment, service, f"{day}T12:00:00Z"): api.minutes(environment, service, day)
        for day in days
        for environment in api.environments
        for service in ("airflow", "airbyte")
        if api.minutes(environment, service, day) is not None
    }
    assert {(r["environment_slug"], r["service"], r["date"]): r["amount_minutes"] for r in rows} == expected
    assert len(rows) == len(expected)


def test_one_environment_or_all(ask, api):
    assert environments_in(ask(**WEEK)) == set(api.environments)
    assert environments_in(ask("/def456/", **WEEK)) == {"def456"}


def test_an_unknown_environment_is_not_found(ask):
    answer = ask("/nowhere/", **WEEK)
    assert (answer.status_code, answer.json()) == (404, {"detail": "No Environment matches the given query."})


def test_an_environment_may_be_percent_encoded(ask, api):
    api.environments = ("my env",)
    assert environments_in(ask("/my%20env/", **WEEK)) == {"my env"}


@pytest.mark.parametrize("service", ["airflow", "airbyte", "unknown"])
def test_the_service_filter(ask, service):
    rows = ask(start_date="2026-01-01", end_date="2026-03-14", service=service).json()
    assert {row["service"] for row in rows} == {service}


@pytest.mark.parametrize("service", ["dbt", "", "Airflow"])
def test_an_undocumented_service_is_an_empty_answer(ask, service):
    answer = ask(**WEEK, service=service)
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_default_is_the_last_30_days(ask):
    days = days_in(ask(service="airflow"))
    assert (days[0], days[-1], len(days)) == ("2026-02-13", "2026-03-15", 31)


def test_each_date_has_its_own_default(ask):
    assert days_in(ask(service="airflow", start_date="2026-03-10"))[::5] == ["2026-03-10", "2026-03-15"]
    assert days_in(ask(service="airflow", end_date="2026-02-14")) == ["2026-02-13", "2026-02-14"]
    assert ask(end_date="2026-02-12").json() == START_AFTER_END


@pytest.mark.parametrize("name", ["start_date", "end_date"])
@pytest.mark.parametrize(
    "text", ["", "2026-3-1", "20260301", "01.03.2026", "2026-02-30", "2026-W09-1", "2026-03-01T00:00:00Z", "٢٠٢٦-٠٣-٠١"]
)
def test_a_date_that_is_none_is_refused(ask, name, text):
    answer = ask(**WEEK | {name: text})
    assert (answer.status_code, answer.json()) == (400, INVALID_DATE)


def test_start_after_end_is_refused(ask):
    answer = ask(start_date="2026-03-08", end_date="2026-03-07")
    assert (answer.status_code, answer.json()) == (400, START_AFTER_END)


def test_more_than_180_days_are_refused(ask):
    answer = ask(start_date="2025-01-01", end_date="2025-07-15")
    assert (answer.status_code, answer.json()) == (400, TOO_LONG)


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "Authentication credentials were not provided."),
        ("Bearer {key}", "Authentication credentials were not provided."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token {key} {key}", "Invalid token header. Token string should not contain spaces."),
        ("Token {key}x", "Invalid token."),
    ],
)
@pytest.mark.parametrize("path", ["/", "/abc123/", "/nowhere/"])
def test_without_the_token_nothing_is_told(ask, http, api, path, header, detail):
    http.headers["Authorization"] = header and header.format(key=api.key)
    answer = ask(path, **WEEK)
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("path", ["", "/abc123", "/nowhere"])
def test_without_the_slash_it_redirects_and_keeps_the_query(ask, path):
    answer = ask(path, start_date="2026-03-02", service="a b")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/api/v1/billing{path}/?start_date=2026-03-02&service=a+b"
    assert ask(path).headers["Location"] == f"/api/v1/billing{path}/"


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/", "/api/v1/billings/", "/api/v1/billing/abc123/more/", "/api/v2/billing/"]
)
def test_any_other_path_is_a_page_that_is_not_found(http, simulator, path):
    answer = http.get(simulator.url + path, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not Found</h1>" in answer.text


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_refused(ask, http, simulator, method):
    answer = http.request(method, f"{simulator.billing_url}/", data=None if method == "HEAD" else "x=1", timeout=5)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")
    assert method == "HEAD" or answer.json() == {"detail": f'Method "{method}" not allowed.'}
    assert ask(**WEEK).status_code == 200  # on the same connection, so body and answer were read to their ends


def test_a_parameter_given_twice_counts_as_the_last(http, simulator):
    url = f"{simulator.billing_url}/?service=airflow&service=airbyte"
    assert {row["service"] for row in http.get(url, timeout=5).json()} == {"airbyte"}
