"""What Airflow shows of this package: one literal table, from which both Airflow majors are served."""

from __future__ import annotations

from typing import Any

_CLIENT_FIELDS: dict[str, Any] = {
    "billing_account_id": {
        "label": "Billing account id",
        "schema": {"type": ["string", "null"], "maxLength": 255},
        "description": "Whom the bill goes to, as it shall stand in the tables. Default: the connection id; set it, "
        "or a renamed connection starts a new account.",
    },
    "timeout": {
        "label": "Timeout (seconds)",
        "schema": {"type": ["integer", "null"], "minimum": 1},
        "description": "How long a request may wait for data. Default: 30.",
    },
    "verify": {
        "label": "Verify TLS",
        "schema": {"type": ["string", "null"]},
        "description": "true, false, or the path of a CA bundle on the workers. Default: true.",
    },
    "max_answer_mb": {
        "label": "Largest answer (MB)",
        "schema": {"type": ["integer", "null"], "minimum": 1},
        "description": "An answer above it is an error. Default: 100.",
    },
}

_HIDDEN_FIELDS = ["schema", "login", "port", "extra"]


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
                "ui-field-behaviour": {
                    "hidden-fields": _HIDDEN_FIELDS,
                    "relabeling": {"host": "Billing API URL", "password": "API key"},
                    "placeholders": {
                        "host": "https://api.example.com/api/v1/billing",
                        "password": "from the project's settings, section Keys",
                    },
                },
            },
            {
                "connection-type": "adverity",
                "hook-name": "Adverity",
                "hook-class-name": "datacoves_usage_provider.hooks.adverity.AdverityHook",
                "conn-fields": {
                    "auth_scheme": {
                        "label": "Key was made",
                        "schema": {"type": ["string", "null"], "enum": ["Token", "Bearer"], "default": "Token"},
                        "description": "Token: with user credentials in the Management API. Bearer: in Adverity's "
                        "user interface. Default: Token.",
                    },
                    **_CLIENT_FIELDS,
                },
                "ui-field-behaviour": {
                    "hidden-fields": _HIDDEN_FIELDS,
                    "relabeling": {"host": "Instance URL", "password": "API key"},
                    "placeholders": {"host": "https://example.datatap.adverity.com", "password": "the key alone"},
                },
            },
            {
                "connection-type": "webcrawlerapi",
                "hook-name": "WebCrawlerAPI",
                "hook-class-name": "datacoves_usage_provider.hooks.webcrawlerapi.WebCrawlerApiHook",
                "conn-fields": _CLIENT_FIELDS,
                "ui-field-behaviour": {
                    "hidden-fields": _HIDDEN_FIELDS,
                    "relabeling": {"host": "API URL", "password": "Admin API key"},
                    "placeholders": {
                        "host": "https://api.webcrawlerapi.com",
                        "password": "of the organization's admin",
                    },
                },
            },
            {
                "connection-type": "b3os",
                "hook-name": "B3OS",
                "hook-class-name": "datacoves_usage_provider.hooks.b3os.B3osHook",
                "conn-fields": {
                    "organization_id": {
                        "label": "Organization id",
                        "schema": {"type": ["string", "null"], "maxLength": 255},
                        "description": "Whose workflows. Required.",
                    },
                    **_CLIENT_FIELDS,
                },
                "ui-field-behaviour": {
                    "hidden-fields": _HIDDEN_FIELDS,
                    "relabeling": {"host": "API URL", "password": "API token"},
                    "placeholders": {"host": "https://api.example.com", "password": "the token alone"},
                },
            },
        ],
    }
