"""
One day's bill split over DAGs, so that the shares add up to it. No SQL.

All that is computed is whole: microseconds, pods, and hundredths of a minute, which is what a share is rounded to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal, NamedTuple

from datacoves_usage_provider.allocation.pods import DagDay, add_up
from datacoves_usage_provider.allocation.tries import MINUTE, SECOND
from datacoves_usage_provider.columns import EXACT

HUNDREDTH = MINUTE // 100
_SLACK = 100  # hundredths: Datacoves bills whole minutes
UNATTRIBUTED = ""
"""Stands in place of a dag id for what no DAG explains."""

Status = Literal["below", "within", "above", "no_tasks"]


@dataclass(frozen=True)
class Share:
    """What a DAG gets of a bill; minutes. ``execution`` and ``startup`` add up to ``quantity``, or are both None."""

    dag_id: str
    quantity: Decimal
    pods: int = 0
    execution: Decimal | None = None
    startup: Decimal | None = None


@dataclass(frozen=True)
class Reconciliation:
    """A day's bill beside what its tasks allow, in minutes; ``startup_seconds`` is per pod, and may be negative."""

    billed: Decimal
    lower_bound: Decimal
    upper_bound: Decimal
    status: Status
    pods: int
    startup_seconds: Decimal | None


@dataclass(frozen=True)
class Split:
    """The shares of a day's bill, by dag id, what is unattributed first; ``reconciliation``: if the method has one."""

    shares: tuple[Share, ...]
    reconciliation: Reconciliation | None = None


def split_by_pods(billed: Decimal, dags: Mapping[str, DagDay]) -> Split:
    """
    Split by run time, and what the bill has beyond it by pods: each started one, which is billed, too.

    What the tasks cannot explain is unattributed. ``billed`` is minutes, at least 0.
    """
    with localcontext(EXACT):
        ran = _find_run(dags)
        reconciliation = reconcile(billed, dags)
        given = _floor(reconciliation.upper_bound if reconciliation.status == "above" else billed)
        shares = [
            _divide(Share(dag_id, _to_minutes(part), ran[dag_id].pods), ran[dag_id].execution)
            for dag_id, part in _apportion(given, _weigh(ran, given)).items()
        ]
        return Split(_complete(billed, shares), reconciliation)


def split_by_run_time(billed: Decimal, dags: Mapping[str, DagDay]) -> Split:
    """Split by run time alone, where minutes bear no other relation to tasks. ``billed`` is minutes, at least 0."""
    with localcontext(EXACT):
        ran = _find_run(dags)
        parts = _apportion(_floor(billed), {dag_id: dag.execution for dag_id, dag in ran.items()})
        shares = [Share(dag_id, _to_minutes(part), ran[dag_id].pods) for dag_id, part in parts.items()]
        return Split(_complete(billed, shares))


def split_nothing(billed: Decimal) -> Split:
    """Leave all of a bill unattributed that bears no relation to tasks."""
    return Split((Share(UNATTRIBUTED, billed),))


class Method(NamedTuple):
    """How Airflow's bill is split; ``id`` says so in the tables."""

    id: str
    split: Callable[[Decimal, Mapping[str, DagDay]], Split]


def choose_method(pod_per_task: bool) -> Method:
    if pod_per_task:
        return Method("execution-plus-startup-v1", split_by_pods)
    return Method("run-time-share-v1", split_by_run_time)


def reconcile(billed: Decimal, dags: Mapping[str, DagDay]) -> Reconciliation:
    total = add_up(dags.values())
    lower, upper = total.lower_bound // HUNDREDTH, -(-total.upper_bound // HUNDREDTH)
    status = _find_status(billed * 100, lower, upper) if any(dag.has_run for dag in dags.values()) else "no_tasks"
    startup = None
    if total.pods:
        seconds = (Fraction(billed) * MINUTE - total.execution) / (total.pods * SECOND)
        startup = Decimal(round(seconds * 1000)).scaleb(-3)
    return Reconciliation(billed, _to_minutes(lower), _to_minutes(upper), status, total.pods, startup)


def _find_run(dags: Mapping[str, DagDay]) -> dict[str, DagDay]:
    return {dag_id: dag for dag_id, dag in dags.items() if dag.has_run}


def _weigh(ran: Mapping[str, DagDay], given: int) -> dict[str, int]:
    """Return run time and a share of the start-up of all pods by DAG, each times the number of pods: so it is whole."""
    total = add_up(ran.values())
    startup = max(given * HUNDREDTH - total.execution, 0)
    return {dag_id: dag.execution * (total.pods or 1) + dag.pods * startup for dag_id, dag in ran.items()}


def _find_status(billed: Decimal, lower: int, upper: int) -> Status:
    """Compare hundredths, with a minute of slack on each side."""
    if billed + _SLACK < lower:
        return "below"
    return "above" if billed - _SLACK > upper else "within"


def _apportion(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """
    Split ``total`` in whole parts by largest remainder, equal ones by dag id, which is also the order of the result.

    The parts add up to ``total``, or are all 0 if the weights are.
    """
    if not (sum_of_weights := sum(weights.values())):
        return dict.fromkeys(sorted(weights), 0)
    parts = {dag_id: divmod(total * weights[dag_id], sum_of_weights) for dag_id in sorted(weights)}
    left = total - sum(floor for floor, _ in parts.values())
    by_remainder = sorted(parts, key=lambda dag_id: -parts[dag_id][1])
    rounded_up = set(by_remainder[:left])
    return {dag_id: floor + (dag_id in rounded_up) for dag_id, (floor, _) in parts.items()}


def _divide(share: Share, execution: int) -> Share:
    """Return the share with how much of it is run time, rounded up, and start-up."""
    ran = min(share.quantity, _to_minutes(-(-execution // HUNDREDTH)))
    return Share(share.dag_id, share.quantity, share.pods, ran, share.quantity - ran)


def _complete(billed: Decimal, shares: list[Share]) -> tuple[Share, ...]:
    """Put in front what is unattributed, if anything is, or if nothing else has a share."""
    unattributed = billed - sum((share.quantity for share in shares), Decimal(0))
    if unattributed or not shares:
        shares.insert(0, Share(UNATTRIBUTED, unattributed))
    return tuple(shares)


def _floor(minutes: Decimal) -> int:
    return int(minutes * 100)


def _to_minutes(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)
