"""The Airflow connection type ``b3os``."""

from __future__ import annotations

from datacoves_usage_provider.api.b3os import B3osApi
from datacoves_usage_provider.hooks.usage import UsageHook


class B3osHook(UsageHook):
    """An organization's usage of B3OS; the extra ``organization_id`` is required."""

    conn_type = "b3os"
    hook_name = "B3OS"
    default_conn_name = "b3os_default"
    api = B3osApi()
