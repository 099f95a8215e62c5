def get_provider_info():
    return {
        "package-name": "acme-usage",
        "name": "Acme usage",
        "description": "Render minutes of Acme",
        "connection-types": [
            {
                "connection-type": "acme",
                "hook-name": "Acme",
                "hook-class-name": "acme_usage.hook.AcmeHook",
                "conn-fields": {
                    "tenant_id": {"label": "Tenant id", "schema": {"type": ["string", "null"]}},
                    "billing_account_id": {"label": "Billing account id", "schema": {"type": ["string", "null"]}},
                },
            }
        ],
    }
