"""P9: what may pass is tried up to 5 times, for at most 120 seconds of waiting; every request ends."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from itertools import chain, repeat

import pytest

from datacoves_usage_provider.client.retry import parse_retry_after
from datacoves_usage_provider.exceptions import UsageApiUnavailableError
from datacoves_usage_provider.simulator import faults
from tests.drills.attacks import OK, whole
from tests.drills.hostile_server import HostileServer
from tests.support.truth import query

pytestmark = pytest.mark.usefixtures("in_turn")

ASKED = query("2026-11-10", "2026-11-12")


def test_p9_waits_grow_and_differ(simulator, hook, sleeps):
    for _ in range(10):
        simulator.faults.extend([faults.Status(500)] * 4)
        list(hook.get_usage(ASKED))
    assert len(set(sleeps)) > 30
    assert max(sleeps[0::4]) <= 1 < max(sleeps[3::4]) <= 8
    assert min(sleeps) >= 0.5


def test_p9_retry_after_in_seconds_is_honoured(simulator, hook, sleeps):
    simulator.faults.extend([faults.Status(429, retry_after="17"), faults.Status(503, retry_after="0")])
    list(hook.get_usage(ASKED))
    assert sleeps == [17, 0.5]


def test_p9_retry_after_as_a_date_is_honoured(simulator, hook, sleeps):
    moment = datetime.now(timezone.utc) + timedelta(seconds=60)
    simulator.faults.append(faults.Status(503, retry_after=format_datetime(moment, usegmt=True)))
    list(hook.get_usage(ASKED))
    assert 50 < sleeps[0] <= 60


@pytest.mark.parametrize("fast", [timedelta(hours=-1), timedelta(hours=1)], ids=str)
def test_p9_retry_after_as_a_date_is_one_of_the_servers_clock(hook, set_datacoves_conn, sleeps, fast):
    clock = datetime.now(timezone.utc) + fast
    date, later = (format_datetime(moment, usegmt=True) for moment in (clock, clock + timedelta(seconds=17)))
    busy = f"HTTP/1.1 503 Busy\r\nDate: {date}\r\nRetry-After: {later}\r\nConnection: close\r\n\r\n"
    responses = chain([[busy.encode()]], repeat(whole("[]", OK + b"Connection: close\r\n")))
    with HostileServer(lambda: next(responses)) as server:
        set_datacoves_conn(host=server.url)
        assert list(hook.get_usage(ASKED)) == []
    assert sleeps == [17]


def test_p9_a_longer_retry_after_ends_the_try_at_once_and_names_the_time(simulator, hook, sleeps):
    simulator.faults.append(faults.Status(429, retry_after="3600"))
    with pytest.raises(UsageApiUnavailableError, match=r"before 20[-0-9]{8} [:0-9]{8} UTC\. That is too long"):
        list(hook.get_usage(ASKED))
    assert sleeps == []
    assert len(simulator.requests) == 1


def test_p9_all_waits_of_a_request_together_have_the_limit(simulator, hook, sleeps):
    simulator.faults.extend([faults.Status(429, retry_after="50")] * 5)
    with pytest.raises(UsageApiUnavailableError, match="after 3 tries and 100 seconds of waiting"):
        list(hook.get_usage(ASKED))
    assert sleeps == [50, 50]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("5", 5),
        (" 5 ", 5),
        ("Sun, 22 Nov 2026 00:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 00:01:00", 60),
        ("Sat, 21 Nov 2026 00:00:00 GMT", 0),
        ("9" * 400, 366 * 86_400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400),
        ("Sunday, 22-Nov-26 00:01:00 GMT", 60),
        ("Sun Nov 22 00:01:00 2026", 60),
        ("Sun, 22 Nov 99999999999999999999 00:01:00 GMT", None),
        ("1.5", None),
        ("60, 60", None),
    ],
)
def test_p9_retry_after_is_read_in_both_forms(text, seconds):
    assert parse_retry_after(text, datetime(2026, 11, 22, tzinfo=timezone.utc)) == seconds


def test_p9_each_failed_try_is_logged(simulator, hook, sleeps, printed):
    simulator.faults.extend([faults.Status(503), faults.DropConnection()])
    list(hook.get_usage(ASKED))
    lines = [line for line in printed() if "Trying again" in line]
    assert [re.search(r"returned 503|No complete response from", line)[0] for line in lines] == [
        "returned 503",
        "No complete response from",
    ]
    assert [re.search(r"try \d of 5", line)[0] for line in lines] == ["try 2 of 5", "try 3 of 5"]


def test_p9_a_host_that_nobody_listens_on_is_unavailable_and_not_empty(simulator, hook, sleeps):
    simulator.stop()
    with pytest.raises(UsageApiUnavailableError, match="refused") as raised:
        list(hook.get_usage(ASKED))
    assert "The Billing API can be reached only inside its cluster. Gave up after 5 tries" in str(raised.value)
    assert "0x" not in str(raised.value)


def test_p9_the_test_button_sends_one_request(api, simulator, hook, sleeps):
    simulator.faults.append(faults.Status(503))
    assert hook.test_connection() == (
        False,
        f"{simulator.billing_url}/ returned 503 Service Unavailable.",
    )
    assert len(simulator.requests) == 1
    worked, found = hook.test_connection()
    assert worked
    assert re.fullmatch(r"Datacoves accepts the key: 3 environments, usage up to 20\d\d-\d\d-\d\d\.", found)
    api.environments = ()
    assert hook.test_connection() == (
        True,
        "Datacoves accepts the key: no usage found.",
    )


def test_p8_the_test_button_does_not_name_the_connection_since_airflow_makes_one_up(
    simulator, hook, set_datacoves_conn
):
    set_datacoves_conn(password="a-wrong-key-0123456789")
    worked, said = hook.test_connection()
    assert not worked
    assert said.startswith(f"{simulator.billing_url}/ returned 401 Unauthorized: “Invalid token.” Check the API key")
