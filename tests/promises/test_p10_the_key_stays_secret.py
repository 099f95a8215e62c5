"""P10: nothing that a run leaves behind leaks the key, whatever the server sends back, with Airflow's masking off."""

from __future__ import annotations

import base64
import json
import logging
import socket
from threading import Thread
from urllib.parse import quote

import pytest

from datacoves_usage_provider.client.transport import SchemeAuth
from datacoves_usage_provider.exceptions import UsageConfigError, UsageError
from datacoves_usage_provider.simulator import faults
from tests.support.secrecy import everything_about, leaked, spellings
from tests.support.truth import query, read_all, truth

DAY, NEXT_DAY = "2026-11-10", "2026-11-11"
ASKED = query("2026-11-10", "2026-11-12")
KEY = 'pa+th/0"1\\2&3=4%5~6'


@pytest.fixture(autouse=True)
def masking_is_off(mocker):
    """The provider's own redaction must do alone."""
    mocker.patch("datacoves_usage_provider.hooks.usage.mask_secret")


def echo(key: str) -> str:
    return json.dumps({"error": f"no {' or '.join(spellings(key))}", "detail": base64.b64encode(key.encode()).decode()})


ECHOES = {
    "rejected": lambda key: faults.Status(400, detail=echo(key)),
    "key rejected": lambda key: faults.Status(401, detail=echo(key)),
    "unavailable": lambda key: faults.Status(503, detail=echo(key)),
    "too many": lambda key: faults.Status(429, detail=echo(key), retry_after="999"),
    "redirect": lambda key: faults.Redirect(f"http://127.0.0.1:1/?{quote(key)}"),
    "page": lambda key: faults.Body(f"<html><h1>Token {key} is not logged in", "text/html"),
    "no JSON": lambda key: faults.Body(f"Token {key}"),
    "wrong shape": lambda key: faults.Body(echo(key)),
    "wrong field": lambda key: faults.Body(
        json.dumps([{"environment_slug": "a", "service": "b", "date": key, "amount_minutes": 1}])
    ),
    "wrong amount": lambda key: faults.Body(
        json.dumps([{"environment_slug": "a", "service": "b", "date": DAY, "amount_minutes": key}])
    ),
    "name": lambda key: faults.Body(
        json.dumps([{"environment_slug": key, "service": "b", "date": DAY, "amount_minutes": 1}])
    ),
}


@pytest.mark.parametrize("name", ECHOES)
def test_p10_no_error_and_no_log_leaks_the_key(
    api, simulator, collect, set_datacoves_conn, sleeps, printed, caplog, name
):
    api.key = KEY
    set_datacoves_conn(password=KEY)
    simulator.faults.extend([ECHOES[name](KEY)] * 10)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match=".+") as raised:
        collect(run_after=NEXT_DAY, sql_conn_id=None)
    assert leaked(everything_about(raised.value), KEY) == []
    lines = [*printed(), caplog.text]
    assert len(lines) > 1
    assert leaked("\n".join(lines), KEY) == []


@pytest.mark.parametrize("name", ECHOES)
def test_p10_the_message_of_the_test_button_does_not_leak_the_key(api, simulator, hook, set_datacoves_conn, name):
    api.key = KEY
    set_datacoves_conn(password=KEY)
    simulator.faults.append(ECHOES[name](KEY))
    worked, message = hook.test_connection()
    assert not worked
    assert leaked(message, KEY) == []


@pytest.mark.parametrize("before", [*range(60, 101, 5), 390, 395, 399])
@pytest.mark.parametrize(
    "make",
    [
        lambda text: faults.Status(400, detail=text),
        faults.Body,
        lambda text: faults.Body(json.dumps([text])),
        lambda text: faults.Redirect(f"http://127.0.0.1/{text}"),
        lambda text: faults.Body(
            json.dumps([{"environment_slug": "a", "service": "b", "date": text, "amount_minutes": 1}])
        ),
    ],
    ids=["detail", "no JSON", "shape", "location", "date"],
)
def test_p10_a_text_that_is_cut_does_not_leak_a_part_of_the_key(api, simulator, hook, before, make):
    simulator.faults.append(make("x" * before + api.key))
    with pytest.raises(UsageError) as raised:
        read_all(hook, ASKED)
    assert leaked(everything_about(raised.value), api.key) == []


