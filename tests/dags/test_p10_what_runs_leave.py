"""P10: nothing that a run of a DAG leaves behind leaks the key, whatever the server sends back."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from datacoves_usage_provider.simulator import faults
from tests.promises.test_p10_the_key_stays_secret import ECHOES, KEY, NEXT_DAY, echo
from tests.support.secrecy import leaked, spellings

# What may pass is tried again by a task, for seconds; these end it at once.
AT_ONCE = {"unavailable": lambda key: faults.Status(503, detail=echo(key), retry_after="999")}


@pytest.fixture
def left_behind(airflow_db: Path, sqlite_warehouse, tmp_path: Path):
    """All files of Airflow's home, with its logs and its metadata database, and of the warehouse, unpacked."""

    def read() -> Iterator[tuple[str, str]]:
        for path in [*airflow_db.parent.rglob("*"), *tmp_path.rglob("*")]:
            if path.is_file():
                content = path.read_bytes()
                content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
                yield str(path), content.decode("latin-1")

    return read


def find_key(run, left_behind) -> list[str]:
    leaks = [f"in what the run said: {part}" for part in leaked(run.said, KEY)]
    return leaks + [f"in {name}: {part}" for name, text in left_behind() for part in leaked(text, KEY)]


@pytest.fixture
def _careless(api, set_datacoves_conn):
    api.key, api.echo_key = KEY, True
    set_datacoves_conn(password=KEY)


@pytest.mark.usefixtures("_careless", "sqlite_warehouse")
def test_p10_a_run_that_succeeds_leaves_no_key(run_dag, simulator, left_behind):
    run = run_dag("tried_once", NEXT_DAY)
    assert run.task == ("success", 1, 0)
    assert find_key(run, left_behind) == []
    assert simulator.requests[0].headers["Authorization"] == f"Token {KEY}"


@pytest.mark.usefixtures("_careless", "sqlite_warehouse")
@pytest.mark.parametrize("name", ECHOES)
def test_p10_a_run_that_fails_leaves_no_key(run_dag, simulator, left_behind, name):
    simulator.faults.append((ECHOES | AT_ONCE)[name](KEY))
    run = run_dag("tried_once", NEXT_DAY)
    assert run.task == ("failed", 1, 0)
    assert 1 <= len(simulator.requests) <= 2
    assert find_key(run, left_behind) == []


@pytest.mark.usefixtures("_careless")
def test_p10_a_run_whose_warehouse_fails_leaves_no_key(run_dag, sqlite_warehouse, left_behind):
    assert run_dag("tried_once", NEXT_DAY).task == ("success", 1, 0)
    sqlite_warehouse.query("DELETE FROM usage_daily")
    sqlite_warehouse.query("CREATE TRIGGER full BEFORE INSERT ON usage_daily BEGIN SELECT RAISE(ABORT, 'full'); END")
    run = run_dag("tried_once", NEXT_DAY)
    assert run.task == ("failed", 1, 0)
    assert "rejects what a load writes" in run.said
    assert find_key(run, left_behind) == []


@pytest.mark.parametrize("spelling", spellings(KEY))
def test_p10_a_key_that_is_left_would_be_found(left_behind, tmp_path, spelling):
    (tmp_path / "a.log").write_bytes(os.urandom(1000) + spelling.encode() + os.urandom(1000))
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(spelling.encode()))
    found = {name for name, text in left_behind() if leaked(text, KEY)}
    assert {Path(name).name for name in found} == {"a.log", "b.log.gz"}
