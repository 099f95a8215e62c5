"""What the vendor's doc page says, requested over the socket."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

WEEK = {"start_date": "2026-03-02", "end_date": "2026-03-08"}

INVALID_DATE = {"error": "Invalid date format. Use YYYY-MM-DD."}
TOO_LONG = {"error": "Date range cannot exceed 6 months (180 days)."}
START_AFTER_END = {"error": "start_date must be before end_date."}


def environments_in(response):
    return {row["environment_slug"] for row in response.json()}


def days_in(response):
    return sorted({row["date"][:10] for row in response.json()})


def test_rows_have_the_four_documented_fields_and_types(get, api):
    response = get("/abc123/", start_date="2026-03-02", end_date="2026-03-02", service="airflow")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == [
        {
            "environment_slug": "abc123",
            "service": "airflow",
            "date": "2026-03-02T12:00:00Z",
            "amount_minutes": api.minutes("abc123", "airflow", date(2026, 3, 2)),
        }
    ]


def test_every_row_of_the_range_is_there_and_no_other(get, api):
    rows = get(**WEEK).json()
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


def test_one_environment_or_all(get, api):
    assert environments_in(get(**WEEK)) == set(api.environments)
    assert environments_in(get("/def456/", **WEEK)) == {"def456"}


def test_an_unknown_environment_is_not_found(get):
    response = get("/nowhere/", **WEEK)
    assert (response.status_code, response.json()) == (404, {"detail": "No Environment matches the given query."})


def test_an_environment_may_be_percent_encoded(get, api):
    api.environments = ("my env",)
    assert environments_in(get("/my%20env/", **WEEK)) == {"my env"}


@pytest.mark.parametrize("service", ["airflow", "airbyte", "unknown"])
def test_the_service_filter(get, service):
    rows = get(start_date="2026-01-01", end_date="2026-03-14", service=service).json()
    assert {row["service"] for row in rows} == {service}


@pytest.mark.parametrize("service", ["dbt", "", "Airflow"])
def test_an_undocumented_service_has_no_rows(get, service):
    response = get(**WEEK, service=service)
    assert (response.status_code, response.json()) == (200, [])


def test_the_default_is_the_last_30_days(get):
    days = days_in(get(service="airflow"))
    assert (days[0], days[-1], len(days)) == ("2026-02-13", "2026-03-15", 31)


def test_each_date_has_its_own_default(get):
    assert days_in(get(service="airflow", start_date="2026-03-10"))[::5] == ["2026-03-10", "2026-03-15"]
    assert days_in(get(service="airflow", end_date="2026-02-14")) == ["2026-02-13", "2026-02-14"]
    assert get(end_date="2026-02-12").json() == START_AFTER_END


@pytest.mark.parametrize("name", ["start_date", "end_date"])
@pytest.mark.parametrize(
    "text", ["", "2026-3-1", "20260301", "01.03.2026", "2026-02-30", "2026-W09-1", "2026-03-01T00:00:00Z", "٢٠٢٦-٠٣-٠١"]
)
def test_text_that_is_not_a_date_is_an_error(get, name, text):
    response = get(**WEEK | {name: text})
    assert (response.status_code, response.json()) == (400, INVALID_DATE)


def test_start_after_end_is_an_error(get):
    response = get(start_date="2026-03-08", end_date="2026-03-07")
    assert (response.status_code, response.json()) == (400, START_AFTER_END)


def test_more_than_180_days_are_an_error(get):
    response = get(start_date="2025-01-01", end_date="2025-07-15")
    assert (response.status_code, response.json()) == (400, TOO_LONG)


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
def test_without_the_token_there_is_no_usage(get, http, api, path, header, detail):
    http.headers["Authorization"] = header and header.format(key=api.key)
    response = get(path, **WEEK)
    assert (response.status_code, response.json()) == (401, {"detail": detail})
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("path", ["", "/abc123", "/nowhere"])
def test_without_the_slash_it_redirects_and_keeps_the_query(get, path):
    response = get(path, start_date="2026-03-02", service="a b")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/api/v1/billing{path}/?start_date=2026-03-02&service=a+b"
    assert get(path).headers["Location"] == f"/api/v1/billing{path}/"


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/", "/api/v1/billings/", "/api/v1/billing/abc123/more/", "/api/v2/billing/"]
)
def test_any_other_path_is_a_page_that_is_not_found(http, simulator, path):
    response = http.get(simulator.url + path, timeout=60)
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>Not Found</h1>" in response.text


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_an_error(get, http, simulator, method):
    response = http.request(method, f"{simulator.billing_url}/", data=None if method == "HEAD" else "x=1", timeout=60)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert method == "HEAD" or response.json() == {"detail": f'Method "{method}" not allowed.'}
    assert (
        get(**WEEK).status_code == 200
    )  # on the same connection, so the bodies of request and response were read to their ends


def test_a_parameter_given_twice_counts_as_the_last(http, simulator):
    url = f"{simulator.billing_url}/?service=airflow&service=airbyte"
    assert {row["service"] for row in http.get(url, timeout=60).json()} == {"airbyte"}
