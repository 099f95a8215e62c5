"""LocalExecutor, which notes each task that it starts, where KubernetesExecutor would start a pod, and its end."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from airflow.executors.local_executor import LocalExecutor


class AuditedExecutor(LocalExecutor):
    def execute_async(self, key, *arguments, **options):
        """Airflow 2."""
        note("start", key)
        super().execute_async(key, *arguments, **options)

    def _process_workloads(self, workload_list):
        """Airflow 3."""
        for workload in workload_list:
            note("start", workload.key)
        super()._process_workloads(workload_list)

    def change_state(self, key, *arguments, **options):
        note("end", key)
        super().change_state(key, *arguments, **options)


def note(event, key):
    line = {
        "event": event,
        "at": time.time(),
        "key": [key.dag_id, key.run_id, key.task_id, key.map_index, key.try_number],
    }
    with Path(os.environ["AUDIT"]).open("a") as audit:
        audit.write(json.dumps(line) + "\n")
