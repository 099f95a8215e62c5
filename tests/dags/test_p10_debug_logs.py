"""P10: at level DEBUG, where Airflow itself prints the secrets that it masks, this package does not print the key."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timezone

import pytest

from tests.support.secrecy import leaked


@pytest.mark.usefixtures("airflow_db", "sqlite_warehouse")
@pytest.mark.parametrize("padding", ["", " "], ids=["as it is", "with a blank"])
def test_p10_a_debug_log_has_the_key_only_where_airflow_masks_it(dags_folder, api, set_datacoves_conn, padding):
    set_datacoves_conn(password=api.key + padding)
    settings = {"AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG", "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder)}
    today = str(datetime.now(timezone.utc).date())
    command = [sys.executable, "-m", "airflow", "dags", "test", "tried_once", today]
    run = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
    lines = [line for line in (run.stdout + run.stderr).splitlines() if leaked(line, api.key)]
    assert [line for line in lines if "MaskSecret(" not in line] == []
    # One is of the connection's password; another only if the key is not that.
    assert len(lines) <= 1 + bool(padding)
