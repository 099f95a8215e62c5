"""What Airflow shows of this package: one literal table, from which both Airflow majors are served."""

from __future__ import annotations

from typing import Any

from datacoves_usage_provider.client.settings import ClientSettings

_CLIENT_FIELDS: dict[str, Any] = {
    "billing_account_id": {
        "label": "Billing account id",
        "schema": {"type": ["string", "null"], "maxLength": 255},
        "description": "Who pays the bill, as it will appear in the tables. Default: the connection id. Set it: with "
        "the default, a renamed connection starts a new account.",
    },
    "timeout": {
        "label": "Timeout (seconds)",
        "schema": {"type": ["integer", "null"], "minimum": 1},
        "description": "How long a request may wait for data; it ends after ten times as long at the latest. "
        f"Default: {ClientSettings.timeout:g}.",
    },
    "verify": {
        "label": "Verify TLS",
        "schema": {"type": ["string", "null"]},
        "description": "true, false, or the path of a CA bundle on the workers. Default: "
        f"{str(ClientSettings.verify).lower()}.",
    },
    "max_answer_mb": {
        "label": "Largest response (MB)",
        "schema": {"type": ["integer", "null"], "minimum": 1},
        "description": f"A larger response is an error. Default: {ClientSettings.max_response_mb:g}.",
    },
}

# Not "extra": where it is hidden, the Test button of Airflow 2.10 does nothing.
# Not "port": Airflow 3.3.1 and 3.3.2 do not test a saved connection that has none (apache/airflow#73298).
_HIDDEN_FIELDS = ["schema", "login"]
_PORT_EXAMPLE = "0, or Airflow 3.3.1 and 3.3.2 cannot test the connection"


def _make_behaviour(*, host: str, host_example: str, key: str, key_example: str) -> dict[str, Any]:
    """Return how the form shows the standard fields: the vendor's word for host and key, and an example of each."""
    return {
        "hidden-fields": _HIDDEN_FIELDS,
        "relabeling": {"host": host, "password": key},
        "placeholders": {"host": host_example, "password": key_example, "port": _PORT_EXAMPLE},
    }


def _make_option(description: str, example: str, default: str | None) -> dict[str, Any]:
    kind = {"version_added": "0.2.0", "type": "string"}
    return {"description": description, **kind, "example": example, "default": default}


def get_provider_info() -> dict[str, Any]:
    return {
        "package-name": "airflow-provider-datacoves-usage",
        "name": "Datacoves Usage",
        "description": "Collects the usage of metered services into a warehouse table, every day exactly once.",
        "connection-types": [
            {
                "connection-type": "datacoves_billing",
                "hook-name": "Datacoves Billing",
                "hook-class-name": "datacoves_usage_provider.hooks.datacoves_billing.DatacovesBillingHook",
                "conn-fields": _CLIENT_FIELDS,
                "ui-field-behaviour": _make_behaviour(
                    host="Billing API URL",
                    host_example="https://api.example.com/api/v1/billing",
                    key="API key",
                    key_example="from the project's settings, section Keys",
                ),
            },
            {
                "connection-type": "adverity",
                "hook-name": "Adverity",
                "hook-class-name": "datacoves_usage_provider.hooks.adverity.AdverityHook",
                "conn-fields": {
                    "auth_scheme": {
                        "label": "Kind of key",
                        "schema": {"type": ["string", "null"], "enum": ["Token", "Bearer"], "default": "Token"},
                        "description": "Token: made with user credentials in the Management API. Bearer: made in "
                        "Adverity's user interface. Default: Token.",
                    },
                    **_CLIENT_FIELDS,
                },
                "ui-field-behaviour": _make_behaviour(
                    host="Instance URL",
                    host_example="https://example.datatap.adverity.com",
                    key="API key",
                    key_example="the key alone",
                ),
            },
            {
                "connection-type": "webcrawlerapi",
                "hook-name": "WebCrawlerAPI",
                "hook-class-name": "datacoves_usage_provider.hooks.webcrawlerapi.WebCrawlerApiHook",
                "conn-fields": _CLIENT_FIELDS,
                "ui-field-behaviour": _make_behaviour(
                    host="API URL",
                    host_example="https://api.webcrawlerapi.com",
                    key="Admin API key",
                    key_example="of the organization's admin",
                ),
            },
            {
                "connection-type": "b3os",
                "hook-name": "B3OS",
                "hook-class-name": "datacoves_usage_provider.hooks.b3os.B3osHook",
                "conn-fields": {
                    "organization_id": {
                        "label": "Organization id",
                        "schema": {"type": ["string", "null"], "maxLength": 255},
                        "description": "The organization whose workflows are loaded. Required.",
                    },
                    **_CLIENT_FIELDS,
                },
                "ui-field-behaviour": _make_behaviour(
                    host="API URL",
                    host_example="https://api.example.com",
                    key="API token",
                    key_example="the token alone",
                ),
            },
        ],
        "extra-links": ["datacoves_usage_provider.operators.links.UsagePageLink"],
        "config": {
            "datacoves_usage": {
                "description": "The usage page, which shows what CollectUsageOperator has loaded.",
                "options": {
                    "sql_conn_id": _make_option(
                        "The connection of the warehouse that the page reads.", "reporting", "usage_warehouse"
                    ),
                    "schema": _make_option(
                        "The schema of the usage tables. Default: what the connection's session decides.",
                        "finops",
                        None,
                    ),
                    "sub_account_id": _make_option(
                        "Which environment this Airflow is: its slug at Datacoves. With it, the page of each DAG on "
                        "Airflow 3 has a tab Usage.",
                        "abc123",
                        None,
                    ),
                },
            },
        },
    }
