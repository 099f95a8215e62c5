"""What each fault does to a client."""

from __future__ import annotations

import http.client
import time
from urllib.parse import urlsplit

import pytest
import requests

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator, faults
from datacoves_usage_provider.simulator.exchange import JSON, text_response


def test_each_request_takes_one_fault_and_none_lets_one_pass(get, simulator):
    simulator.faults.extend([faults.Status(500), None, faults.Status(502)])
    assert [get().status_code for _ in range(4)] == [500, 200, 502, 200]
    assert simulator.faults == []


@pytest.mark.parametrize("code", [400, 401, 403, 404, 408, 429])
def test_status_below_500_is_a_detail(get, simulator, code):
    simulator.faults.append(faults.Status(code))
    response = get()
    assert (response.status_code, response.json()) == (code, {"detail": f"{response.reason}."})
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_status_from_500_on_is_a_page(get, simulator, code):
    simulator.faults.append(faults.Status(code))
    response = get()
    assert (response.status_code, response.headers["Content-Type"]) == (code, "text/html; charset=utf-8")
    assert f"<h1>{code} {response.reason}</h1>" in response.text


def test_status_without_a_standard_name(get, simulator):
    simulator.faults.append(faults.Status(520))
    assert get().status_code == 520


@pytest.mark.parametrize(("given", "sent"), [("7", "7"), (7, "7"), ("Sun, 15 Mar 2026 12:00:00 GMT",) * 2])
def test_status_with_retry_after(get, simulator, given, sent):
    simulator.faults.append(faults.Status(503, retry_after=given))
    assert get().headers["Retry-After"] == sent


def test_status_with_another_body(get, simulator):
    simulator.faults.extend([faults.Status(500, detail="Busy"), faults.Status(404, html="<p>Gone</p>")])
    assert get().json() == {"detail": "Busy"}
    response = get()
    assert (response.text, response.headers["Content-Type"]) == ("<p>Gone</p>", "text/html; charset=utf-8")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_leads_to_another_host(get, simulator, http, status):
    with Simulator(DatacovesBilling(key="other")) as other:
        simulator.faults.append(faults.Redirect(f"{other.billing_url}/", status))
        response = get()
        assert (response.status_code, response.headers["Location"]) == (status, f"{other.billing_url}/")
        assert http.get(response.headers["Location"], timeout=60).status_code == 401
        assert len(other.requests) == 1


def test_html_is_a_page_with_status_200(get, simulator):
    simulator.faults.append(faults.Html())
    response = get()
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert response.text.startswith("<!doctype html>")


def test_body_is_any_text(get, simulator):
    simulator.faults.extend([faults.Body('[1, {"a": 1e999}]'), faults.Body("é", "text/plain", 203)])
    response = get()
    assert (response.status_code, response.text) == (200, '[1, {"a": 1e999}]')
    assert response.headers["Content-Type"] == "application/json"
    response = get()
    assert (response.status_code, response.content, response.headers["Content-Type"]) == (
        203,
        "é".encode(),
        "text/plain",
    )


def test_rows_replace_those_of_the_api(get, simulator):
    rows = [{"environment_slug": "abc123", "amount_minutes": -1.5, "new": None}, "wrong"]
    simulator.faults.append(faults.Rows(rows))
    response = get()
    assert (response.status_code, response.json()) == (200, rows)


def test_edit_changes_what_the_api_says_and_keeps_its_status(get, simulator):
    whole = get().json()
    simulator.faults.extend([faults.Edit(lambda rows: rows[1:]), faults.Edit(lambda error: error | {"code": 7})])
    assert get().json() == whole[1:]
    response = get(start_date="x")
    assert (response.status_code, response.json()) == (
        400,
        {"error": "Invalid date format. Use YYYY-MM-DD.", "code": 7},
    )


def test_edit_keeps_the_digits_of_numbers():
    response = text_response(200, '{"a":0.10,"b":[12345678901234567.123456789],"c":"\\u00e9"}', JSON)
    assert faults.Edit(lambda value: value).spoil(response).body == response.body


@pytest.mark.parametrize("size", [0, 1, 100])
def test_early_end_is_whole_for_http_but_not_for_json(get, simulator, size):
    whole = get().content
    simulator.faults.append(faults.EarlyEnd(size))
    response = get()
    assert (response.status_code, response.content) == (200, whole[:size])
    assert response.headers["Content-Length"] == str(size)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("size", [0, 1, 100])
def test_cut_after_announces_more_than_it_sends(get, simulator, api, size):
    whole = get().content
    simulator.faults.append(faults.CutAfter(size))
    parts = urlsplit(f"{simulator.billing_url}/")
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", parts.path, headers={"Authorization": f"Token {api.key}"})
    response = connection.getresponse()
    assert response.headers["Content-Length"] == str(len(whole))
    with pytest.raises(http.client.IncompleteRead) as caught:
        response.read()
    assert caught.value.partial == whole[:size]
    connection.close()
    assert get().content == whole


def test_drop_connection_sends_nothing(get, simulator):
    simulator.faults.append(faults.DropConnection())
    with pytest.raises(requests.ConnectionError, match="without response"):
        get()
    assert [request.status for request in simulator.requests] == [None]
    assert get().status_code == 200


def test_slow_waits_before_the_first_byte(get, http, simulator):
    simulator.faults.extend([faults.Slow(0.3), faults.Slow(120)])
    started = time.monotonic()
    assert get().status_code == 200
    assert time.monotonic() - started >= 0.3
    with pytest.raises(requests.ReadTimeout):
        http.get(f"{simulator.billing_url}/", timeout=0.1)


def test_a_fault_hides_what_the_api_would_say(get, simulator):
    simulator.faults.append(faults.Rows([]))
    assert get("/nowhere/").json() == []
