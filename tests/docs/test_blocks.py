"""What stands in fenced blocks can be pasted."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.docs.markdown import ROOT, Block, find_block_after, find_blocks, find_commands


@pytest.mark.parametrize("block", find_blocks("bash"), ids=str)
def test_every_bash_block_is_bash(block: Block):
    result = subprocess.run(
        ["/usr/bin/env", "bash", "-n"], input=block.text, text=True, capture_output=True, check=False
    )
    assert not result.stderr


@pytest.mark.parametrize("block", find_blocks("json"), ids=str)
def test_every_json_block_is_json(block: Block):
    json.loads(block.text)


@pytest.mark.parametrize("block", find_blocks("python"), ids=str)
def test_every_python_block_compiles(block: Block):
    compile(block.text, str(block), "exec")


def test_every_block_has_a_language_that_is_checked():
    assert [str(block) for block in find_blocks("")] == []


def test_the_dag_in_the_readme_is_the_file_below_its_docstring():
    _, _, code = (ROOT / "dags" / "datacoves_usage_daily.py").read_text().partition('"""\n\n')
    assert find_block_after("dag:start") == code


@pytest.mark.parametrize("command", [command for command in find_commands() if command[0] == "airflow"], ids=" ".join)
def test_airflow_knows_every_command_and_option(command: list[str]):
    from airflow.cli.cli_parser import get_parser

    get_parser().parse_args(command[1:])