@pytest.mark.parametrize(
    "host", ["ftp://user:{}@h", "https//x?token={}", "user:{}@host/api", "{}", "https://h/?key={}"]
)
def test_p10_a_key_in_the_wrong_field_is_not_printed(api, simulator, hook, set_datacoves_conn, host):
    set_datacoves_conn(host=host.format(KEY), password=simulator.url)
    with pytest.raises(UsageConfigError, match="host") as raised:
        read_all(hook, ASKED)
    assert leaked(everything_about(raised.value), KEY) == []


@pytest.mark.parametrize("password", ["", "j" * 725])
def test_p10_a_long_key_pasted_into_verify_is_not_printed(hook, set_datacoves_conn, password):
    set_datacoves_conn(password=password, verify="j" * 725)
    worked, said = hook.test_connection()
    assert not worked
    assert "verify must be true, false or the path of a CA bundle" in said
    assert leaked(said, "j" * 725) == []


def test_p10_what_libraries_log_of_a_server_does_not_leak_the_key(api, hook, set_datacoves_conn, printed, caplog):
    """urllib3 warns of header lines that it cannot read, and shows them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        set_datacoves_conn(host=f"http://127.0.0.1:{listener.getsockname()[1]}")
        response = f"HTTP/1.1 200 OK\r\nX-{api.key}\r\nbad header {api.key}\r\nContent-Length: 2\r\n\r\n[]"
        server = Thread(target=respond_once, args=(listener, response.encode()))
        server.start()
        with caplog.at_level(logging.DEBUG):
            hook.test_connection()
        server.join()
    assert "Failed to parse headers" in caplog.text
    assert leaked("\n".join([*printed(), caplog.text]), api.key) == []


def respond_once(listener: socket.socket, response: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(response)


def test_p10_the_vendors_words_are_quoted_without_the_key(api, simulator, hook, set_datacoves_conn):
    api.key = KEY
    set_datacoves_conn(password=KEY)
    simulator.faults.append(faults.Status(401, detail=f"Token {KEY} is expired."))
    with pytest.raises(UsageConfigError, match=r"Token \*\*\* is expired"):
        read_all(hook, ASKED)


def test_p10_netrc_does_not_replace_the_key(api, simulator, hook, tmp_path, monkeypatch):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert read_all(hook, ASKED) == truth(api, ASKED)
    assert {request.headers["Authorization"] for request in simulator.requests} == {f"Token {api.key}"}


@pytest.mark.parametrize("around", ["{}\n", " {} ", "\t{}\r\n"])
def test_p10_white_space_around_a_key_is_cleaned(api, hook, set_datacoves_conn, around):
    set_datacoves_conn(password=around.format(api.key))
    assert read_all(hook, ASKED) == truth(api, ASKED)


@pytest.mark.parametrize("key", ["two words9", "line\nbreak9", "schlüssel9", "Token abcdef9", "nul\x009"])
def test_p10_an_impossible_key_is_an_error_that_does_not_print_it(simulator, hook, set_datacoves_conn, key):
    set_datacoves_conn(password=key)
    with pytest.raises(UsageConfigError, match="the API key") as raised:
        read_all(hook, ASKED)
    assert key not in everything_about(raised.value)
    assert not simulator.requests


def test_p10_nothing_that_holds_the_key_shows_it(hook, api):
    settings = hook.settings
    assert settings.key == api.key
    for thing in (hook, settings, SchemeAuth("Token", api.key)):
        assert api.key not in repr(thing) + str(thing)


def test_p10_airflow_masks_the_clean_key(api, hook, set_datacoves_conn, mocker):
    mask = mocker.patch("datacoves_usage_provider.hooks.usage.mask_secret")
    set_datacoves_conn(password=f"{api.key}\n")
    assert hook.settings.key == api.key
    mask.assert_called_once_with(api.key)
