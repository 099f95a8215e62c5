"""The DAG files, as Airflow parses them."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from datacoves_usage_provider.simulator import APIS
from tests.docs.vendor_pages import make_hook

DAGS = Path(__file__).parents[2] / "dags"
IDS = [
    "datacoves_usage_daily",
    "datacoves_usage_monthly",
    "usage_allocation_daily",
    "usage_backfill",
    "usage_budgets_daily",
    "usage_collect_daily",
    "usage_report_monthly",
]
CONN_IDS = [f"{api.conn_type}_default" for api in APIS]

PARSE = """
import sys, warnings
import airflow, airflow.models, airflow.timetables.trigger
from airflow import DAG
from airflow.models import BaseOperator
warnings.simplefilter("error")
import runpy
runpy.run_path(sys.argv[1])
"""


@pytest.fixture(scope="module")
def dagbag(airflow_db):
    from airflow.models import DagBag

    bag = DagBag(dag_folder=str(DAGS))
    assert bag.import_errors == {}
    return bag


def test_every_dag_file_has_the_dag_of_its_name(dagbag):
    assert sorted(dagbag.dags) == sorted(path.stem for path in DAGS.glob("*.py")) == IDS


@pytest.mark.parametrize("dag_id", IDS)
def test_parsing_warns_of_nothing(dag_id):
    result = subprocess.run(
        [sys.executable, "-c", PARSE, str(DAGS / f"{dag_id}.py")], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("dag_id", IDS)
def test_the_tasks_of_a_dag_are_tried_again_and_end(dagbag, dag_id):
    for task in dagbag.dags[dag_id].tasks:
        assert (task.retries, task.retry_delay) == (2, timedelta(minutes=30))
        assert task.execution_timeout is not None


def test_budgets_are_checked_when_the_usage_of_a_daily_dag_has_arrived(dagbag):
    budgets = dagbag.dags["usage_budgets_daily"]
    condition = getattr(budgets.timetable, "asset_condition", None) or budgets.timetable.dataset_condition
    assert {asset.uri for asset in condition.objects} == {"datacoves_usage_daily", "usage_collect_daily"}
    assert [task.task_id for task in budgets.topological_sort()] == ["sync", "check"]


@pytest.mark.parametrize("dag_id", IDS)
def test_a_dag_explains_itself(dagbag, dag_id):
    dag = dagbag.dags[dag_id]
    assert dag.description
    words = ("datacoves_billing_default", "USAGE_CONN_IDS", "NOTIFIERS", "usage_warehouse")
    assert any(word in dag.doc_md for word in words)
    assert "usage" in dag.tags
    assert dag.owner == "finops"


@pytest.mark.parametrize("dag_id", IDS)
def test_nothing_is_caught_up_and_no_two_runs_overlap(dagbag, dag_id):
    dag = dagbag.dags[dag_id]
    assert not dag.catchup
    assert dag.max_active_runs == 1


CRONS = {
    "datacoves_usage_daily": "0 3 * * *",
    "datacoves_usage_monthly": "0 4 3 * *",
    "usage_allocation_daily": "0 6 * * *",
    "usage_collect_daily": "0 3 * * *",
    "usage_report_monthly": "0 5 4 * *",
}


@pytest.mark.parametrize(("dag_id", "cron"), CRONS.items())
def test_schedules_mean_the_same_on_both_majors(dagbag, dag_id, cron):
    timetable = dagbag.dags[dag_id].timetable
    assert type(timetable).__name__ == "CronTriggerTimetable"
    assert timetable.summary == cron


def test_the_daily_dag_reads_two_days_again(dagbag):
    assert dagbag.dags["datacoves_usage_daily"].get_task("collect").lookback_days == 2


def test_the_dag_of_all_services_reads_as_many_days_as_that_of_one(dagbag):
    one = dagbag.dags["datacoves_usage_daily"].get_task("collect")
    partial = dagbag.dags["usage_collect_daily"].get_task("collect").partial_kwargs
    assert (partial["lookback_days"], partial["catch_up_days"]) == (one.lookback_days, one.catch_up_days)


def test_the_monthly_dag_reads_the_month(dagbag):
    assert dagbag.dags["datacoves_usage_monthly"].get_task("collect").period == "month"


class TestBackfillForm:
    @pytest.fixture
    def params(self, dagbag):
        return dagbag.dags["usage_backfill"].params

    def test_the_connection_is_a_choice(self, params):
        assert params.get_param("usage_conn_id").schema["enum"] == CONN_IDS

    def test_every_field_has_a_title_and_a_help_text(self, params):
        for name in ("usage_conn_id", "start", "end", "filters"):
            param = params.get_param(name)
            assert param.schema["title"]
            assert param.description

    @pytest.mark.parametrize(
        "typed",
        [
            {"start": "2026-10-01"},
            {"start": "1.10.2026", "end": "2026-11-01"},
            {"start": "2026-10-01", "end": "2026-13-01"},
            {"start": "2026-10-01", "end": "2026-11-01", "usage_conn_id": "some_other_connection"},
        ],
        ids=str,
    )
    def test_what_is_typed_is_checked_before_anything_runs(self, params, typed):
        with pytest.raises(Exception, match=r"(?i)invalid|no value"):
            validate(params, typed)

    def test_what_fits_is_taken(self, params):
        typed = {"start": "2026-10-01", "end": "2026-11-01", "filters": '{"service": "airflow"}'}
        assert validate(params, typed)["filters"] == typed["filters"]

    def test_the_help_of_the_filters_names_all_of_them(self, params):
        help_text = params.get_param("filters").description
        for hook in (make_hook(api.conn_type) for api in APIS):
            assert [name for name in hook.api.filter_dimensions if f'"{name}"' not in help_text] == []


class TestCollectForm:
    @pytest.fixture
    def params(self, dagbag):
        return dagbag.dags["usage_collect_daily"].params

    def test_it_offers_the_connections_of_the_file_and_takes_all_unless_told_otherwise(self, params):
        param = params.get_param("usage_conn_ids")
        assert validate(params, {})["usage_conn_ids"] == CONN_IDS
        # Both majors make a choice of several of a list with examples, if what it holds is text.
        assert (param.schema["type"], param.schema["examples"]) == ("array", CONN_IDS)
        assert param.schema["items"]["type"] == "string"

    @pytest.mark.parametrize("typed", [["some_other_connection"], [*CONN_IDS, "usage_warehouse"], [], "b3os_default"])
    def test_nothing_but_connections_of_the_file_is_taken(self, params, typed):
        with pytest.raises(Exception, match=r"(?i)invalid"):
            validate(params, {"usage_conn_ids": typed})


def validate(params, typed):
    """What Airflow does with the form's values when a run is triggered."""
    from copy import deepcopy

    merged = deepcopy(params)
    merged.update(typed)
    return merged.validate()
