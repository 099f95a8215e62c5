"""The windows that a task loads, the period's own first."""

from __future__ import annotations

from datacoves_usage_provider.chunk import BillingAccount
from datacoves_usage_provider.hooks.filters import get_scope
from datacoves_usage_provider.hooks.usage import UsageHook
from datacoves_usage_provider.operators.arguments import CollectArguments
from datacoves_usage_provider.operators.days import days_before, group_days
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.warehouse.warehouse import Warehouse
from datacoves_usage_provider.window import ONE_DAY, UsageWindow


def choose_windows(
    hook: UsageHook, warehouse: Warehouse | None, period: UsageWindow, arguments: CollectArguments
) -> list[UsageWindow]:
    """
    Return ``period`` with the days before it that are read again, then those days that the load log lacks.

    In this order, a missed day that cannot be loaded does not keep the period out. A dry run, and days that were given
    explicitly, have the period alone.
    """
    if warehouse is None or arguments.window is not None:
        return [period]
    current = UsageWindow(period.start - ONE_DAY * arguments.lookback_days, period.end)
    missing = warehouse.find_missing_days(
        BillingAccount(hook.service_provider_name, hook.settings.billing_account_id),
        days_before(period, arguments.catch_up_days),
        get_scope(hook, UsageQuery(period, arguments.filters)),
    )
    return [current, *group_days(day for day in missing if day not in current)]


def is_whole_month(period: UsageWindow, arguments: CollectArguments) -> bool:
    """Tell whether ``period`` is the month that was asked for, and all of it: not cut, not given as days."""
    return arguments.window is None and arguments.period == "month" and period.end.day == 1
