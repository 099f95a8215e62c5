"""The simulated Airflow's pods explain the simulated Datacoves' minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from datacoves_usage_provider.simulator import Airflow, DatacovesBilling
from datacoves_usage_provider.simulator.airflow_days import make_day
from datacoves_usage_provider.simulator.datacoves_usage import minutes_of_whole_day

FRIDAY = date(2026, 3, 6)
DAYS = [date(2024, 1, 1), *(FRIDAY + timedelta(days=number) for number in range(5))]
ENVIRONMENTS = (*DatacovesBilling.environments, "tiny7", "x")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_pods_of_a_day_add_up_to_its_minutes_to_the_microsecond(environment):
    airflow = Airflow(environment=environment)
    for day in DAYS:
        billed = timedelta(minutes=minutes_of_whole_day(environment, "airflow", day))
        assert sum(airflow.get_pod_time(day).values(), timedelta()) == billed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_pods_follow_their_tasks_and_only_the_nightly_dag_meets_midnight(environment):
    for day in DAYS:
        for instance in make_day(environment, day):
            for pod in instance.pods:
                assert instance.created <= pod.queued < pod.up < pod.started < pod.ended
                assert pod.up < pod.down
                assert pod.down.date() == day or instance.dag_id == "backup"


def test_it_is_the_same_in_every_process_and_on_every_machine():
    airflow = Airflow(environment="abc123")
    found = {dag_id: round(time.total_seconds()) for dag_id, time in airflow.get_pod_time(FRIDAY).items()}
    assert [found[dag_id] for dag_id in ("load_ads", "transform", "backup")] == [8284, 13366, 2231]
    assert [airflow.count_pods(FRIDAY)[dag_id] for dag_id in ("load_ads", "transform", "backup")] == [95, 35, 3]


def test_a_day_has_many_small_pods_and_its_start_ups_are_a_seventh_of_the_bill():
    pods = [pod for instance in make_day("abc123", FRIDAY) for pod in instance.pods]
    start_up = sum((pod.started - pod.up + max(pod.down - pod.ended, timedelta()) for pod in pods), timedelta())
    assert 400 < len(pods) < 600
    assert 17 < start_up.total_seconds() / len(pods) < 18


def test_nothing_ran_before_2024():
    assert Airflow(environment="abc123").get_pod_time(date(2023, 12, 31)) == {}
    assert Airflow(environment="abc123").count_pods(date(2023, 12, 31)) == {}


def test_a_restated_bill_changes_no_pod():
    api = DatacovesBilling(now=lambda: datetime(2026, 3, 15, tzinfo=timezone.utc))
    before = Airflow(environment="abc123").get_pod_time(FRIDAY)
    api.restate("abc123", "airflow", FRIDAY, 1)
    assert Airflow(environment="abc123").get_pod_time(FRIDAY) == before
