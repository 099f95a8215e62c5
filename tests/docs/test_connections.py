"""The connections of the pages are those of the forms, and such that the hooks take them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from datacoves_usage_provider.client.settings import ClientSettings
from tests.docs.markdown import find_block_after, read_table
from tests.docs.vendor_pages import COLLECT, FORMS, PAGES, TYPES, find_commands_on, make_hook, read_export

README = "README.md"
FIELDS = "field of the form"
READ_SETTINGS = """
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
settings = DatacovesBillingHook().settings
print(settings.url, settings.key)
"""


def make_connection(command: list[str]) -> dict[str, Any]:
    """Return what ``airflow connections add`` would store."""
    options = dict(zip(command[4::2], command[5::2], strict=True))
    connection = {option.removeprefix("--conn-").replace("type", "conn_type"): text for option, text in options.items()}
    return connection | {"extra": json.loads(connection.get("extra", "{}"))}


def test_every_connection_type_has_a_page():
    assert list(PAGES) == list(FORMS)


def test_the_types_have_the_names_of_the_form_and_the_ids_that_the_hooks_look_for():
    documented = {conn_type: (name, conn_id.strip("`")) for conn_type, (_, name, conn_id) in TYPES.items()}
    assert documented == {
        conn_type: (form["hook-name"], make_hook(conn_type).default_conn_name) for conn_type, form in FORMS.items()
    }


@pytest.mark.parametrize("conn_type", FORMS)
def test_the_fields_are_as_the_form_shows_them(conn_type):
    form = FORMS[conn_type]
    rows = [*read_table(FIELDS, page=PAGES[conn_type]), *read_table(FIELDS, page=COLLECT)]
    documented = {place: label for label, place, *_ in rows}
    assert documented == {
        **{f"`{name}`": label for name, label in form["ui-field-behaviour"]["relabeling"].items()},
        **{f"extra `{name}`": field["label"] for name, field in form["conn-fields"].items()},
    }


@pytest.mark.parametrize("conn_type", FORMS)
def test_the_defaults_of_a_page_are_those_of_the_api(conn_type):
    api = make_hook(conn_type).api
    defaults = {"host": api.default_host, "extra `auth_scheme": api.auth_schemes[0]}
    for _, place, meaning in read_table(FIELDS, page=PAGES[conn_type]):
        default = defaults.get(place.strip("`"))
        assert ("default" in meaning) == bool(default)
        assert default is None or f"`{default}`" in meaning


def test_the_defaults_of_all_connections_are_as_their_page_says():
    settings = ClientSettings(conn_id="", url="", key="", billing_account_id="")
    documented = {place: default for _, place, default, _ in read_table(FIELDS, page=COLLECT)}
    assert documented["extra `timeout`"] == f"`{settings.timeout:g}`"
    assert documented["extra `verify`"] == f"`{str(settings.verify).lower()}`"
    assert documented["extra `max_answer_mb`"] == f"`{settings.max_response_mb:g}`"


@pytest.mark.parametrize("conn_type", FORMS)
def test_the_hook_takes_the_connection_in_the_environment(conn_type, monkeypatch):
    name, connection = read_export(PAGES[conn_type])
    monkeypatch.setenv(name, json.dumps(connection))
    settings = make_hook(conn_type).settings
    assert settings.billing_account_id == connection["extra"]["billing_account_id"]
    assert connection["conn_type"] == conn_type


def test_the_uri_is_the_connection_of_the_environment_variable(monkeypatch):
    name, connection = read_export(PAGES["datacoves_billing"])
    (uri,) = re.findall(r"`(datacoves-billing://[^`]+)`", Path(COLLECT).read_text())
    monkeypatch.setenv(name, uri)
    settings = make_hook("datacoves_billing").settings
    assert (settings.url, settings.key) == (connection["host"], connection["password"])
    assert settings.billing_account_id == connection["extra"]["billing_account_id"]


@pytest.mark.parametrize("conn_type", FORMS)
def test_the_command_adds_the_connection_of_the_environment_variable(conn_type):
    name, value = read_export(PAGES[conn_type])
    (command,) = find_commands_on(PAGES[conn_type], "airflow", "connections", "add")
    assert name == f"AIRFLOW_CONN_{command[3].upper()}"
    assert make_connection(command) | {"password": None} == value | {"password": None}


def test_the_hook_takes_the_connection_of_the_secrets_backend(tmp_path):
    backend, arguments = (command[1].partition("=")[::2] for command in find_commands_on(COLLECT, "export"))
    path = tmp_path / Path(json.loads(arguments[1])["connections_file_path"]).name
    path.write_text(find_block_after("secrets file", COLLECT))
    _, of_the_page = read_export(PAGES["datacoves_billing"])
    assert json.loads(path.read_text()) == {"datacoves_billing_default": of_the_page}
    arguments = arguments[0], json.dumps({"connections_file_path": str(path)})
    # In a process of its own, since Airflow keeps its secrets backends.
    settings = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS],
        env=os.environ | dict([backend, arguments]),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert settings.endswith(f"{of_the_page['host']} {of_the_page['password']}\n")


def test_the_dag_of_the_readme_uses_the_connections_that_it_adds():
    used = re.findall(r'conn_id="(\w+)"', find_block_after("dag:start"))
    assert used == [command[3] for command in find_commands_on(README, "airflow", "connections", "add")]


def test_the_readme_adds_the_connection_of_the_datacoves_page():
    (of_the_page,) = find_commands_on(PAGES["datacoves_billing"], "airflow", "connections", "add")
    assert find_commands_on(README, "airflow", "connections", "add")[0] == of_the_page
