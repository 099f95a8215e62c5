"""The connections of the README are such that the hook takes them, and its XCom value is what a task returns."""

from __future__ import annotations

import json
import re

from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook
from tests.docs.markdown import find_block_after, find_commands

(EXPORT,) = [command for command in find_commands() if command[0] == "export"]
ADD_COMMANDS = [command for command in find_commands() if command[:3] == ["airflow", "connections", "add"]]


def read_export() -> tuple[str, str]:
    """Return the name and the JSON text of the environment variable."""
    name, _, value = EXPORT[1].partition("=")
    return name, value


def make_connection(command: list[str]) -> dict[str, object]:
    """Return what ``airflow connections add`` would store."""
    options = dict(zip(command[4::2], command[5::2], strict=True))
    connection = {option.removeprefix("--conn-").replace("type", "conn_type"): text for option, text in options.items()}
    return connection | {"extra": json.loads(connection.get("extra", "{}"))}


def test_the_hook_takes_the_connection_in_the_environment(monkeypatch):
    monkeypatch.setenv(*read_export())
    settings = DatacovesBillingHook().get_settings()
    assert settings.billing_account_id == "analytics"


def test_the_command_adds_the_connection_of_the_environment_variable():
    name, value = read_export()
    command = ADD_COMMANDS[0]
    assert name == f"AIRFLOW_CONN_{command[3].upper()}"
    assert make_connection(command) | {"password": None} == json.loads(value) | {"password": None}


def test_the_dags_use_the_connections_that_the_readme_adds():
    used = re.findall(r'conn_id="(\w+)"', find_block_after("dag:start"))
    assert used == [command[3] for command in ADD_COMMANDS]
