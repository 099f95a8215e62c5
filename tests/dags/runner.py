"""
``airflow dags test`` again and again in one process: Airflow takes longer to start than a DAG to run.

Each line of the input is JSON, the arguments of one run and its connections as environment variables. What the run says
ends with a line of ``END``, and "failed" if it did.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys

END = "=== end of the run "
LONGEST_RUN_SECONDS = 120  # a task that waits for its next try would be waited for


def main() -> None:
    from airflow.cli.cli_parser import get_parser

    parser = get_parser()
    # As a scheduler would: Airflow 2 keeps events only of datasets that its database has.
    reserialize = parser.parse_args(["dags", "reserialize"])
    reserialize.func(reserialize)
    for line in sys.stdin:
        arguments, connections = json.loads(line)
        for name in [name for name in os.environ if name.startswith("AIRFLOW_CONN_")]:
            del os.environ[name]
        os.environ |= connections
        asked = parser.parse_args(["dags", "test", *arguments])
        faulthandler.dump_traceback_later(LONGEST_RUN_SECONDS, exit=True)
        try:
            asked.func(asked)
            outcome = ""
        except SystemExit:
            outcome = "failed"
        faulthandler.cancel_dump_traceback_later()
        print(f"\n{END}{outcome}", flush=True)  # noqa: T201 - it is the result


if __name__ == "__main__":
    main()
