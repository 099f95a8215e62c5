"""Run the real DAGs against the simulator and show what they leave in the warehouse. Started by ``make demo``."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from datacoves_usage_provider.simulator import DatacovesBilling, Simulator

ROOT = Path(__file__).parents[1]
HOME = ROOT / "build" / "demo"
WAREHOUSE = HOME / "usage.db"
AIRFLOW = Path(sys.executable).with_name("airflow")

BY_DAY = """
SELECT charge_period_start AS day, sub_account_id AS environment, service_name AS service,
       consumed_quantity AS minutes
FROM usage_daily WHERE charge_period_start >= ? ORDER BY 1, 2, 3
"""
BY_MONTH = """
SELECT substr(billing_period_start, 1, 7) AS month, sub_account_id AS environment, service_name AS service,
       x_days AS days, consumed_quantity AS minutes
FROM usage_monthly ORDER BY 1, 2, 3
"""


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    api = DatacovesBilling()
    today = datetime.now(timezone.utc).date()
    with Simulator(api) as simulator:
        environment = make_environment(simulator.billing_url, api.key)
        print(f"A simulated Datacoves Billing API answers on {simulator.billing_url}.\n")
        run("preparing Airflow's own database", ["db", "migrate"], environment)
        for days_ago in (2, 1, 0):
            run_dag("datacoves_usage_daily", today - timedelta(days=days_ago), environment)
        run_dag("datacoves_usage_monthly", today, environment)
    show(
        f"Minutes by day, environment and service, in the table usage_daily of {WAREHOUSE.relative_to(ROOT)}:",
        BY_DAY,
        str(today - timedelta(days=5)),
    )
    show("The months, in the view usage_monthly (days: those that have rows):", BY_MONTH)
    python = Path(sys.executable).parent.relative_to(ROOT) / "python"
    print(f"""To look further:
  {WAREHOUSE.relative_to(ROOT)}
      is a SQLite file: open it with any client. Each row names the run that loaded it.
  {(HOME / "datacoves_usage_daily").relative_to(ROOT)}-{today}.log
      is what the last daily run said.
  {python} -m datacoves_usage_provider.simulator
      starts the simulated API alone and prints the connection for an Airflow of your own.
""")


def make_environment(billing_url: str, key: str) -> dict[str, str]:
    return os.environ | {
        "AIRFLOW_HOME": str(HOME / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_DATACOVES_BILLING_DEFAULT": json.dumps(
            {
                "conn_type": "datacoves_billing",
                "host": billing_url,
                "password": key,
                "extra": {"billing_account_id": "demo-project"},
            }
        ),
        "AIRFLOW_CONN_USAGE_WAREHOUSE": f"sqlite://{WAREHOUSE}",
    }


def run_dag(dag_id: str, day: date, environment: dict[str, str]) -> None:
    arguments = ["dags", "test", dag_id, str(day)]
    run(f"airflow {' '.join(arguments)}", arguments, environment, HOME / f"{dag_id}-{day}.log")


def run(what: str, arguments: list[str], environment: dict[str, str], log: Path = HOME / "migrate.log") -> None:
    print(f"  {what} ", end="", flush=True)
    started = time.monotonic()
    with log.open("w") as output:
        result = subprocess.run(
            [AIRFLOW, *arguments], env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    print(f"... {time.monotonic() - started:.0f} s")
    text = log.read_text()
    if result.returncode:
        sys.exit(f"{text[-3000:]}\nIt failed; the whole log is {log}.")
    for line in text.splitlines():
        if ": loaded " in line:
            print(f"      {line[line.index('Datacoves account') :].partition(' [')[0]}")


def show(title: str, query: str, *arguments: str) -> None:
    with sqlite3.connect(WAREHOUSE) as connection:
        cursor = connection.execute(query, arguments)
        names = [column[0] for column in cursor.description]
        rows = [[str(value) for value in row] for row in cursor]
    if not rows:
        sys.exit(f"{title} nothing. That should not be.")
    widths = [max(len(row[n]) for row in [names, *rows]) for n in range(len(names))]
    print(f"\n{title}\n")
    for row in [names, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    print()


if __name__ == "__main__":
    main()
