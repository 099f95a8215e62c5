"""The table of expected days: every schedule and kind of run, on both Airflow majors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import version

from tests.real_runs.expected_days import Before, Expected, Failure, days

AIRFLOW = int(version("apache-airflow").partition(".")[0])

# Schedules, as they stand in the DAG files.
DAILY = '"@daily"'
INTERVAL = 'CronDataIntervalTimetable("@daily", timezone="UTC")'
TRIGGER = 'CronTriggerTimetable("15 6 * * *", timezone="UTC")'
BERLIN = 'CronTriggerTimetable("30 0 * * *", timezone="Europe/Berlin")'
MONTHLY = 'CronTriggerTimetable("15 6 3 * *", timezone="UTC")'
ASSETS = "[asset]"
PARTITIONS = 'CronPartitionTimetable("15 6 * * *", timezone="UTC", run_offset=-1)'
MONTHLY_PARTITIONS = 'CronPartitionTimetable("15 6 3 * *", timezone="UTC", run_offset=-1)'
PARTITIONED_ASSETS = "PartitionedAssetTimetable(assets=asset)"

# Kinds of run.
SCHEDULED = "scheduled"
BY_HAND = "by hand, without a date"
DATED = "by hand, dated 2025-03-05"
DATED_COMMAND = "`airflow dags trigger`, dated 2025-03-05"
RUN_AFTER = "from the REST API, with `run_after` 2025-03-05"
BACKFILL = "backfill, 2025-03-02 to 2025-03-03"
EVENT_OF_RUN = "by an event of a run dated 2025-03-05"
EVENT_OF_API = "by an event from the REST API"
PARTITION = "by hand, partition 2025-02-03T06:15:00"
PARTITION_EVENT = "by an event with the partition key 2025-02-03"
FUTURE_PARTITION = "by hand, partition 2999-01-01T06:15:00"

YESTERDAY = Before("0 0 * * *")
LAST_MONTH = Before("0 0 * * *", period="month")
BEFORE_0615 = Before("15 6 * * *")
BEFORE_0030_IN_BERLIN = Before("30 0 * * *", zone="Europe/Berlin")
MONTH_BEFORE_THE_3RD = Before("15 6 3 * *", period="month")
NOT_OVER = Failure("The partition 2999-01-01 is not over")


@dataclass(frozen=True)
class Case:
    """The DAG ``dag_id`` on this schedule, run in this way, collects these days; None: that major has no such run."""

    dag_id: str
    schedule: str
    run: str
    airflow_2: Expected | None
    airflow_3: Expected | None

    @property
    def expected(self) -> Expected | None:
        return self.airflow_2 if AIRFLOW == 2 else self.airflow_3

    @property
    def name(self) -> str:
        return f"{self.dag_id}, {self.run}"

    @property
    def run_id(self) -> str:
        """The id that a run by hand is given; other runs are known by their type."""
        return re.sub(r"\W+", "_", self.run)


CASES = (
    Case("daily", DAILY, SCHEDULED, YESTERDAY, YESTERDAY),
    Case("daily", DAILY, BY_HAND, YESTERDAY, YESTERDAY),
    Case("daily", DAILY, DATED, days("2025-03-04"), days("2025-03-04")),
    Case("daily", DAILY, DATED_COMMAND, days("2025-03-04"), YESTERDAY),
    Case("daily", DAILY, BACKFILL, days("2025-03-02", "2025-03-03"), days("2025-03-01", "2025-03-02")),
    Case("interval", INTERVAL, SCHEDULED, YESTERDAY, YESTERDAY),
    Case("interval", INTERVAL, BY_HAND, YESTERDAY, YESTERDAY),
    Case("interval", INTERVAL, DATED, days("2025-03-04"), days("2025-03-04")),
    Case("interval", INTERVAL, DATED_COMMAND, days("2025-03-04"), YESTERDAY),
    Case("interval", INTERVAL, BACKFILL, days("2025-03-02", "2025-03-03"), days("2025-03-02", "2025-03-03")),
    Case("trigger", TRIGGER, SCHEDULED, BEFORE_0615, BEFORE_0615),
    Case("trigger", TRIGGER, BY_HAND, YESTERDAY, YESTERDAY),
    Case("trigger", TRIGGER, DATED, days("2025-03-04"), days("2025-03-04")),
    Case("trigger", TRIGGER, DATED_COMMAND, days("2025-03-04"), YESTERDAY),
    Case("trigger", TRIGGER, RUN_AFTER, None, days("2025-03-04")),
    Case("trigger", TRIGGER, BACKFILL, days("2025-03-01"), days("2025-03-01")),
    Case("berlin", BERLIN, SCHEDULED, BEFORE_0030_IN_BERLIN, BEFORE_0030_IN_BERLIN),
    Case("monthly", MONTHLY, SCHEDULED, MONTH_BEFORE_THE_3RD, MONTH_BEFORE_THE_3RD),
    Case("monthly", MONTHLY, BY_HAND, LAST_MONTH, LAST_MONTH),
    Case("monthly", MONTHLY, DATED, days("2025-02"), days("2025-02")),
    Case("run_event", ASSETS, EVENT_OF_RUN, days("2025-03-04"), YESTERDAY),
    Case("api_event", ASSETS, EVENT_OF_API, YESTERDAY, YESTERDAY),
    Case("partitions", PARTITIONS, SCHEDULED, None, BEFORE_0615),
    Case("partitions", PARTITIONS, BY_HAND, None, YESTERDAY),
    Case("partitions", PARTITIONS, PARTITION, None, days("2025-02-03")),
    Case("partitions", PARTITIONS, BACKFILL, None, days("2025-03-02")),
    Case("partitions", PARTITIONS, FUTURE_PARTITION, None, NOT_OVER),
    Case("monthly_partitions", MONTHLY_PARTITIONS, PARTITION, None, days("2025-02")),
    Case("partitioned_assets", PARTITIONED_ASSETS, PARTITION_EVENT, None, days("2025-02-03")),
)

CASES_HERE = tuple(case for case in CASES if case.expected)
