"""A period's totals in XCom, which stays below 48 kB however many sub accounts there are."""

from __future__ import annotations

import json
from typing import Any

from datacoves_usage_provider.totals import GRAINS, PeriodTotals

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
    value = rest
    for grain in GRAINS:
        entries = [total.to_json() for total in totals.get(grain)]
        value = rest | {"totals": entries} | ({} if grain == "sub_account" else {"totals_by": grain})
        if _is_short(value):
            break
    return value


def _is_short(value: dict[str, Any]) -> bool:
    if len(value["totals"]) * _FEWEST_BYTES_OF_A_TOTAL > _MOST_BYTES:  # so the text of very many is never made
        return False
    sub_accounts = {total["sub_account_id"] for total in value["totals"]}
    return len(sub_accounts) <= _MOST_SUB_ACCOUNTS and len(json.dumps(value)) < _MOST_BYTES
