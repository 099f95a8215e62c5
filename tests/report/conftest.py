"""A warehouse with something to show, and its readers. It is filled once, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from datacoves_usage_provider.warehouse.reader import WarehouseReader
from tests.support.page_usage import PageUsage
from tests.support.warehouse import WarehouseDatabase

TODAY = date(2026, 11, 28)

Copy = Callable[[WarehouseDatabase, date], None]


@pytest.fixture(scope="session")
def copy_to_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("filled")

    def copy(warehouse: WarehouseDatabase, today: date) -> None:
        filled = folder / f"{today}.db"
        if not filled.exists():
            PageUsage(f"sqlite:///{filled}", today).fill()
        shutil.copy(filled, Path(warehouse.uri.removeprefix("sqlite:///")))

    return copy


@pytest.fixture(scope="session")
def copy_to_postgres(request: pytest.FixtureRequest) -> Copy:
    filled = set()

    def copy(warehouse: WarehouseDatabase, today: date) -> None:
        run = request.getfixturevalue("run_on_server")
        server, _, name = warehouse.uri.rpartition("/")
        template = f"filled_{today:%Y%m%d}"
        if template not in filled:
            run(f"CREATE DATABASE {template}")
            PageUsage(f"{server}/{template}", today).fill()
            filled.add(template)
        run(f"DROP DATABASE {name}")
        run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    return copy


@pytest.fixture
def fill(request: pytest.FixtureRequest, warehouse: WarehouseDatabase) -> Callable[[date], None]:
    copy: Copy = request.getfixturevalue(f"copy_to_{warehouse.dialect.removesuffix('ql')}")
    return lambda today: copy(warehouse, today)


@pytest.fixture
def page_usage(fill: Callable[[date], None]) -> None:
    """Usage up to the day before ``TODAY``."""
    fill(TODAY)


@pytest.fixture
def running_usage(fill: Callable[[date], None]) -> None:
    """Usage up to yesterday, for what reads the clock."""
    fill(datetime.now(timezone.utc).date())


@pytest.fixture
def reader(page_usage: None, warehouse: WarehouseDatabase) -> WarehouseReader:
    return WarehouseReader.connect(warehouse.conn_id, None)
