"""P13: one login and few statements, counted where they arrive: from the log of the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

DAILY = {"lookback_days": 2, "catch_up_days": 31}
LINE = re.compile(r"\[(\d+)\] LOG:  (connection authorized|statement|execute)\b(?:.*database=(\S+))?(.*)")


class ServerLog:
    def __init__(self, path: Path, database: str) -> None:
        self._path = path
        self._database = database
        self._seen = path.stat().st_size

    def read(self) -> tuple[int, list[str]]:
        with self._path.open() as log:
            log.seek(self._seen)
            found = [match.groups() for match in map(LINE.search, log) if match]
            self._seen = log.tell()
        pids = {pid for pid, _, database, _ in found if database == self._database}
        return len(pids), [words for pid, kind, _, words in found if pid in pids and kind != "connection authorized"]


@pytest.fixture
def server_log(postgres, postgres_warehouse, run_on_server) -> ServerLog:
    database = postgres_warehouse.uri.rpartition("/")[2]
    run_on_server(f"ALTER DATABASE {database} SET log_statement = 'all'")
    return ServerLog(postgres.log, database)


@pytest.mark.parametrize("what", ["nothing", "a day", "restated"])
def test_p13_the_daily_task(api, collect, server_log, what):
    collect(**DAILY)
    server_log.read()
    if what == "restated":
        api.restate("abc123", "airflow", date(2026, 11, 20), 9_999)
    collect(**DAILY, run_after="2026-11-22" if what == "nothing" else "2026-11-23")
    logins, statements = server_log.read()
    print(logins, len(statements), *statements, sep="\n")
    assert 0
