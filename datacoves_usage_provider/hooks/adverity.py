"""The Airflow connection type ``adverity``."""

from __future__ import annotations

from datacoves_usage_provider.api.adverity import AdverityApi
from datacoves_usage_provider.hooks.usage import UsageHook


class AdverityHook(UsageHook):
    """An Adverity instance's Management API; the extra ``auth_scheme`` says how the key was made."""

    conn_type = "adverity"
    hook_name = "Adverity"
    default_conn_name = "adverity_default"
    api = AdverityApi()
