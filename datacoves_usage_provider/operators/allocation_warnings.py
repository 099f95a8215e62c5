"""What a person should look at after an allocation, and what it may mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from statistics import median

from datacoves_usage_provider.allocation.day import AIRFLOW, AllocatedDay
from datacoves_usage_provider.text import list_warnings
from datacoves_usage_provider.totals import plain
from datacoves_usage_provider.window import ONE_DAY

DAYS_COMPARED = 28
_FEWEST_DAYS_COMPARED = 7
_MOST_DAYS = 10
_MEANINGS = {
    "below": (
        "less is billed than tasks ran. Is connection {conn_id!r} that environment's Airflow, and are its clocks "
        "right? Where several tasks share a worker, set pod_per_task=False."
    ),
    "above": (
        "more is billed than tasks explain; the rest is unattributed. Are task_instance_history and task_reschedule "
        "among the tables of connection {conn_id!r}, or does something else start pods, such as a sidecar or the "
        "KubernetesPodOperator?"
    ),
    "no_tasks": (
        "there is a bill, but no task. Is connection {conn_id!r} that environment's Airflow, are its copies up to "
        "date, or has it cleaned its tables?"
    ),
}


def find_warnings(
    subject: str, days: Collection[AllocatedDay], startups: Mapping[date, Decimal], conn_id: str
) -> Iterator[str]:
    """
    Yield a sentence about ``subject`` for each thing that is new, and for each day whose shares had to stay.

    What is as it was before is not told again.

    ``startups``: the seconds by which a pod's bill exceeds its run time, of ``days`` and of 28 days before them.
    """
    changed = [day for day in days if day.has_new_status]
    for status, meaning in _MEANINGS.items():
        if found := [day.day for day in changed if day.status == status and day.bills[AIRFLOW].quantity > 0]:
            yield f"{subject}, {_list(found)}: {meaning.format(conn_id=conn_id)}"
    slow = filter(None, (_compare_startup(day.day, startups) for day in days if day.has_news))
    kept = (_describe_kept(day, conn_id) for day in days if day.kept)
    for sentences in (slow, kept):
        yield from list_warnings(f"{subject}, {sentence}" for sentence in sentences)


def _compare_startup(day: date, startups: Mapping[date, Decimal]) -> str | None:
    """Return what to say of a day on which the start-up is at least twice the median of the days before it."""
    seconds = startups.get(day)
    before = [startups[one] for one in (day - ONE_DAY * n for n in range(1, DAYS_COMPARED + 1)) if one in startups]
    if seconds is None or len(before) < _FEWEST_DAYS_COMPARED or not 0 < 2 * median(before) <= seconds:
        return None
    return (
        f"{day}: {plain(seconds)} seconds of start-up per pod, while the median of the days before is "
        f"{plain(median(before))}. Do pods start more slowly, or do Airflow's tables lack tries that were billed?"
    )


def _describe_kept(day: AllocatedDay, conn_id: str) -> str:
    allocated = sum((row.quantity for row in day.kept), Decimal(0))
    billed = day.bills[AIRFLOW].quantity
    restated = (
        "" if allocated == billed else f" They add up to {plain(allocated)}, and the bill is now {plain(billed)}."
    )
    return (
        f"{day.day}: no task of this day is found any more through connection {conn_id!r}, so its shares stay as they "
        f"are.{restated} Did that Airflow clean its tables, or is it another one?"
    )


def _list(days: Iterable[date]) -> str:
    listed = [str(day) for day in days]
    more = [f"{len(listed) - _MOST_DAYS} more days"] if len(listed) > _MOST_DAYS else []
    return ", ".join([*listed[:_MOST_DAYS], *more])
