"""The Airflow connection that each simulated API makes, and how it is written for a shell."""

from __future__ import annotations

import json
import shlex

import pytest

from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.simulator import APIS, Adverity, B3os, DatacovesBilling, WebCrawlerApi
from datacoves_usage_provider.simulator.connection import Connection

URL = "http://127.0.0.1:1"


def test_every_connection_type_has_a_simulated_api():
    registered = [entry["connection-type"] for entry in get_provider_info()["connection-types"]]
    assert [api.conn_type for api in APIS] == registered


@pytest.mark.parametrize(
    ("api", "connection"),
    [
        (DatacovesBilling(key="a-key"), Connection("datacoves_billing", f"{URL}/api/v1/billing", "a-key")),
        (Adverity(key="a-key"), Connection("adverity", URL, "a-key")),
        (
            Adverity(key="a-key", auth_scheme="Bearer"),
            Connection("adverity", URL, "a-key", {"auth_scheme": "Bearer"}),
        ),
        (WebCrawlerApi(key="a-key"), Connection("webcrawlerapi", URL, "a-key")),
        (
            B3os(key="a-key", organization_id="org_1"),
            Connection("b3os", URL, "a-key", {"organization_id": "org_1"}),
        ),
    ],
)
def test_the_connection_follows_the_switches(api, connection):
    assert api.make_connection(URL) == connection


def test_the_export_and_the_command_survive_a_shell():
    connection = Connection("b3os", URL, "it's-$(odd)", {"organization_id": 'a "b"'})
    word, assignment = shlex.split(connection.make_export())
    assert (word, assignment.partition("=")[0]) == ("export", "AIRFLOW_CONN_B3OS_DEFAULT")
    assert json.loads(assignment.partition("=")[2]) == {
        "conn_type": "b3os",
        "host": URL,
        "password": "it's-$(odd)",
        "extra": {"organization_id": 'a "b"'},
    }
    words = shlex.split(connection.make_command())
    assert words[-3:] == ["it's-$(odd)", "--conn-extra", '{"organization_id": "a \\"b\\""}']
