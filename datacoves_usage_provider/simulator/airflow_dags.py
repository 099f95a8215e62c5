"""The DAGs of a simulated Airflow, and what their tasks do to a table of task instances."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Behaviour(Enum):
    """What a task does, in each of its runs or in some of them."""

    PLAIN = auto()
    FLAKY = auto()
    """One run in four fails once and is tried again."""
    DEFERRED = auto()
    """A pod starts something elsewhere, a second one fetches the result."""
    POKING = auto()
    """A sensor with ``mode="reschedule"``: each poke is a pod."""
    EMPTY = auto()
    """Succeeds without a pod, as an EmptyOperator."""
    NOT_CHOSEN = auto()
    """Skipped by the scheduler, without a pod."""
    SKIPS_ITSELF = auto()
    """Raises AirflowSkipException, in a pod."""
    RUN_AGAIN = auto()
    """Cleared after its success and run again, in one run of twenty."""
    CLEARED = auto()
    """Cleared after its success, then skipped because of another task: the row keeps the times of the success."""
    KILLED = auto()
    """In one run of four the pod is killed. Airflow notices 20 seconds later, and tries again."""
    NEVER_STARTED = auto()


@dataclass(frozen=True)
class Task:
    """``seconds``: how long it runs, compared with other tasks. ``instances``: above 1, it is mapped."""

    task_id: str
    seconds: int = 60
    behaviour: Behaviour = Behaviour.PLAIN
    instances: int = 1


@dataclass(frozen=True)
class Dag:
    """``runs``: on a day of 1,000 minutes; on others in proportion, and at least one. ``owners`` is Airflow's text."""

    dag_id: str
    owners: str
    tags: tuple[str, ...]
    runs: int
    tasks: tuple[Task, ...]


DAGS = (
    Dag("load_crm", "ingestion", ("team:ingestion", "hourly"), 24, (
        Task("extract", 90, Behaviour.FLAKY),
        Task("load", 60),
        Task("done", behaviour=Behaviour.EMPTY),
    )),
    Dag("load_ads", "marketing, ingestion", ("team:marketing",), 20, (
        Task("list_accounts", 20),
        Task("load_account", 75, instances=4),
    )),
    Dag("load_erp", "ingestion", ("team:ingestion",), 8, (
        Task("wait_for_export", behaviour=Behaviour.POKING),
        Task("extract", 240, Behaviour.RUN_AGAIN),
        Task("load", 120),
    )),
    Dag("load_clicks", "web", ("team:web",), 48, (Task("load", 100),)),
    Dag("sync_airbyte", "ingestion", ("team:ingestion",), 12, (
        Task("sync", behaviour=Behaviour.DEFERRED),
        Task("check", 30),
    )),
    Dag("transform", "analytics", ("team:analytics", "dbt"), 8, (
        Task("seed", 40),
        Task("run", 900, Behaviour.KILLED),
        Task("test", 300),
        Task("docs", 60),
    )),
    Dag("snapshot", "analytics", ("team:analytics", "dbt"), 2, (Task("snapshot", 600), Task("test", 100))),
    Dag("check_freshness", "analytics", ("team:analytics",), 96, (Task("check", 15),)),
    Dag("publish_reports", "web, analytics", ("team:web", "team:analytics"), 8, (
        Task("choose", 10),
        Task("publish_daily", 150),
        Task("publish_monthly", behaviour=Behaviour.NOT_CHOSEN),
        Task("announce", behaviour=Behaviour.CLEARED),
    )),
    Dag("read_mailbox", "finance", ("team:finance",), 24, (Task("read", 12, Behaviour.SKIPS_ITSELF),)),
    Dag("score_leads", "marketing", ("team:marketing",), 2, (Task("train", 1500), Task("score", 400, instances=3))),
    Dag("export_finance", "finance", ("team:finance",), 4, (Task("export", 300), Task("confirm", 20))),
    Dag("clean_up", "airflow", (), 1, (Task("delete", 120), Task("report", behaviour=Behaviour.NEVER_STARTED))),
)  # fmt: skip

NIGHTLY = Dag("backup", "airflow", ("nightly",), 1, (Task("dump"), Task("copy")))
"""Runs over midnight: a task that runs through it, and one that is deferred across it."""
