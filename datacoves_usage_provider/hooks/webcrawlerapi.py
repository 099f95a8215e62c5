"""The Airflow connection type ``webcrawlerapi``."""

from __future__ import annotations

from datacoves_usage_provider.api.webcrawlerapi import WebCrawlerApi
from datacoves_usage_provider.hooks.usage import UsageHook


class WebCrawlerApiHook(UsageHook):
    """An organization's usage of WebCrawlerAPI; the key must be an admin's."""

    conn_type = "webcrawlerapi"
    hook_name = "WebCrawlerAPI"
    default_conn_name = "webcrawlerapi_default"
    api = WebCrawlerApi()
