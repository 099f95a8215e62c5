"""P17 in numbers: the worked example, each status, and any tasks with any bill."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoves_usage_provider.allocation.pods import DagDay
from datacoves_usage_provider.allocation.shares import (
    UNATTRIBUTED,
    Reconciliation,
    Share,
    split_by_pods,
    split_by_run_time,
    split_nothing,
)
from datacoves_usage_provider.allocation.tries import MINUTE, SECOND

SPLITS = (split_by_pods, split_by_run_time)
WORKED_DAY = {
    "load": DagDay(280 * SECOND, 2, 280 * SECOND, 315 * SECOND),
    "report": DagDay(20 * SECOND, 2, 0, 170 * SECOND),
    "nightly": DagDay(100 * SECOND, 0, 100 * SECOND, 100 * SECOND),
}


def share(dag_id: str, quantity: str, pods: int, execution: str, startup: str) -> Share:
    return Share(dag_id, Decimal(quantity), pods, Decimal(execution), Decimal(startup))


@pytest.mark.parametrize(
    ("billed", "status", "startup", "shares"),
    [
        (
            9,
            "within",
            35,
            [
                share("load", "5.83", 2, "4.67", "1.16"),
                share("nightly", "1.67", 0, "1.67", "0"),
                share("report", "1.50", 2, "0.34", "1.16"),
            ],
        ),
        (
            12,
            "above",
            80,
            [
                Share(UNATTRIBUTED, Decimal("2.25")),
                share("load", "6.21", 2, "4.67", "1.54"),
                share("nightly", "1.67", 0, "1.67", "0"),
                share("report", "1.87", 2, "0.34", "1.53"),
            ],
        ),
        (
            5,
            "below",
            -25,
            [
                share("load", "3.50", 2, "3.50", "0"),
                share("nightly", "1.25", 0, "1.25", "0"),
                share("report", "0.25", 2, "0.25", "0"),
            ],
        ),
    ],
)
def test_p17_the_worked_example_to_the_digit(billed, status, startup, shares):
    split = split_by_pods(Decimal(billed), WORKED_DAY)
    assert split.reconciliation == Reconciliation(
        Decimal(billed), Decimal("6.33"), Decimal("9.75"), status, 4, Decimal(startup)
    )
    assert list(split.shares) == shares


@pytest.mark.parametrize(
    ("billed", "status"),
    [("5.32", "below"), ("5.33", "within"), ("10.75", "within"), ("10.76", "above")],
)
def test_p17_a_bill_has_a_minute_of_slack_on_each_side(billed, status):
    assert split_by_pods(Decimal(billed), WORKED_DAY).reconciliation.status == status


def test_p17_bounds_are_rounded_outwards():
    split = split_by_pods(Decimal(1), {"a": DagDay(60_000_001, 1, 60_000_001, 60_000_001)})
    assert (split.reconciliation.lower_bound, split.reconciliation.upper_bound) == (Decimal("1.00"), Decimal("1.01"))


def test_p17_without_tasks_all_is_unattributed():
    split = split_by_pods(Decimal(7), {})
    assert split.shares == (Share(UNATTRIBUTED, Decimal(7)),)
    assert split.reconciliation == Reconciliation(Decimal(7), Decimal(0), Decimal(0), "no_tasks", 0, None)


def test_p17_a_bill_of_0_without_tasks_has_a_row():
    assert split_by_pods(Decimal(0), {}).shares == (Share(UNATTRIBUTED, Decimal(0)),)


def test_p17_a_task_that_only_waited_gives_its_dag_no_share_but_widens_the_bounds():
    split = split_by_pods(Decimal(3), {"waits": DagDay(upper_bound=MINUTE), "runs": DagDay(MINUTE, 1, MINUTE, MINUTE)})
    assert [(one.dag_id, one.quantity) for one in split.shares] == [("runs", Decimal(3))]
    assert split.reconciliation.upper_bound == 2


def test_p17_a_dag_with_a_pod_and_no_minute_has_a_row_of_0():
    split = split_by_pods(Decimal(0), {"a": DagDay(0, 1, 0, SECOND)})
    assert split.shares == (share("a", "0", 1, "0", "0"),)


def test_p17_equal_remainders_are_rounded_by_dag_id():
    dags = {name: DagDay(SECOND, 1, SECOND, MINUTE) for name in ("c", "b", "a")}
    assert [one.quantity for one in split_by_pods(Decimal(1), dags).shares] == [
        Decimal(text) for text in ("0.34", "0.33", "0.33")
    ]


def test_p17_run_time_alone_takes_all_of_the_bill_and_knows_no_startup():
    split = split_by_run_time(Decimal(100), {"a": DagDay(SECOND, 3, 0, SECOND), "b": DagDay(3 * SECOND, 1, 0, SECOND)})
    assert split.shares == (Share("a", Decimal(25), 3), Share("b", Decimal(75), 1))
    assert split.reconciliation is None
    assert split_by_run_time(Decimal(5), {"a": DagDay(0, 1, 0, SECOND)}).shares == (
        Share(UNATTRIBUTED, Decimal(5)),
        Share("a", Decimal(0), 1),
    )


def test_p17_other_services_are_unattributed():
    assert split_nothing(Decimal(4)).shares == (Share(UNATTRIBUTED, Decimal(4)),)
    exact = Decimal(f"{'9' * 20}.{'9' * 18}")
    assert split_nothing(exact).shares == (Share(UNATTRIBUTED, exact),)


MICROSECONDS = st.integers(0, 10**12)
DAGS = st.dictionaries(
    st.text(min_size=1), st.builds(DagDay, MICROSECONDS, st.integers(0, 500), MICROSECONDS, MICROSECONDS)
)
BILLS = st.decimals(0, 10**6, places=2) | st.integers(0, 10**18).map(Decimal) | st.decimals(0, 10**19, places=18)


@pytest.mark.parametrize("split", SPLITS)
@given(billed=BILLS, dags=DAGS)
def test_p17_any_shares_add_up_to_any_bill_and_none_is_negative(split, billed, dags):
    shares = split(billed, dags).shares
    assert sum(map(_exact, shares)) == _scale(billed)
    assert all(one.quantity >= 0 and (one.startup or 0) >= 0 and (one.execution or 0) >= 0 for one in shares)
    assert all(one.execution is None or one.execution + one.startup == one.quantity for one in shares)
    assert {one.dag_id for one in shares} - {UNATTRIBUTED} == {dag_id for dag_id, dag in dags.items() if dag.has_run}
    assert len({one.dag_id for one in shares}) == len(shares)


def _exact(one: Share) -> int:
    return _scale(one.quantity)


def _scale(minutes: Decimal) -> int:
    """Return attominutes, since a sum of decimals may be rounded."""
    numerator, denominator = minutes.as_integer_ratio()
    return numerator * (10**18 // denominator)


@pytest.mark.parametrize("split", SPLITS)
@given(billed=BILLS, dags=DAGS)
def test_p17_the_same_tasks_in_any_order_give_the_same_shares(split, billed, dags):
    assert split(billed, dict(reversed(dags.items()))) == split(billed, dags)
