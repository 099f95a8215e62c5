"""The Airflow connection type ``datacoves_billing``."""

from __future__ import annotations

from datacoves_usage_provider.api.datacoves_billing import DatacovesBillingApi
from datacoves_usage_provider.hooks.usage import UsageHook


class DatacovesBillingHook(UsageHook):
    """A project's Datacoves Billing API; the host is its URL as the admin panel gives it."""

    conn_type = "datacoves_billing"
    hook_name = "Datacoves Billing"
    default_conn_name = "datacoves_billing_default"
    api = DatacovesBillingApi()
