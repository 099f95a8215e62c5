"""Each vendor's page, and the connection that it shows."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from datacoves_usage_provider.get_provider_info import get_provider_info
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.simulator.api import SimulatedApi
from tests.docs.markdown import code_in, find_blocks, read_table, split_commands

FORMS: dict[str, dict[str, Any]] = {form["connection-type"]: form for form in get_provider_info()["connection-types"]}
COLLECT = "docs/collect.md"
TYPES = {code_in(row[0])[0]: row for row in read_table("connection type", page=COLLECT)}
"""What that page says of each connection type."""
PAGES = {name: f"docs/{cell.partition('](')[2].rstrip(')')}" for name, (cell, *_) in TYPES.items()}
"""The page of each connection type, as that page links it."""


def make_hook(conn_type: str) -> UsageHook:
    module, _, name = FORMS[conn_type]["hook-class-name"].rpartition(".")
    hook: UsageHook = getattr(import_module(module), name)()
    return hook


def find_commands_on(page: str, *words: str) -> list[list[str]]:
    """Return the commands of ``page`` that begin with ``words``."""
    commands = [
        command for block in find_blocks("bash") if block.page == page for command in split_commands(block.text)
    ]
    return [command for command in commands if command[: len(words)] == list(words)]


def read_export(page: str) -> tuple[str, dict[str, Any]]:
    """Return the name of the environment variable, and the connection in it."""
    ((_, assignment),) = find_commands_on(page, "export")
    name, _, value = assignment.partition("=")
    return name, json.loads(value)


def read_switches(api: type[SimulatedApi]) -> dict[str, str]:
    """Return the extras of the page's connection that the simulated ``api`` has a switch for, such as an id."""
    _, shown = read_export(PAGES[api.conn_type])
    return {name: text for name, text in shown["extra"].items() if hasattr(api, name)}
