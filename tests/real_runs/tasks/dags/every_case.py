"""A DAG for each way in which a task instance can end, and in which it can leave its rows."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from airflow import DAG
from airflow.models import BaseOperator

try:
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from airflow.sdk import BaseSensorOperator
    from airflow.sdk.exceptions import AirflowSkipException
except ImportError:
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.empty import EmptyOperator
    from airflow.sensors.base import BaseSensorOperator
    from airflow.triggers.temporal import TimeDeltaTrigger


def count_execution(task):
    """Return how often this task has been executed, this time included."""
    path = Path(os.environ["EXECUTIONS"], f"{task.dag_id}.{task.task_id}")
    with path.open("a") as file:
        file.write(".")
    return path.stat().st_size


class Act(BaseOperator):
    """What it does is one of the functions below, by name; they are given how often it has been executed."""

    def __init__(self, act="succeed", **arguments):
        super().__init__(**arguments)
        self.act = act

    def execute(self, context):
        return ACTS[self.act](count_execution(self))


class Defer(BaseOperator):
    def execute(self, context):
        timeout = timedelta(minutes=5)
        self.defer(trigger=TimeDeltaTrigger(timedelta(seconds=30)), method_name="resume", timeout=timeout)

    def resume(self, context, event=None):
        time.sleep(1)


class Poke(BaseSensorOperator):
    """To be poked again only when the executor has noted the end before; if not, Airflow fails the task."""

    def poke(self, context):
        return count_execution(self) >= 3


def succeed(_):
    time.sleep(2)


def fail(_):
    raise ValueError("as it should")


def fail_twice(execution):
    if execution < 3:
        raise ValueError("as it should")


def fail_later(execution):
    if execution > 1:
        raise ValueError("as it should")


def be_killed_once(execution):
    if execution == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def skip(_):
    raise AirflowSkipException


def run_long_once(execution):
    time.sleep(20 if execution == 1 else 1)


def run_long(_):
    time.sleep(1800)


ACTS = {act.__name__: act for act in (
    succeed, fail, fail_twice, fail_later, be_killed_once, skip, run_long_once, run_long
)}  # fmt: skip

SOON = {"retry_delay": timedelta(seconds=1)}

with DAG("retried", schedule=None):
    Act(task_id="load", act="fail_twice", retries=2, **SOON)

with DAG("killed", schedule=None):
    Act(task_id="load", act="be_killed_once", retries=1, **SOON)

with DAG("timed_out", schedule=None):
    Act(task_id="load", act="run_long", execution_timeout=timedelta(seconds=3))

with DAG("cleared", schedule=None):
    Act(task_id="load")

with DAG("cleared_and_not_run", schedule=None):
    Act(task_id="extract", act="fail_later") >> Act(task_id="load")

with DAG("cleared_while_running", schedule=None):
    Act(task_id="load", act="run_long_once")

with DAG("deferred", schedule=None):
    Defer(task_id="load")

with DAG("poking", schedule=None):
    Poke(task_id="wait", mode="reschedule", poke_interval=15)

with DAG("mapped", schedule=None):
    Act.partial(task_id="load").expand(act=["succeed", "succeed", "skip"])

with DAG("skipped", schedule=None):
    Act(task_id="choose", act="skip") >> Act(task_id="load")

with DAG("upstream_failed", schedule=None):
    Act(task_id="extract", act="fail") >> Act(task_id="load")

with DAG("empty", schedule=None):
    EmptyOperator(task_id="begin") >> EmptyOperator(task_id="end", on_success_callback=print)

with DAG("running", schedule=None):
    Act(task_id="load", act="run_long")

with DAG("never_started", schedule=None):
    Act(task_id="load", pool="a_pool_that_is_not_there")
