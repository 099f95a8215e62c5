"""``usage_report_monthly`` as Airflow runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.made_usage import make_usage


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_a_run_writes_the_month_before_it(run_dag, warehouse):
    make_usage(warehouse.uri)
    run = run_dag("usage_report_monthly", "2026-11-04")
    assert run.task[0] == "success", run.said
    assert run.xcom["month"] == "2026-10"
    names = [Path(name).name for name in run.xcom["files"]]
    assert names == [f"usage-2026-10{end}" for end in ("-costs.csv", "-days.csv", "-environments.csv", ".html")]
    # 26 to 31 October: 100 and 10 minutes a day, of which 10 were corrected away on the first.
    assert [(each["billing_account_id"], each["consumed_quantity"]) for each in run.xcom["totals"]] == [("acme", "650")]
    assert "650 <small>minutes</small>" in Path(run.xcom["files"][-1]).read_text()


@pytest.mark.parametrize("warehouse", ["sqlite"], indirect=True)
def test_the_recipe_mails_the_files_of_the_report(run_dag, warehouse, mail_server):
    make_usage(warehouse.uri)
    run = run_dag("usage_report_by_mail", "2026-11-04")
    assert run.task[0] == "success", run.said
    (mail,) = mail_server.mails
    assert mail["subject"] == "Usage in 2026-10"
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        f"usage-2026-10{end}" for end in ("-costs.csv", "-days.csv", "-environments.csv", ".html")
    ]
