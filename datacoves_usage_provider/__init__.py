"""
Collect the usage of metered services into a warehouse table, every day exactly once.

The names in ``__all__`` are the public ones: what SemVer covers, and all that an API of your own needs. Each is loaded
when it is first used, so that importing this package costs a DAG file nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_MODULES = {
    "AdverityHook": "hooks.adverity",
    "AllocateUsageOperator": "operators.allocation",
    "B3osHook": "hooks.b3os",
    "CheckBudgetsOperator": "operators.budgets",
    "ClientSettings": "client.settings",
    "CollectUsageOperator": "operators.usage",
    "DatacovesBillingHook": "hooks.datacoves_billing",
    "FinalUsageError": "exceptions",
    "JsonAmount": "client.decoding",
    "JsonCount": "client.decoding",
    "JsonId": "client.decoding",
    "JsonNumber": "client.decoding",
    "Meter": "meters",
    "ReportUsageOperator": "operators.report",
    "RetriableError": "exceptions",
    "Scope": "query",
    "SyncReferenceDataOperator": "operators.reference_data",
    "UsageApi": "api.usage_api",
    "UsageApiError": "exceptions",
    "UsageApiUnavailableError": "exceptions",
    "UsageConfigError": "exceptions",
    "UsageDataError": "exceptions",
    "UsageError": "exceptions",
    "UsageHook": "hooks.usage",
    "UsagePage": "api.usage_api",
    "UsageQuery": "query",
    "UsageRecord": "records",
    "UsageRequest": "client.request",
    "UsageWindow": "window",
    "WarehouseUnavailableError": "exceptions",
    "WebCrawlerApiHook": "hooks.webcrawlerapi",
    "decode_json": "client.decoding",
    "find_message": "client.decoding",
    "find_text": "client.decoding",
    "shorten": "text",
    "utc_day": "window",
}
__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
