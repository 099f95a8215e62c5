"""``python -m datacoves_usage_provider.simulator`` as a user meets it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from threading import Timer
from urllib.parse import urlsplit

import pytest
import requests

from datacoves_usage_provider.simulator import APIS, DatacovesBilling, faults
from datacoves_usage_provider.simulator.arguments import parse_fault

COMMAND = [sys.executable, "-m", "datacoves_usage_provider.simulator"]
DEADLINE = 60


@pytest.fixture
def start():
    """Start the command; returns its process and its output up to the last line."""
    processes = []

    def start_command(*arguments):
        # Its output is a pipe, not a terminal: nothing arrives that was not flushed.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        process = subprocess.Popen(
            [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        processes.append(process)
        overdue = Timer(DEADLINE, process.kill)
        overdue.start()
        output = ""
        while output.count("export ") < len(APIS):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            output += line
        overdue.cancel()
        return process, output

    yield start_command
    for process in processes:
        process.kill()
        process.communicate(timeout=DEADLINE)


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False)


def read_connections(output):
    """Read the connections as a shell would read the lines; returns them by connection id."""
    connections = {}
    for line in output.splitlines():
        if "export " in line:
            word, assignment = shlex.split(line)
            name, _, value = assignment.partition("=")
            assert (word, name[:13]) == ("export", "AIRFLOW_CONN_")
            connections[name[13:].lower()] = json.loads(value)
    return connections


def read_connection(output):
    return read_connections(output)["datacoves_billing_default"]


def get(connection, path="/", **params):
    return requests.get(
        connection["host"] + path,
        headers={"Authorization": f"Token {connection['password']}"},
        params=params,
        timeout=60,
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_responds_and_stops(start, stop):
    process, output = start()
    connection = read_connection(output)
    assert connection["conn_type"] == "datacoves_billing"
    assert get(connection).status_code == 200
    assert "Ctrl-C" in output
    process.send_signal(stop)
    rest, errors = process.communicate(timeout=DEADLINE)
    assert (process.returncode, errors) == (0, "")
    assert rest.endswith("Stopped. Requests received: 1.\n")


def test_the_command_makes_the_same_connection(start):
    _, output = start("--key", "it's-$(odd)")
    connection = read_connection(output)
    line = next(line for line in output.splitlines() if "airflow connections add" in line)
    assert shlex.split(line) == [
        *("airflow", "connections", "add", "datacoves_billing_default"),
        *("--conn-type", "datacoves_billing", "--conn-host", connection["host"], "--conn-port", "0"),
        *("--conn-password", "it's-$(odd)"),
    ]
    assert connection["password"] == "it's-$(odd)"
    assert get(connection).status_code == 200


def test_all_apis_are_served_and_each_has_its_connection(start):
    _, output = start()
    connections = read_connections(output)
    assert [(name, one["conn_type"]) for name, one in connections.items()] == [
        (f"{api.conn_type}_default", api.conn_type) for api in APIS
    ]
    organization = connections["b3os_default"]["extra"]["organization_id"]
    for name, scheme, path in (
        ("adverity_default", "Token", "/api/v1/usage/"),
        ("webcrawlerapi_default", "Bearer", "/v2/organization/usage"),
        ("b3os_default", "Bearer", f"/v1/organizations/{organization}/cu/usage-by-workflow?from=0&to=1"),
    ):
        headers = {"Authorization": f"{scheme} {connections[name]['password']}"}
        assert requests.get(connections[name]["host"] + path, headers=headers, timeout=60).status_code == 200


def test_the_commands_make_the_same_connections_as_the_exports(start):
    _, output = start()
    lines = [shlex.split(line) for line in output.splitlines() if "airflow connections add" in line]
    made = {words[3]: dict(zip(words[4::2], words[5::2], strict=True)) for words in lines}
    assert made == {
        conn_id: {
            "--conn-type": connection["conn_type"],
            "--conn-host": connection["host"],
            "--conn-port": "0",
            "--conn-password": connection["password"],
        }
        | ({"--conn-extra": json.dumps(connection["extra"])} if "extra" in connection else {})
        for conn_id, connection in read_connections(output).items()
    }


def test_the_default_key_looks_like_one():
    assert re.fullmatch("[0-9a-f]{40}", DatacovesBilling.key)


def test_the_port_and_the_environments_can_be_chosen(start):
    process, output = start("--environments", "one,two")
    connection = read_connection(output)
    assert {row["environment_slug"] for row in get(connection).json()} == {"one", "two"}
    port = str(urlsplit(connection["host"]).port)
    taken = run("--port", port)
    assert (taken.returncode, taken.stdout) == (2, "")
    assert f"port {port} of 127.0.0.1 cannot be used: Address already in use" in taken.stderr
    process.terminate()
    process.communicate(timeout=DEADLINE)
    _, output = start("--port", port)
    assert read_connection(output)["host"] == f"http://127.0.0.1:{port}/api/v1/billing"


def test_switches_reach_the_api(start):
    _, output = start(
        "--end-exclusive",
        "--no-equal-dates",
        "--limit-is-distance",
        "--date-style",
        "date",
        "--rows-per-day",
        "2",
        "--unknown-in-unfiltered",
        "--echo-key",
    )
    connection = read_connection(output)
    rows = get(connection, "/abc123/", start_date="2025-03-02", end_date="2025-03-03", service="airflow").json()
    assert [row["date"] for row in rows] == ["2025-03-02"] * 2
    assert connection["password"] in get(connection, start_date="2025-03-02", end_date="2025-03-02").json()["error"]
    response = get(connection, start_date="2025-07-01", end_date="2025-12-28")
    assert {row["service"] for row in response.json()} == {"airflow", "airbyte", "unknown"}


def test_older_defaults_reach_the_api(start):
    _, output = start("--older-defaults")
    assert len({row["date"] for row in get(read_connection(output)).json()}) <= 1


def test_faults_meet_the_first_requests(start):
    _, output = start("--fault", "status=503,1", "--fault", "none", "--fault", "body={}")
    connection = read_connection(output)
    assert get(connection).headers["Retry-After"] == "1"
    assert get(connection).status_code == 200
    assert get(connection).text == "{}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("none", None),
        ("status=429", faults.Status(429)),
        ("status=503,Sun, 15 Mar 2026 12:00:00 GMT", faults.Status(503, "Sun, 15 Mar 2026 12:00:00 GMT")),
        ("drop", faults.DropConnection()),
        ("cut-after=10", faults.CutAfter(10)),
        ("early-end=10", faults.EarlyEnd(10)),
        ("slow=0.5", faults.Slow(0.5)),
        ("html", faults.Html()),
        ("body=[1=1]", faults.Body("[1=1]")),
        ("redirect=http://127.0.0.1:1/?a=b", faults.Redirect("http://127.0.0.1:1/?a=b")),
    ],
)
def test_each_fault_can_be_written(text, fault):
    assert parse_fault(text) == fault
    assert f"\n  {text.partition('=')[0]}" in run("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--fault", "status=x"], "'status=x' is not a fault; --help lists them"),
        (["--fault", "rain"], "'rain' is not a fault"),
        (["--fault", "drop=1"], "'drop=1' is not a fault"),
        (["--rows-per-day", "0"], "'0' is not a number from 1 to 1440"),
        (["--date-style", "roman"], "invalid choice: 'roman'"),
        (["--port", "70000"], "'70000' is not a number from 0 to 65535"),
        (["--environments", "one,"], "'one,' is not a list of slugs"),
    ],
)
def test_a_wrong_argument_is_explained(arguments, problem):
    result = run(*arguments)
    assert result.returncode == 2
    assert problem in result.stderr
    assert "Traceback" not in result.stderr
