"""A user mistypes a day, asks for very many of them, and reads what to do at the end of the log."""

from __future__ import annotations

from tests.real_runs.cases import AIRFLOW

FEW_LINES = 4


def test_the_form_never_makes_another_day_of_what_was_typed(ui, datacoves):
    ui.open_trigger("usage_backfill")
    start = ui.page.locator("[name=element_start]")
    if AIRFLOW == 3:
        assert start.get_attribute("type") == "date"  # the browser's own: it shows the day that it sends
        return
    ui.type_params({"start": "15.1.2025", "end": "2025-02-01"})
    rejected = ui.press_trigger()
    ui.take_picture("backfill-refused-day")
    assert rejected.run_id is None
    assert "Invalid input for param start: '15.1.2025' is not a 'date'" in rejected.complaint


def test_more_than_400_days_run_only_if_they_are_confirmed(ui, datacoves, user):
    days = {"start": "2022-01-01", "end": "2023-03-05"}
    run_id, state = user.run("usage_backfill", "backfill-many-days", **days)
    assert state == "failed"
    assert "(not included) are 428 days. If you mean that" in ui.read_log("usage_backfill", run_id)
    ui.open_trigger("usage_backfill")
    ui.type_params(days)
    ui.switch_on("many_days")
    assert user.trigger("usage_backfill", "backfill-many-days-confirmed")[1] == "success"


def test_the_end_of_a_failed_tasks_log_says_what_to_do(ui, datacoves, user):
    run_id, _ = user.run("usage_backfill", "backfill-wrong-filters", start="2025-01-15", end="2025-02-01", filters="{")
    lines = ui.read_log("usage_backfill", run_id).strip().splitlines()
    ui.take_picture("failed-log")
    end = max(number for number, line in enumerate(lines) if "Post" in line)
    said = max(number for number, line in enumerate(lines) if "arguments are wrong: filters: is not JSON" in line)
    assert end - said <= FEW_LINES
