"""The task that writes a month's report: its files, its arguments, and what a failure leaves."""

from __future__ import annotations

import errno
import re
from datetime import date, datetime, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from datacoves_usage_provider import CollectUsageOperator, ReportUsageOperator, UsageConfigError, UsageError
from datacoves_usage_provider.compat import AirflowFailException, is_airflow_3
from datacoves_usage_provider.cost.forecast import get_month
from datacoves_usage_provider.operators.links import UsagePageLink
from datacoves_usage_provider.plugin import UsagePlugin
from datacoves_usage_provider.report.bars import label_days
from datacoves_usage_provider.report.csv_files import write_csv_files
from datacoves_usage_provider.report.period import make_month_period
from datacoves_usage_provider.report.reading import read_usage
from datacoves_usage_provider.report.storage import write_files
from tests.report.conftest import TODAY

NAMES = [
    "usage-2026-10-costs.csv",
    "usage-2026-10-dags.csv",
    "usage-2026-10-days.csv",
    "usage-2026-10-environments.csv",
    "usage-2026-10.html",
]

pytestmark = pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)


@pytest.fixture
def report(page_usage, tmp_path):
    folder = tmp_path / "reports"

    def run(**arguments):
        operator = ReportUsageOperator(task_id="report", **{"path": str(folder), **arguments})
        run = SimpleNamespace(dag_id="a_dag", run_id="a_run", run_after=datetime(2026, 11, 4, 5, tzinfo=timezone.utc))
        return operator.execute({"dag_run": run})

    return run


def test_a_run_writes_the_month_before_it(report, tmp_path):
    returned = report()
    assert returned["month"] == "2026-10"
    assert [Path(name).name for name in returned["files"]] == NAMES
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == NAMES
    assert {total["service_provider_name"] for total in returned["totals"]} == {"Datacoves", "B3OS"}
    assert {total["sku_meter"] for total in returned["totals"]} == {"Worker Minutes", "Compute Units", ""}


def test_the_html_needs_nothing_else(report):
    text = Path(report(formats="html")["files"][0]).read_text()
    assert "<script" not in text
    assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#)[^\"')\s]+", text) == []
    assert "Test &amp; &lt;QA&gt;" in text
    assert "<QA>" not in text
    assert len(text) < 300_000


def test_a_csv_file_is_one_that_a_spreadsheet_opens(report, tmp_path):
    report(formats=["csv"])
    content = (tmp_path / "reports" / "usage-2026-10-days.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfservice_provider_name,")
    assert b"\r\nDatacoves,analytics,Worker Minutes,Minutes,2026-10-31,loaded," in content


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "\uff1dHYPERLINK(1)", "\nname", "-1+1"], ids=ascii)
def test_no_name_is_run_as_a_formula(reader, name):
    period = make_month_period(get_month(date(2026, 10, 1)), TODAY)
    readings = read_usage(reader, period, all_accounts=True)
    readings.read[0].cells[0] = readings.read[0].cells[0]._replace(sub_account_name=name)
    assert f"'{name}" in write_csv_files(readings, period)["environments"].decode()


@pytest.mark.parametrize("separator", [";", "\t", "\n"], ids=ascii)
def test_no_part_of_a_name_is_run_as_a_formula_where_another_separator_is_usual(reader, separator):
    """Such as German Excel, which ends a cell at a semicolon whatever the quotes are."""
    period = make_month_period(get_month(date(2026, 10, 1)), TODAY)
    readings = read_usage(reader, period, all_accounts=True)
    name = f"a{separator}=HYPERLINK(1)"
    readings.read[0].cells[0] = readings.read[0].cells[0]._replace(sub_account_name=name)
    written = write_csv_files(readings, period)["environments"].decode()
    assert f"a{separator}'=HYPERLINK(1)" in written


def test_a_report_that_fails_leaves_the_old_one(report, tmp_path, warehouse):
    report()
    before = {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()}
    warehouse.query("DROP TABLE usage_load_log")
    with pytest.raises(AirflowFailException, match="does not have the usage tables"):
        report()
    assert {path.name: path.read_bytes() for path in (tmp_path / "reports").iterdir()} == before


def test_p19_a_table_without_rows_leaves_no_old_file(report, tmp_path, warehouse):
    report()
    other = tmp_path / "reports" / "usage-2026-09-dags.csv"
    other.write_text("of another month")
    warehouse.query("DELETE FROM usage_allocation")
    names = [name for name in NAMES if "dags" not in name]
    assert [Path(name).name for name in report(formats="html")["files"]] == ["usage-2026-10.html"]
    assert (tmp_path / "reports" / "usage-2026-10-dags.csv").exists()
    assert [Path(name).name for name in report()["files"]] == names
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted([*names, other.name])


def test_a_file_is_replaced_whole(tmp_path, warehouse):
    folder = tmp_path / "reports"
    write_files(str(folder), {"one.csv": b"old"})
    with (folder / "one.csv").open("rb") as reader:
        write_files(str(folder), {"one.csv": b"new and longer"})
        assert reader.read() == b"old"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"one.csv": b"new and longer"}


