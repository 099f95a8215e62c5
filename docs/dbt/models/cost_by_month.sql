-- What each month costs, by account, service and currency, with what has no price beside it.
select
    billing_period_start,
    service_provider_name,
    billing_account_id,
    service_name,
    billing_currency,
    sum(effective_cost) as effective_cost,
    sum(x_unpriced_rows) as x_unpriced_rows
from {{ source('usage', 'usage_cost_monthly') }}
group by billing_period_start, service_provider_name, billing_account_id, service_name, billing_currency
