def get_provider_info():
    return {
        "package-name": "globex-usage",
        "name": "Globex usage",
        "description": "Render minutes of Globex",
        "connection-types": [
            {
                "connection-type": "globex",
                "hook-name": "Globex",
                "hook-class-name": "globex_usage.hook.GlobexHook",
                "conn-fields": {
                    "tenant_id": {"label": "Tenant id", "schema": {"type": ["string", "null"]}},
                    "billing_account_id": {"label": "Billing account id", "schema": {"type": ["string", "null"]}},
                },
            }
        ],
    }
