"""A status that is worse, and a start-up that doubled, are told once, with what they may mean."""

from __future__ import annotations

import pytest

from tests.support.metadata import add_worked_day

TODAY = ("2026-11-04", "airflow")
SUBJECT = "environment 'abc123' of Datacoves account 'acme', 2026-11-04: "


@pytest.fixture
def find_warnings(allocate, printed):
    """Allocate and return the warnings about the environment that the task logs."""

    def find(**arguments) -> list[str]:
        printed()
        allocate(**arguments)
        lines = [line for line in printed() if "warning" in line.lower() and "environment '" in line]
        return [line[line.index("environment '") :] for line in lines]

    return find


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        pytest.param(5, "less is billed than tasks ran.", id="below"),
        pytest.param(12, "more is billed than tasks explain", id="above"),
    ],
)
def test_a_bill_that_does_not_fit_is_told_once(minutes, words, make_metadata, bill, find_warnings):
    add_worked_day(make_metadata("3"))
    bill({TODAY: minutes})
    (warning,) = find_warnings()
    assert warning.startswith(f"{SUBJECT}{words}")
    assert find_warnings() == []


def test_a_bill_that_fits_is_not_told(make_metadata, bill, find_warnings):
    add_worked_day(make_metadata("2"))
    bill({TODAY: 9})
    assert find_warnings() == []


def test_a_bill_without_any_task_is_told_unless_it_is_0(make_metadata, bill, find_warnings):
    make_metadata("2")
    bill({("2026-11-03", "airflow"): 0, TODAY: 9})
    (warning,) = find_warnings(lookback_days=1)
    assert warning.startswith(f"{SUBJECT}there is a bill, but no task.")


def test_a_status_that_changed_is_told_again(make_metadata, bill, find_warnings):
    add_worked_day(make_metadata("2"))
    bill({TODAY: 9})
    assert find_warnings() == []
    bill({TODAY: 12})
    assert len(find_warnings()) == 1


@pytest.mark.parametrize("minutes", [4, 13])
def test_a_bill_that_changed_is_not_told_again_while_its_status_is_as_before(
    minutes, make_metadata, bill, find_warnings
):
    add_worked_day(make_metadata("3"))
    bill({TODAY: 5 if minutes < 9 else 12})
    assert len(find_warnings()) == 1
    bill({TODAY: minutes})
    assert find_warnings() == []


@pytest.mark.parametrize(
    ("days", "minutes", "is_told"),
    [
        pytest.param(7, 3, True, id="doubled"),
        pytest.param(7, 2, False, id="not doubled"),
        pytest.param(6, 3, False, id="too few days to compare with"),
    ],
)
def test_a_startup_that_doubled_is_told(days, minutes, is_told, make_metadata, bill, find_warnings):
    """Each day has one pod that ran for 60 seconds; on the days before it started in 60, and now in 120 or 60."""
    metadata = make_metadata("3")
    names = [f"2026-{10 if day > 4 else 11}-{day:02}" for day in (*range(32 - days + 3, 32), 1, 2, 3, 4)]
    for day in names:
        metadata.add_tries(
            {
                "run_id": day,
                "queued_dttm": f"{day} 01:00",
                "start_date": f"{day} 01:01:30",
                "end_date": f"{day} 01:02:30",
            }
        )
    bill({(day, "airflow"): 2 for day in names[:-1]} | {TODAY: minutes})
    warnings = find_warnings(lookback_days=days)
    if is_told:
        (warning,) = warnings
        assert warning.startswith(
            f"{SUBJECT}120 seconds of start-up per pod, while the median of the days before is 60."
        )
    else:
        assert warnings == []
