"""The button "Usage" of a task: from its run to the usage page."""

from __future__ import annotations

from typing import Any

from datacoves_usage_provider.compat import BaseOperatorLink, is_airflow_3


class UsagePageLink(BaseOperatorLink):
    """Leads to the page of the plugin (plugin.py), below the address of Airflow's web interface."""

    name = "Usage"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        from airflow.configuration import conf

        section, page = ("api", "plugin/datacoves_usage") if is_airflow_3() else ("webserver", "datacoves_usage/")
        base_url = str(conf.get(section, "base_url", fallback="/"))
        return f"{base_url.rstrip('/')}/{page}"
