"""Run the real DAGs against the simulator and show what they leave in the warehouse. Started by ``make demo``."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from datacoves_usage_provider.simulator import APIS, DatacovesBilling, Simulator
from datacoves_usage_provider.simulator.connection import Connection
from demo.airflows import make_airflows
from demo.page import serve
from demo.picture import draw_days
from demo.queries import ALERTS, BUDGETS, BY_DAY, BY_MONTH, LARGEST_DAGS, VENDOR_MONTH

ROOT = Path(__file__).parents[1]
HOME = ROOT / "build" / "demo"
WAREHOUSE = HOME / "usage.db"
REPORTS = HOME / "reports"
AIRFLOW = Path(sys.executable).with_name("airflow")

LOAD = re.compile(rf"({'|'.join(api.name for api in APIS)}) account .*: loaded .* seconds\.")
ALLOCATION = re.compile(r"environment '.*: [0-9,]+ Minutes billed .* unattributed\.")


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    today = datetime.now(timezone.utc).date()
    yesterday = today - timedelta(days=1)
    middle_of_last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=18)
    apis = [api() for api in APIS]
    with Simulator(*apis) as simulator:
        environment = make_environment(api.make_connection(simulator.url) for api in apis)
        print(f"Simulated APIs on {simulator.url}: {', '.join(api.name for api in apis)}.\n")
        run("preparing Airflow's own database", ["db", "migrate"], environment, HOME / "migrate.log")
        for day in (yesterday, today):
            run_dag("usage_collect_daily", day, environment)
        run_dag("datacoves_usage_monthly", today, environment)
        run_dag("usage_budgets_daily", middle_of_last_month, environment)
        environment |= {"AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "demo" / "dags")}
        run_dag("adverity_usage_monthly", today, environment)
        environment |= make_airflows(HOME, DatacovesBilling.environments, today)
        run_dag("usage_allocation_daily", today, environment)
    run_dag("usage_report_demo", today, environment)
    warehouse = WAREHOUSE.relative_to(ROOT)
    show(f"Yesterday, of all services, in the table usage_daily of {warehouse}:", BY_DAY, str(yesterday))
    show("The months, in the view usage_cost_monthly (days: those that have rows):", BY_MONTH)
    show(
        "What Adverity itself says of last month, in the table usage_vendor_month (unique rows do not add up):",
        VENDOR_MONTH,
    )
    show("The five largest DAGs, of all days that are allocated, in the view usage_cost_by_dag:", LARGEST_DAGS)
    show("The budgets of dags/reference in the middle of last month, in the table usage_budget_status:", BUDGETS)
    show("Their alerts, in the table usage_alert:", ALERTS, may_be_empty=True)  # in February, fewer minutes are used
    show_report()
    python = Path(sys.executable).parent.relative_to(ROOT) / "python"
    print(f"""To look further:
  {warehouse}
      is a SQLite file: open it with any client. Each row names the run that loaded it.
  {(HOME / "usage_collect_daily").relative_to(ROOT)}-{today}.log
      is what the last daily run said.
  {python} -m datacoves_usage_provider.simulator
      starts the simulated APIs alone and prints the connections for an Airflow of your own.
""")
    if "--page" in sys.argv[1:]:
        serve(AIRFLOW, HOME, environment)


def show_report() -> None:
    (report,) = REPORTS.glob("usage-*.html")
    days = report.with_name(f"{report.stem}-days.csv")
    print("The worker minutes of the month, as in its report:\n")
    print(*draw_days(days, "Worker Minutes"), sep="\n")
    print(f"\nThe report is {report.relative_to(ROOT)}: open it in a browser. CSV files are beside it.\n")


def make_environment(connections: Iterable[Connection]) -> dict[str, str]:
    return os.environ | {
        "AIRFLOW_HOME": str(HOME / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DEMO_REPORTS": str(REPORTS),
        "AIRFLOW_CONN_USAGE_WAREHOUSE": f"sqlite://{WAREHOUSE}",
        **{connection.variable: name_account(connection).to_json() for connection in connections},
    }


def name_account(connection: Connection) -> Connection:
    return replace(connection, extra={"billing_account_id": "demo", **connection.extra})


def run_dag(dag_id: str, day: date, environment: dict[str, str]) -> None:
    arguments = ["dags", "test", dag_id, str(day)]
    run(f"airflow {' '.join(arguments)}", arguments, environment, HOME / f"{dag_id}-{day}.log")


def run(what: str, arguments: list[str], environment: dict[str, str], log: Path) -> None:
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
        if told := LOAD.search(line) or ALLOCATION.search(line):
            print(f"      {told[0]}")


def show(title: str, query: str, *arguments: str, may_be_empty: bool = False) -> None:
    with closing(sqlite3.connect(WAREHOUSE)) as connection:
        cursor = connection.execute(query, arguments)
        names = [column[0] for column in cursor.description]
        rows = [[to_text(value) for value in row] for row in cursor]
    if not rows and not may_be_empty:
        sys.exit(f"{title} nothing. That should not be.")
    widths = [max(len(row[n]) for row in [names, *rows]) for n in range(len(names))]
    print(f"\n{title}\n")
    for row in [names, ["-" * width for width in widths], *rows]:
        print("  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    print()


def to_text(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


if __name__ == "__main__":
    main()
