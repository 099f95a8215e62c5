"""Files, make targets, versions and limits that the pages name exist and are right."""

from __future__ import annotations

import re
from importlib.util import find_spec
from itertools import pairwise

import datacoves_usage_provider
from datacoves_usage_provider.client.retry import MAX_TRIES, MAX_WAIT
from datacoves_usage_provider.client.settings import ClientSettings
from datacoves_usage_provider.warehouse.dialects.database import Database
from tests.docs.markdown import PAGES, ROOT, code_in, find_commands, read, read_table, without_blocks

COMMANDS = find_commands()
INLINE = [code.split() for page in PAGES for code in code_in(without_blocks(page))]
MAKE = [command[1:] for command in COMMANDS + INLINE if command[:1] == ["make"]]


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = {word for words in MAKE for word in words if "=" not in word}
    assert named, "no page names a target"
    assert named - targets == set()


def test_every_make_variable_exists():
    variables = set(re.findall(r"^([A-Z]+) \?=", read("Makefile"), re.MULTILINE))
    named = {word.partition("=")[0] for words in MAKE for word in words if "=" in word}
    assert named - variables == set()


def test_every_make_target_is_explained():
    listed = set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE)) - {"help"}
    assert listed - {word for words in MAKE for word in words} == set()


def test_contributing_lists_every_folder():
    named = {code.rstrip("/") for row in read_table("path", page="CONTRIBUTING.md") for code in code_in(row[0])}
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert _folders("datacoves_usage_provider") | _folders("tests") <= named


def _folders(parent: str) -> set[str]:
    return {f"{parent}/{path.name}" for path in (ROOT / parent).iterdir() if path.is_dir() and path.name[0] not in "._"}


def test_every_path_in_a_command_exists():
    paths = {word for command in COMMANDS for word in command if re.match(r"(tests|dags|demo|constraints)\b", word)}
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_every_module_that_python_shall_run_exists():
    modules = {after for words in COMMANDS + INLINE for word, after in pairwise(words) if word == "-m"}
    ours = {"datacoves_usage_provider.example_dags", "datacoves_usage_provider.simulator"}
    assert modules == {"pytest", "venv"} | ours
    assert {module for module in modules if not find_spec(f"{module}.__main__")} == set()


def test_versions_in_the_readme_are_those_built_and_tested():
    readme = read("README.md")
    assert set(re.findall(r"datacoves_usage-([\d.]+)-py3", readme)) == {datacoves_usage_provider.__version__}
    tested = {
        re.search(r"^apache-airflow==(.+)$", path.read_text(), re.MULTILINE)[1]
        for path in ROOT.glob("constraints/airflow-*.in")
    }
    (versions,) = (row[0] for row in read_table("Airflow") if row[1].startswith("everything"))
    assert versions == ", ".join(sorted(tested))
    assert f"## [{datacoves_usage_provider.__version__}]" in read("CHANGELOG.md")


def test_limits_on_the_page_are_those_in_the_code():
    page = " ".join(read("docs/operate.md").split())
    assert f"| tries of a request | fixed | {MAX_TRIES} |" in page
    assert f"| seconds between these tries | fixed | {MAX_WAIT:g} in all |" in page
    assert f"wait for each other for {Database.max_wait_seconds} seconds" in page
    assert f"`LOCK_TIMEOUT = {Database.max_wait_seconds}`" in page


def test_the_limits_of_a_response_are_those_of_a_connection():
    settings = ClientSettings(conn_id="", url="", key="", billing_account_id="")
    limits = [settings.timeout, 10 * settings.timeout, settings.max_response_mb]
    documented = [row[2].split()[0] for row in read_table("limit", page="docs/operate.md")]
    assert documented[:3] == [f"{limit:g}" for limit in limits]
