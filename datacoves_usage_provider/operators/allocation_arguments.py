"""The allocating operator's arguments, checked together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datacoves_usage_provider.operators.argument_reader import ArgumentReader
from datacoves_usage_provider.operators.arguments import parse_period, parse_window
from datacoves_usage_provider.operators.rendered import (
    parse_boolean,
    parse_number_of_days,
    parse_required,
    parse_text,
)
from datacoves_usage_provider.window import Period, UsageWindow


@dataclass(frozen=True)
class AllocationArguments:
    """
    What a task is to allocate.

    ``window`` is what ``start`` and ``end`` say, None where ``period`` decides. With it, ``lookback_days`` and
    ``catch_up_days`` are 0.
    """

    sub_account_id: str
    airflow_conn_id: str
    airflow_schema: str | None
    billing_account_id: str | None
    period: Period
    window: UsageWindow | None
    lookback_days: int
    catch_up_days: int
    pod_per_task: bool
    team_tag_prefix: str | None
    sql_conn_id: str
    schema: str | None


def read_allocation_arguments(given: Mapping[str, Any]) -> AllocationArguments:
    """Return the checked arguments, or raise one ``UsageConfigError`` that lists everything that is wrong."""
    reader = ArgumentReader(given)
    read = reader.read
    window = read(parse_window, "start", "end")
    lookback_days = read(parse_number_of_days, "lookback_days")
    catch_up_days = read(parse_number_of_days, "catch_up_days")
    arguments = AllocationArguments(
        sub_account_id=read(parse_required, "sub_account_id"),
        airflow_conn_id=read(parse_required, "airflow_conn_id"),
        airflow_schema=read(parse_text, "airflow_schema"),
        billing_account_id=read(parse_text, "billing_account_id"),
        period=read(parse_period, "period"),
        window=window,
        lookback_days=0 if window else lookback_days,
        catch_up_days=0 if window else catch_up_days,
        pod_per_task=read(_parse_choice, "pod_per_task"),
        team_tag_prefix=read(parse_text, "team_tag_prefix"),
        sql_conn_id=read(parse_required, "sql_conn_id"),
        schema=read(parse_text, "schema"),
    )
    reader.check()
    return arguments


def _parse_choice(value: Any) -> bool:
    """Read a boolean that must be there: a template that renders to nothing must not choose another method."""
    if value is None:
        raise ValueError("must be true or false")
    return parse_boolean(value)
