"""A period's totals in XCom, which stays below 48 kB however many sub accounts there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from datacoves_usage_provider.totals import PeriodTotals, UsageTotal

_MOST_BYTES = 48_000
"""Airflow keeps the value in its metadata database, and shows it as one text."""
_MOST_SUB_ACCOUNTS = 200
_FEWEST_BYTES_OF_A_TOTAL = 150


def make_value(rest: dict[str, Any], totals: PeriodTotals) -> dict[str, Any]:
    """
    Return ``rest`` and its ``totals``: one for each sub account and service, of up to 200 sub accounts.

    If there are more of them, or the value would be too long, ``totals_by`` is ``"service"`` and ``sub_account_id`` is
    None; if it still is, ``totals_by`` is ``"meter"``, and ``service_name`` is None, too.
    """
    by_sub_account = totals.get()
    if len({total.sub_account_id for total in by_sub_account}) <= _MOST_SUB_ACCOUNTS and _fits(rest, by_sub_account):
        return _join(rest, by_sub_account)
    by_service = totals.get("service")
    if _fits(rest, by_service):
        return _join(rest, by_service, totals_by="service")
    return _join(rest, totals.get("meter"), totals_by="meter")


def _fits(rest: dict[str, Any], totals: Sequence[UsageTotal]) -> bool:
    if len(totals) * _FEWEST_BYTES_OF_A_TOTAL > _MOST_BYTES:  # spares writing the text of a hundred thousand
        return False
    return len(json.dumps(_join(rest, totals, totals_by="service"))) < _MOST_BYTES


def _join(rest: dict[str, Any], totals: Sequence[UsageTotal], **totals_by: str) -> dict[str, Any]:
    return rest | {"totals": [total.to_json() for total in totals]} | totals_by
