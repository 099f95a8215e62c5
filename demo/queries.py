"""The queries of the demo, for a SQLite file. On SQLite, sums of decimals are doubles, so they are rounded."""

from __future__ import annotations

BY_DAY = """
SELECT charge_period_start AS day, service_provider_name AS provider,
       coalesce(nullif(sub_account_name, ''), sub_account_id) AS sub_account, service_name AS service,
       sku_meter AS meter, round(sum(consumed_quantity), 6) AS quantity, round(sum(effective_cost), 6) AS cost,
       billing_currency AS currency
FROM usage_daily
WHERE charge_period_start = ?
GROUP BY charge_period_start, provider, sub_account_id, service_name, sku_meter, billing_currency
ORDER BY provider, sub_account, service_name, sku_meter
"""
BY_MONTH = """
SELECT substr(billing_period_start, 1, 7) AS month, service_provider_name AS provider, sku_meter AS meter,
       max(x_days) AS days, round(sum(consumed_quantity), 6) AS quantity, round(sum(effective_cost), 6) AS cost,
       billing_currency AS currency
FROM usage_cost_monthly
WHERE x_line = 'usage'
GROUP BY month, provider, meter, currency
ORDER BY month, provider, meter
"""
VENDOR_MONTH = """
SELECT substr(billing_period_start, 1, 7) AS month, said.sub_account_name AS workspace, sku_meter AS meter,
       vendor_says, sum_of_days
FROM (
    SELECT billing_period_start, sub_account_id, sku_meter, sum(consumed_quantity) AS vendor_says
    FROM usage_vendor_month
    GROUP BY billing_period_start, sub_account_id, sku_meter
) JOIN (
    SELECT billing_period_start, sub_account_id, sku_meter, max(sub_account_name) AS sub_account_name,
           sum(consumed_quantity) AS sum_of_days
    FROM usage_daily
    WHERE service_provider_name = 'Adverity'
    GROUP BY billing_period_start, sub_account_id, sku_meter
) AS said USING (billing_period_start, sub_account_id, sku_meter)
ORDER BY month, workspace, meter
"""
LARGEST_DAGS = """
SELECT sub_account_id AS environment, allocated_resource_id AS dag, x_owners AS owners,
       round(sum(consumed_quantity), 2) AS minutes, round(sum(effective_cost), 2) AS cost, billing_currency AS currency
FROM usage_cost_by_dag
WHERE service_name = 'airflow' AND allocated_resource_id <> ''
GROUP BY environment, dag, owners, currency
ORDER BY minutes DESC
LIMIT 5
"""
BUDGETS = """
SELECT x_budget_name AS budget, x_as_of AS as_of, round(x_used, 2) AS used, x_amount AS amount, x_unit AS unit,
       round(x_forecast, 2) AS forecast, x_exceeds_on AS exceeds_on
FROM usage_budget_status
ORDER BY budget, as_of
"""
ALERTS = """
SELECT x_rule AS rule, x_text AS alert
FROM usage_alert
ORDER BY x_budget_name, x_rule
"""
