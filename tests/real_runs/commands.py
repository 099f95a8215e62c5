"""Run Airflow commands, given as JSON, in one process: starting Airflow takes longer than what they do."""

from __future__ import annotations

import json
import sys

from airflow.__main__ import main

if __name__ == "__main__":
    for command in json.loads(sys.argv[1]):
        sys.argv = ["airflow", *command]
        main()
