"""The commands and names that docs/operate.md has for this Airflow are its own, and those of the other are not."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version

import pytest

from tests.docs.markdown import code_in, read_table

OWN, OTHER = (2, 1) if version("apache-airflow").startswith("3") else (1, 2)
ROWS = read_table("what", page="docs/operate.md")


def find(start: str, column: int) -> list[str]:
    """Return the code in a column of the table that begins with ``start``."""
    return [code for row in ROWS for code in code_in(row[column]) if code.startswith(start)]


def is_there(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    try:
        return hasattr(import_module(module), attribute)
    except ModuleNotFoundError:
        return False


def parse(command: str) -> None:
    from airflow.cli.cli_parser import get_parser

    get_parser().parse_args(command.split()[1:])


@pytest.mark.parametrize("command", find("airflow ", OWN))
def test_airflow_knows_the_command(command: str):
    parse(command)


@pytest.mark.parametrize("command", find("airflow ", OTHER))
def test_airflow_does_not_know_the_command_of_the_other_major(command: str):
    with pytest.raises(SystemExit):
        parse(command)


def test_the_names_are_where_the_page_says():
    assert list(map(is_there, find("airflow.", OWN))) == [True]
    assert list(map(is_there, find("airflow.", OTHER))) == [False]
