"""P8: an error names its connection, once: of the mapped tasks of one DAG, an alert shows the error alone."""

from __future__ import annotations

import json

import pytest

from datacoves_usage_provider.exceptions import UsageError
from tests.core.test_what_error_reporters_see import RESPONSES, read
from tests.drills.attacks import whole
from tests.drills.hostile_server import HostileServer

SUBJECT = "Connection 'usage': "
ROW = {"environment_slug": "a", "service": "unknown", "date": "2026-11-10", "amount_minutes": 1}
OTHERS = {
    "not HTML": lambda: whole("<html>Log in"),
    "another day": lambda: whole(json.dumps([ROW | {"date": "2026-11-12"}])),
    "too many digits": lambda: whole(json.dumps([ROW | {"amount_minutes": 10**19}] * 10)),
}


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("name", [*RESPONSES, *OTHERS])
def test_p8_each_error_about_a_response_names_the_connection_once(name):
    with HostileServer((RESPONSES | OTHERS)[name]) as server, pytest.raises(UsageError) as raised:
        read(server.url)
    assert str(raised.value).startswith(SUBJECT)
    assert str(raised.value).count(SUBJECT) == 1


@pytest.mark.usefixtures("sleeps")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", f"https://{'a' * 70}.example.com"])
def test_p8_each_error_about_the_host_names_the_connection_once(url):
    with pytest.raises(UsageError, match=f"^{SUBJECT}No complete response from {url}") as raised:
        read(url)
    assert str(raised.value).count(SUBJECT) == 1
