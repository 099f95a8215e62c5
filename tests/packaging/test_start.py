"""docs/start.md, typed block by block by someone who has nothing yet, brings rows into a warehouse."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from datacoves_usage_provider.simulator import DatacovesBilling
from datacoves_usage_provider.simulator.datacoves_usage import SERVICES
from tests.docs.markdown import ROOT, find_blocks
from tests.packaging.shell import copy_repository, open_shell
from tests.packaging.typed import START, find_airflow, find_typed

ROW = re.compile(r"^(\d{4}-\d\d-\d\d) ([\w-]+) (\w+) (\d+)$", re.MULTILINE)


def test_what_the_page_says_brings_a_month_into_the_warehouse(tmp_path: Path) -> None:
    shell = open_shell(tmp_path / "home", copy_repository(tmp_path / "clone"))
    today = datetime.now(timezone.utc).date()
    rows = ROW.findall(shell.type(find_typed(START), examples={}))
    assert {(day, environment, service): int(minutes) for day, environment, service, minutes in rows} == {
        (str(day), environment, service): minutes
        for day in (today - timedelta(days=ago) for ago in range(1, 33))
        for environment, service, minutes in _read_simulator(day)
    }


def _read_simulator(day: date) -> list[tuple[str, str, int]]:
    api = DatacovesBilling()
    every = [(environment, service) for environment in api.environments for service in SERVICES]
    return [(*one, minutes) for one in every if (minutes := api.minutes(*one, day)) is not None]


def test_each_airflow_that_is_tested_has_its_line() -> None:
    shown = {airflow: block.text.split()[-1] for block in find_blocks("bash") if (airflow := find_airflow(block))}
    locks = {f"constraints/{path.stem}.txt": path.read_text() for path in ROOT.glob("constraints/airflow-*.in")}
    assert sorted(shown.values()) == sorted(locks)
    assert [airflow for airflow, lock in shown.items() if f"apache-airflow=={airflow}\n" not in locks[lock]] == []