def test_a_folder_that_is_full_leaves_all_of_the_old_report(tmp_path, warehouse):
    too_long = "x" * 300
    write_files(str(tmp_path / "reports"), {"one.csv": b"old"})
    with pytest.raises(UsageConfigError):
        write_files(str(tmp_path / "reports"), {"one.csv": b"new", too_long: b""})
    assert (tmp_path / "reports" / "one.csv").read_bytes() == b"old"


@pytest.fixture
def storage():
    """The file system of URLs that begin with ``memory://``."""
    from fsspec.implementations.memory import MemoryFileSystem

    if is_airflow_3():
        from airflow.sdk.io import attach
    else:
        from airflow.io.store import attach
    attach("memory", fs=MemoryFileSystem())
    return MemoryFileSystem


@pytest.mark.filterwarnings("ignore:in a future version of UPath")  # of how Airflow 2 makes its paths
def test_any_object_storage_will_do(report, warehouse, storage):
    files = report(path="memory://bucket/reports")["files"]
    assert [name.rpartition("/")[2] for name in files] == NAMES
    assert all(name.startswith("memory://") for name in files)
    assert storage().cat("/bucket/reports/usage-2026-10.html").startswith(b"<!DOCTYPE html>")
    warehouse.query("DELETE FROM usage_allocation")
    report(path="memory://bucket/reports")
    assert not storage().exists("/bucket/reports/usage-2026-10-dags.csv")


PASSING = [
    ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
    requests.exceptions.ConnectionError("Max retries exceeded"),
    TimeoutError("timed out"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.ESTALE, "Stale file handle"),
    OSError("Please reduce your request rate."),  # s3fs, of SlowDown
]
FINAL = [
    PermissionError("Forbidden"),
    FileNotFoundError("The specified bucket does not exist"),
    OSError(errno.EROFS, "Read-only file system"),
    requests.exceptions.InvalidURL("No host"),
    ImportError("Install s3fs to access S3"),
]


@pytest.mark.filterwarnings("ignore:in a future version of UPath")
@pytest.mark.parametrize("error", [*PASSING, *FINAL], ids=repr)
def test_a_fault_of_the_storage_that_may_pass_is_tried_again_by_airflow(report, storage, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(storage, "_open", fail)
    with pytest.raises((UsageError, AirflowFailException)) as raised:
        report(path="memory://bucket/reports")
    assert isinstance(raised.value, AirflowFailException) == (error in FINAL)
    said = str(raised.value)
    assert f"be written to 'memory://bucket/reports': {type(error).__name__}: " in said
    assert ("Name a folder" in said, "Airflow's retries try again later" in said) == (error in FINAL, error in PASSING)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"month": "2026-13"}, "month: must be a month of the form YYYY-MM, not '2026-13'"),
        ({"month": "2026-1"}, "month: must be a month"),
        ({"month": "2999-01"}, "does not have a complete day yet"),
        ({"formats": "pdf"}, "formats: must be 'html' or 'csv', or both, not 'pdf'"),
        ({"formats": []}, "formats: must be"),
        ({"formats": 5}, "formats: must be 'html' or 'csv', or both, not 5"),
        ({"formats": [["html"]]}, "formats: must be"),
        ({"path": ""}, "path: is required"),
        ({"path": "reports"}, "cannot be written to 'reports': ValueError: it is not an absolute path"),
        ({"path": "nowhere://reports"}, "cannot be written to 'nowhere://reports'"),
        ({"path": "/dev/null/reports"}, "cannot be written to '/dev/null/reports'"),
        ({"sql_conn_id": "other"}, "There is no connection 'other'"),
    ],
    ids=str,
)
def test_a_wrong_argument_says_what_to_do(report, airflow_db, arguments, message):
    with pytest.raises(AirflowFailException) as raised:
        report(**arguments)
    assert message in str(raised.value)
    assert isinstance(raised.value.__cause__, UsageConfigError)


@pytest.mark.parametrize("formats", ["html,csv", "['html', 'csv']", ("csv", "html"), "html, csv"], ids=str)
def test_formats_may_be_text(report, formats):
    assert len(report(formats=formats)["files"]) == len(NAMES)


def test_the_button_of_a_task_leads_to_the_page(warehouse):
    link = UsagePageLink().get_link(None, ti_key=None)
    assert link.endswith("/plugin/datacoves_usage" if is_airflow_3() else "/datacoves_usage/")


@pytest.mark.filterwarnings("ignore:Using `httpx`")  # of what Airflow imports
@pytest.mark.parametrize(("version", "has_page"), [("3.0.6", False), ("3.1.1", False), ("3.1.2", True)])
def test_a_task_has_the_button_where_airflow_has_a_place_for_the_page(warehouse, monkeypatch, version, has_page):
    monkeypatch.setattr("airflow.__version__", version)
    plugin = UsagePlugin()
    pages = plugin.fastapi_apps if is_airflow_3() else plugin.appbuilder_views
    expected = has_page or not is_airflow_3()
    assert (bool(pages), bool(CollectUsageOperator.operator_extra_links)) == (expected, expected)


@pytest.mark.parametrize("count", [7, 31, 92])
def test_days_are_named_sparsely(warehouse, count):
    labels = [label for label in label_days([date.fromordinal(TODAY.toordinal() - n) for n in range(count)]) if label]
    assert 4 <= len(labels) <= 7
