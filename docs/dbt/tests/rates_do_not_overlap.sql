-- Rates that are as specific as each other, of which one starts while the other is effective.
with placed as (
    select *, row_number() over (
        partition by service_provider_name, coalesce(billing_account_id, '*'), coalesce(service_name, '*'), sku_meter
        order by sku_price_effective_start
    ) as place
    from {{ ref('usage_rate') }}
)
select earlier.*
from placed as earlier
join placed as later
  on later.service_provider_name = earlier.service_provider_name
 and coalesce(later.billing_account_id, '*') = coalesce(earlier.billing_account_id, '*')
 and coalesce(later.service_name, '*') = coalesce(earlier.service_name, '*')
 and later.sku_meter = earlier.sku_meter
 and later.place > earlier.place
 and (earlier.sku_price_effective_end is null or later.sku_price_effective_start < earlier.sku_price_effective_end)
